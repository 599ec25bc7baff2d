"""Named lights, and what is wrong with one."""

import pytest

from synth.errors import UnknownName
from synth.factors import FactorError, Lighting
from synth.lights import PRESETS, LightError, lighting


def test_a_preset_a_table_and_a_preset_that_is_changed():
    assert lighting("evening") is PRESETS["evening"]
    assert lighting({"intensity": 0.5}) == Lighting(intensity=0.5)
    changed = lighting({"preset": "evening", "sun_elevation_deg": 30})
    assert (changed.sun_elevation_deg, changed.temperature_k) == (30.0, PRESETS["evening"].temperature_k)
    assert lighting(changed) is changed and lighting({}) == Lighting()


def test_the_presets_are_four_lights_that_differ_as_their_names_say():
    assert set(PRESETS) == {"noon", "evening", "overcast", "indoor_lamp"} and len(set(PRESETS.values())) == 4
    assert PRESETS["evening"].sun_elevation_deg < 15 < 60 < PRESETS["noon"].sun_elevation_deg
    assert PRESETS["indoor_lamp"].temperature_k < 3200 < PRESETS["overcast"].temperature_k
    assert PRESETS["overcast"].intensity < 0.3 < 1.0 < PRESETS["overcast"].ambient


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        ("evning", UnknownName, "'evening'"),
        ({"preset": "non"}, UnknownName, "'noon'"),
        ({"intensty": 1}, UnknownName, "'intensity'"),
        ({"preset": "noon", "intensity": 9}, FactorError, "intensity"),
        (3, LightError, "expected one of noon"),
    ],
)
def test_what_is_wrong_is_named(value, error, says):
    with pytest.raises(error, match=says):
        lighting(value)
