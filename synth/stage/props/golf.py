"""The golf club: a driver, its head centred on the shaft so that it serves both hands."""

from __future__ import annotations

import numpy as np

from synth.motion.objects import CLUB_END_M, CLUB_HEAD_M
from synth.stage.props import finish
from synth.stage.props.solids import Solid, ellipsoid, join, tube


def club() -> Solid:
    """Grip at the origin, shaft down to the head, whose face looks to +x."""
    rubber = finish.plain("rubber", (34, 34, 36), roughness=0.8, rough=0.1)
    steel = finish.plain("steel", (196, 200, 206), roughness=0.25)
    lacquer = finish.plain("lacquer", (44, 46, 54), roughness=0.2)
    grip = _rod((CLUB_END_M, -0.15), (0.0145, 0.0115), rubber)
    shaft = _rod((-0.14, 0.02 - CLUB_HEAD_M), (0.0085, 0.006), steel)
    return join([grip, shaft, _head(lacquer, steel)])


def _rod(heights: tuple[float, float], radii: tuple[float, float], skin) -> Solid:
    z = np.linspace(*heights, 4)
    return tube(np.stack([0 * z, 0 * z, z], 1), np.linspace(*radii, 4), skin, sides=8)


def _head(lacquer, steel) -> Solid:
    """A pear of 11 by 12 by 6 cm, cut flat where the face is."""
    body = ellipsoid((0.075, 0.06, 0.032), lacquer, at=(-0.045, 0.0, -CLUB_HEAD_M), rows=10, columns=18)
    face_x = 0.006
    points = body.points.copy()
    points[:, 0] = np.minimum(points[:, 0], face_x)
    normals = np.where((body.points[:, :1] > face_x), [1.0, 0.0, 0.0], body.normals)
    body = Solid(points, normals, body.uv, body.faces, body.skin, body.skins)
    face = ellipsoid((0.004, 0.046, 0.021), steel, at=(face_x, 0.0, -CLUB_HEAD_M), rows=6, columns=12)
    return join([body, face])
