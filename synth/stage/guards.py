"""Guards: what stands between a camera and the person is not drawn.

A thing's guard is a plane with the thing behind it and the person before it. It is drawn only for cameras before the
plane; the half space before it being convex, it then cannot come between such a camera and the person. Of all upright
planes the one furthest from the person is taken, so that things vanish as late as possible. What is so low that it
hides nothing from a camera that looks slightly upwards needs no guard, nor does what surrounds the person and is seen
from inside alone.
"""

from __future__ import annotations

import numpy as np

from synth.stage.recipe import PlaceError
from synth.stage.shapes import Shape

UNGUARDED = 255
PERSON_M = 1.3  # nothing that is not flat comes nearer to the origin
_FLAT_M = 0.015
_SLOPE = 0.05  # height over distance from the origin under which a thing hides nothing
_MARGIN_M = 0.12  # a camera as close to a thing as this would look into it
_OVERHEAD_M = 2.3


def guard(shape: Shape, where: str) -> np.ndarray | None:
    """(4,) unit normal and offset of the plane before which a camera may see `shape`; None where it needs no guard.
    Raises PlaceError, naming `where`, for what would stand in the person."""
    points = shape.points
    if len(points) == 0 or points[:, 2].max() <= _FLAT_M:
        return None
    turn = np.radians(np.arange(0.0, 360.0, 2.0))
    normals = np.stack([np.cos(turn), np.sin(turn)], 1)
    reach = (points[:, :2] @ normals.T).max(axis=0)
    best = int(reach.argmin())
    if reach[best] <= -PERSON_M:
        low = points[:, 2].max() <= -_SLOPE * reach[best]
        return None if low else np.array([*normals[best], 0.0, reach[best] + _MARGIN_M])
    if points[:, 2].min() >= _OVERHEAD_M:
        return np.array([0.0, 0.0, -1.0, _MARGIN_M - points[:, 2].min()])
    raise PlaceError(
        f"{where} reaches within {max(-float(reach[best]), 0.0):.2f} m of the origin, where the person is; "
        f"expected {PERSON_M} m or more, or no higher than {_FLAT_M} m, or above {_OVERHEAD_M} m"
    )
