"""Light that has a name: presets of sun and sky for studies, galleries and the command line.

A preset says what a photographer would, in the terms of `synth.factors.Lighting`. Colour temperatures and heights of
the sun follow the usual tables for daylight and tungsten (Hunt, The Reproduction of Colour, 6th ed. 2004, ch. 10):
midday sun about 5,500 K, a low sun 3,000 K, an overcast sky 6,500 K, a tungsten lamp 2,900 K.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from synth.errors import CeterisError, UnknownName, find
from synth.factors import Lighting

PRESETS: dict[str, Lighting] = {
    "noon": Lighting(sun_azimuth_deg=40.0, sun_elevation_deg=65.0),
    "evening": Lighting(
        sun_azimuth_deg=75.0, sun_elevation_deg=11.0, intensity=0.75, temperature_k=3100.0, ambient=0.55
    ),
    "overcast": Lighting(sun_elevation_deg=70.0, intensity=0.15, temperature_k=6500.0, ambient=1.3),
    "indoor_lamp": Lighting(sun_elevation_deg=72.0, intensity=0.6, temperature_k=2900.0, ambient=0.45),
}
PRESET_KEY = "preset"


class LightError(CeterisError):
    """A light that is neither a preset's name nor a table."""


def lighting(value: str | Mapping | Lighting) -> Lighting:
    """The light that `value` describes.

    value: the name of a preset; or a table of fields of `Lighting`, which change the preset named by its key `preset`
    or, without one, the default light. Raises LightError, UnknownName for a preset or a field, FactorError for a
    value outside its range.
    """
    if isinstance(value, Lighting):
        return value
    if isinstance(value, str):
        return find("light preset", value, PRESETS)
    if not isinstance(value, Mapping):
        raise LightError(f"light {value!r}; expected one of {', '.join(PRESETS)}, or a table of keys and values")
    known = [item.name for item in dataclasses.fields(Lighting)]
    for key in value:
        if key not in (PRESET_KEY, *known):
            raise UnknownName("key of a light", str(key), (PRESET_KEY, *known))
    base = find("light preset", str(value[PRESET_KEY]), PRESETS) if PRESET_KEY in value else Lighting()
    return dataclasses.replace(base, **{key: given for key, given in value.items() if key != PRESET_KEY})
