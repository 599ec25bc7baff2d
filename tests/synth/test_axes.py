"""The factors one by one: each moves its own field and no other."""

import dataclasses

import pytest

from synth.axes import AXES, FLAG, NAME, AxisError, get, set_value, value
from synth.errors import UnknownName
from synth.factors import ClipSpec, MotionRef

SPEC = ClipSpec(motion=MotionRef(activity="squat"))
OTHER = {"appearance": "ben", "environment": "plane", "freeze": "head", "props": "none"}


@pytest.mark.parametrize("name", AXES)
def test_an_axis_moves_its_own_field_alone(name):
    axis = AXES[name]
    level = OTHER[name] if axis.kind == NAME else (True if axis.kind == FLAG else axis.low * 0.25 + axis.high * 0.75)
    moved = set_value(SPEC, name, level)
    assert value(moved, name) == pytest.approx(level)
    before, after = SPEC.flat(), moved.flat()
    assert [field for field in before if before[field] != after[field]] == [axis.path]
    assert set_value(moved, axis, value(SPEC, axis)) == SPEC


@pytest.mark.parametrize("name", [name for name, axis in AXES.items() if axis.kind == "number"])
def test_the_declared_range_is_the_one_that_recipes_keep(name):
    axis = AXES[name]
    for end in (axis.low, axis.high):
        assert value(set_value(SPEC, name, end), name) == end
    for beyond in (axis.low - 1e-3, axis.high + 1e-3, float("nan"), "3", True):
        with pytest.raises(AxisError, match=f"^{name} = "):
            set_value(SPEC, name, beyond)


def test_an_angle_comes_round():
    assert value(set_value(SPEC, "azimuth", -90), "azimuth") == 270.0


@pytest.mark.parametrize(
    ("name", "level", "says"),
    [
        ("mirror", 1, "true or false"),
        ("freeze", "left_am", "joint groups: left_arm"),
        ("props", "", "a name"),
        ("appearance", "no/name", "no plain name"),
    ],
)
def test_what_a_factor_cannot_be_is_named(name, level, says):
    with pytest.raises(AxisError, match=says):
        set_value(SPEC, name, level)


def test_a_misspelt_factor_names_the_nearest():
    with pytest.raises(UnknownName, match="'azimuth'"):
        get("azimut")


def test_every_field_of_view_light_and_manner_is_an_axis():
    paths = {axis.path for axis in AXES.values()}
    for part in ("lighting", "manner"):
        fields = {f"{part}.{item.name}" for item in dataclasses.fields(getattr(SPEC, part))}
        assert fields - paths <= {"manner.noise_seed"}
