"""How factors, ways of sweeping and models are named and coloured, in figures and page alike.

The first six colours are after Okabe and Ito's palette, which people with any common colour blindness can tell apart;
four more follow for studies of many models, where the label at a line's end tells. Each has a lighter twin for dark
backgrounds. A factor without an entry is still shown, under its own name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

COLOURS = ("#bd4a06", "#0a6fae", "#087f5b", "#a8568a", "#8a6d00", "#5b5fc7", "#b3261e", "#006d77", "#4d4d4d", "#7a4b1e")
COLOURS_ON_DARK = (
    "#ff9a5c",
    "#62b8f0",
    "#4ccfa5",
    "#e59ac8",
    "#e0bd3f",
    "#a5a8ff",
    "#ff7b72",
    "#5cd0da",
    "#bdbdbd",
    "#d6a878",
)


@dataclass(frozen=True, kw_only=True)
class FactorLook:
    """Title, unit (written after a number), whether the last value meets the first, names of special values, and one
    sentence for a newcomer. named: every value is a name, and its number is not shown."""

    title: str
    unit: str = ""
    period: float | None = None
    names: dict[float, str] = field(default_factory=dict)
    meaning: str = ""
    named: bool = False

    def text(self, value: float) -> str:
        """A value with its unit, or its name: 90°, 3.5 m, −15°, lawn."""
        if self.named and float(value) in self.names:
            return self.names[float(value)]
        if self.period and value > self.period:  # where the circle closes
            value -= self.period
        return f"{value:g}".replace("-", "−") + self.unit

    def tick(self, value: float) -> str:
        """A value as a crowded axis shows it: with a degree sign, but without a unit that needs a space."""
        return self.text(value) if not self.unit.startswith(" ") else self.text(value).removesuffix(self.unit)

    def name_of(self, value: float) -> str:
        """The name of a special value ('left' at 90 degrees of azimuth), or nothing."""
        if self.named:
            return ""
        return self.names.get(float(value % self.period) if self.period else float(value), "")


FACTORS = {
    "azimuth": FactorLook(
        title="Azimuth",
        unit="°",
        period=360.0,
        names={0.0: "front", 90.0: "left", 180.0: "back", 270.0: "right"},
        meaning="the side of the body that is seen: 0° is its front, 90° its left, counting counter-clockwise",
    ),
    "elevation": FactorLook(
        title="Elevation",
        unit="°",
        names={0.0: "level"},
        meaning="how far above (positive) or below (negative) the horizontal the camera stands",
    ),
    "distance": FactorLook(title="Distance", unit=" m", meaning="from the camera to the point on the body it looks at"),
    "fov": FactorLook(title="Field of view", unit="°", meaning="the horizontal angle that the picture takes in"),
    "appearance": FactorLook(title="Appearance", meaning="who is seen: body, skin, hair and clothes"),
    "environment": FactorLook(title="Place", meaning="where the person is, with its ground, things and sky"),
    "props": FactorLook(title="Object in the hands", meaning="own: the activity's own; none: bare hands"),
    "sun_azimuth": FactorLook(
        title="Sun azimuth", unit="°", period=360.0, meaning="where the sun stands, 0° being before the person"
    ),
    "sun_elevation": FactorLook(title="Sun height", unit="°", meaning="how high above the horizon the sun stands"),
    "intensity": FactorLook(title="Sun strength", meaning="how strong the sun is; 1 is a clear noon"),
    "temperature": FactorLook(title="Sun colour", unit=" K", meaning="the sun's colour temperature; low is warm"),
    "ambient": FactorLook(title="Light of the sky", meaning="how bright the sky is; 1 is the place's own"),
    "tempo": FactorLook(title="Tempo", unit="×", meaning="how many times as fast the motion is performed"),
    "amplitude": FactorLook(title="Amplitude", unit="×", meaning="times as far as every joint strays from its mean"),
    "phase": FactorLook(title="Phase", meaning="the share of the cycle by which the motion is begun later"),
    "noise": FactorLook(title="Wavering", unit="°", meaning="standard deviation of a slow wavering of every joint"),
    "freeze": FactorLook(title="Frozen joints", meaning="the joints that keep their mean"),
    "mirror": FactorLook(
        title="Mirrored motion",
        names={0.0: "as it is", 1.0: "mirrored"},
        named=True,
        meaning="left and right exchanged in the motion",
    ),
}

WAYS = {
    "orbit": ("by orbit", "The camera walks around the person; the place behind, and the lit side, change with it."),
    "orbit_lit": ("by orbit with the sun", "Camera and sun turn together: the place changes, the lit side does not."),
    "turntable": ("by turntable", "The person turns in front of a camera, a place and a light that stand still."),
}


def factor_look(factor: str) -> FactorLook:
    """The look of a factor; one that has none is shown under its own name, without a unit."""
    return FACTORS.get(factor) or FactorLook(title=factor.replace("_", " ").capitalize())


def both_angles(sign: int) -> FactorLook:
    """Azimuth with the angles of Lyu et al. 2019 in brackets at the named values; ours = 90 + sign x theirs."""
    look = FACTORS["azimuth"]
    names = {ours: f"{name} ({sign * (ours - 90.0) % 360.0:g}°)" for ours, name in look.names.items()}
    return replace(look, names=names, meaning=f"{look.meaning}; in brackets the paper's own angle")


def sweep_title(factor: str, sweep: str) -> str:
    """'Azimuth by orbit', 'Elevation'."""
    return " ".join([factor_look(factor).title, *WAYS.get(sweep, ())[:1]])


def activity_title(activity: str) -> str:
    """'push_up' -> 'Push up'."""
    return activity.replace("_", " ").capitalize()


def colour_of(index: int, *, dark: bool = False) -> str:
    """Colour of the n-th model; they repeat after ten."""
    table = COLOURS_ON_DARK if dark else COLOURS
    return table[index % len(table)]
