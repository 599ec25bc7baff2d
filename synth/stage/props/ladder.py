"""The ladder: two rails of yellow fibreglass with round aluminium rungs and rubber feet, upright over its foot."""

from __future__ import annotations

import numpy as np

from synth.motion.objects import LADDER_HEIGHT_M, LADDER_RUNGS_M, LADDER_WIDTH_M, RUNG_RADIUS_M
from synth.stage.props import finish
from synth.stage.props.solids import Solid, box, join, tube

RAIL_M = (0.062, 0.03)  # along x and y


def ladder() -> Solid:
    """Middle of the foot at the origin, rungs along y, rails along z."""
    fibre = finish.plain("fibreglass", (226, 170, 44), roughness=0.5, rough=0.02)
    metal = finish.plain("aluminium", (190, 194, 198), roughness=0.35, rough=0.02)
    rubber = finish.plain("ladder_rubber", (36, 36, 38), roughness=0.9)
    parts = []
    for sign in (-1, 1):
        y = sign * (LADDER_WIDTH_M - RAIL_M[1]) / 2
        parts.append(
            box((*RAIL_M, LADDER_HEIGHT_M - 0.05), fibre, at=(0, y, LADDER_HEIGHT_M / 2 + 0.025), repeat_m=0.3)
        )
        parts.append(box((0.08, 0.042, 0.05), rubber, at=(0, y, 0.025)))
    first, apart, count = LADDER_RUNGS_M
    y = np.linspace(-1, 1, 3) * (LADDER_WIDTH_M / 2 - RAIL_M[1] / 2)
    for k in range(count):
        middle = np.stack([0 * y, y, 0 * y + first + apart * k], axis=1)
        parts.append(tube(middle, np.full(3, RUNG_RADIUS_M), metal, sides=10, across=(0, 0, 1), lids=False))
    return join(parts)
