"""Bow, string and arrow: a recurve bow of 1.6 m."""

from __future__ import annotations

import numpy as np

from synth.motion.objects import ARROW_M, BOW_TIP_M
from synth.stage.props import finish
from synth.stage.props.solids import Solid, box, join, tube

STRING_RADIUS_M = 0.0028


def bow() -> Solid:
    """Grip at the origin, limbs along z that bend towards the archer (-x) and back at their ends."""
    wood = finish.wood("bow_wood", (150, 84, 40), streaks=0.2)
    leather = finish.plain("bow_leather", (52, 34, 26), roughness=0.8, rough=0.1)
    tip_x, tip_z = BOW_TIP_M
    share = np.linspace(-1, 1, 29)
    out = np.abs(share)
    x = tip_x * (1.12 * out**1.9 - 0.12 * np.clip((out - 0.8) / 0.2, 0, 1) ** 2)
    middle = np.stack([x - 0.004, 0 * share, tip_z * share], axis=1)
    thick = 0.009 + 0.009 * np.exp(-((out / 0.16) ** 2))
    wide = 0.012 + 0.012 * np.exp(-(((out - 0.3) / 0.25) ** 2)) - 0.006 * out
    limbs = tube(middle, np.stack([thick, wide], 1), wood, sides=8)
    z = np.linspace(-0.06, 0.06, 5)
    grip = tube(np.stack([0 * z - 0.003, 0 * z, z], 1), np.full((5, 2), (0.019, 0.0165)), leather, sides=10)
    return join([limbs, grip])


def bowstring() -> Solid:
    """A unit length of string from the origin along +z."""
    z = np.linspace(0, 1, 5)
    skin = finish.plain("string", (228, 222, 206), roughness=0.7)
    return tube(np.stack([0 * z, 0 * z, z], 1), np.full(5, STRING_RADIUS_M), skin, sides=6)


def arrow() -> Solid:
    """Nock at the origin, point at +x: shaft, three feathers, tip."""
    shaft_skin = finish.wood("shaft", (196, 164, 110))
    red, white = (finish.plain(n, c, roughness=0.8) for n, c in (("fletch_red", (196, 44, 40)), ("fletch", (236,) * 3)))
    steel = finish.plain("arrow_steel", (120, 124, 130), roughness=0.3)
    x = np.linspace(0, ARROW_M - 0.04, 6)
    parts = [tube(np.stack([x, 0 * x, 0 * x], 1), np.full(6, 0.005), shaft_skin, sides=8, across=(0, 1, 0))]
    x = np.array([ARROW_M - 0.045, ARROW_M - 0.03, ARROW_M])
    parts.append(tube(np.stack([x, 0 * x, 0 * x], 1), np.array([0.0055, 0.007, 0.0005]), steel, sides=8))
    for k, skin in enumerate((red, white, white)):
        angle = 2 * np.pi * k / 3
        turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
        parts.append(box((0.09, 0.0016, 0.018), skin, at=(0.075, 0.0, 0.0125)).turned(turn))
    return join(parts)
