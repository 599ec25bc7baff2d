"""Recipes: ranges, ids, and the three ways of sweeping azimuth."""

import dataclasses

import numpy as np
import pytest

from synth.factors import Appearance, ClipSpec, FactorError, Lighting, MotionRef, Viewpoint
from synth.frames import rotation_z
from synth.resolve import resolve

SPEC = ClipSpec(motion=MotionRef(activity="squat"), num_frames=4, fps=10)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Viewpoint(distance_m=0.2), "inside the body"),
        (lambda: Viewpoint(elevation_deg=95), r"\[-89, 89\]"),
        (lambda: Viewpoint(azimuth_deg=float("nan")), "finite"),
        (lambda: Viewpoint(azimuth_deg=10**400), "not a number of type float"),
        (lambda: dataclasses.replace(SPEC, width=-(10**400)), "not a number of type int"),
        (lambda: dataclasses.replace(SPEC, look_at_m=(0, 0, 10**400)), "not a point"),
        (lambda: Viewpoint(sweep="spiral"), "not one of orbit"),
        (lambda: dataclasses.replace(SPEC, fov_deg=0), "field of view"),
        (lambda: dataclasses.replace(SPEC, num_frames=0), "num_frames"),
        (lambda: dataclasses.replace(SPEC, num_frames=2.5), "not a number of type int"),
        (lambda: dataclasses.replace(SPEC, width=float("inf")), "not a number of type int"),
        (lambda: dataclasses.replace(SPEC, look_at_m=(0, 1)), "not a point"),
        (lambda: dataclasses.replace(SPEC, seed=-1), "seed"),
        (lambda: Appearance(name=3), "plain name"),
        (lambda: Lighting(temperature_k=100), "temperature_k"),
        (lambda: MotionRef(activity="../x"), "plain name"),
        (lambda: MotionRef.parse("squat"), "source/activity/variant"),
    ],
)
def test_values_out_of_range_say_what_is_allowed(build, says):
    with pytest.raises(FactorError, match=says):
        build()


def test_equal_recipes_have_one_id_and_any_change_another():
    digests = {"motion": "aa", "build": "1"}
    assert SPEC.clip_id(digests) == dataclasses.replace(SPEC, fps=10.0).clip_id(dict(reversed(digests.items())))
    others = [
        dataclasses.replace(SPEC, start_s=0.1),
        dataclasses.replace(SPEC, viewpoint=Viewpoint(azimuth_deg=1)),
        dataclasses.replace(SPEC, repeat=1),
    ]
    ids = {SPEC.clip_id(digests), SPEC.clip_id({**digests, "motion": "ab"}), *(o.clip_id(digests) for o in others)}
    assert len(ids) == 5 and all(len(i) == 20 for i in ids)


def test_a_recipe_survives_its_canonical_form():
    assert ClipSpec.from_canonical(SPEC.canonical()) == SPEC
    assert SPEC.flat()["viewpoint.azimuth_deg"] == 0.0 and SPEC.flat()["look_at_m.z"] == 0.9


def test_orbit_moves_the_camera_turntable_the_person_and_orbit_lit_the_sun_too():
    views = {
        s: dataclasses.replace(SPEC, viewpoint=Viewpoint(azimuth_deg=90, sweep=s))
        for s in ("orbit", "turntable", "orbit_lit")
    }
    seen = {sweep: resolve(spec) for sweep, spec in views.items()}
    assert seen["orbit"].camera.position_m == pytest.approx((0, 3.5, 0.9), abs=1e-9)
    assert seen["orbit"].human_yaw_deg == 0
    assert seen["turntable"].camera.position_m == pytest.approx((3.5, 0, 0.9), abs=1e-9)
    assert seen["turntable"].human_yaw_deg == -90
    assert seen["orbit_lit"].lighting.sun_azimuth_deg == SPEC.lighting.sun_azimuth_deg + 90


@pytest.mark.parametrize("azimuth_deg", [30.0, 90.0, 200.0])
def test_a_turntable_turns_about_the_point_looked_at_so_that_the_person_is_framed_as_from_an_orbit(azimuth_deg):
    aimed = dataclasses.replace(SPEC, look_at_m=(0.4, -0.2, 0.9))
    orbit, table = (
        resolve(dataclasses.replace(aimed, viewpoint=Viewpoint(azimuth_deg=azimuth_deg, sweep=sweep)))
        for sweep in ("orbit", "turntable")
    )
    points = np.array([[0.5, 0.3, 1.5], [-0.1, -0.4, 0.2]])
    turned = points @ rotation_z(table.human_yaw_deg).T + table.human_position_m
    assert table.camera.project(turned) == pytest.approx(orbit.camera.project(points), abs=1e-6)
    assert orbit.human_position_m == (0, 0, 0)


def test_the_floor_jitters_within_its_bounds_and_never_by_the_swept_value():
    jittered = [
        resolve(dataclasses.replace(SPEC, repeat=1, seed=5, start_s=1.0, viewpoint=Viewpoint(azimuth_deg=a)))
        for a in (0, 90)
    ]
    shifts = [r.times_s[0] - 1.0 for r in jittered]
    assert shifts[0] == shifts[1] != 0 and abs(shifts[0]) <= 0.05
    assert np.diff(jittered[0].times_s) == pytest.approx(0.1)
    assert abs(jittered[0].camera.yaw_deg - 180) <= 0.5 + 45 / 112


def test_numbers_finer_than_the_wire_are_one_recipe():
    """What is read back from a manifest is the recipe that was written."""
    fine = dataclasses.replace(SPEC, viewpoint=Viewpoint(azimuth_deg=-1e-17, distance_m=3.5 + 1e-9), start_s=0.1 + 1e-9)
    assert ClipSpec.from_canonical(fine.canonical()) == fine and fine.viewpoint.azimuth_deg == 0.0
    for point in (None, ("a", 0, 0), (0.0, float("nan"), 0.0)):
        with pytest.raises(FactorError, match="not a point"):
            dataclasses.replace(SPEC, look_at_m=point)
