"""What can be asked of the renderer, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from synth.errors import CeterisError
from synth.frames import Camera
from synth.stage.outputs import PASSES

if TYPE_CHECKING:
    from synth.stage.meshes import Body

_MOST_PIXELS = 1 << 31


class RenderError(CeterisError):
    """A request that cannot be rendered: says what was got and what is expected."""


def check(
    body: Body | None, rotations, root, cameras: Sequence[Camera], passes: Sequence[str], props: np.ndarray | None
) -> None:
    """Raises RenderError unless shapes, cameras and passes are such as `render` describes."""
    unknown = [name for name in passes if name not in PASSES]
    if unknown or not passes:
        raise RenderError(f"passes {list(passes)!r}: expected one or more of {', '.join(PASSES)}")
    if not cameras or len({(c.width, c.height) for c in cameras}) != 1:
        sizes = sorted({(c.width, c.height) for c in cameras})
        raise RenderError(f"cameras of sizes {sizes}: expected one or more cameras of one width and height")
    if np.ndim(root) != 2 or np.shape(root)[1] != 3:
        raise RenderError(f"root of shape {np.shape(root)}: expected (P, 3)")
    pixels = len(root) * len(cameras) * cameras[0].width * cameras[0].height
    if pixels >= _MOST_PIXELS:
        raise RenderError(f"{pixels} pixels at once, expected fewer than {_MOST_PIXELS}; ask for fewer poses a call")
    if body is not None:
        _check_poses(body, rotations, root, props)


def _check_poses(body: Body, rotations, root, props) -> None:
    """Raises RenderError unless a body and its props can be posed so."""
    expected = {"rotations": (rotations, (len(root), body.bones, 3, 3))}
    if props is not None:
        expected["prop_poses"] = (props, (len(root), body.props, 3, 4))
    for name, (values, shape) in expected.items():
        if np.shape(values) != shape:
            raise RenderError(f"{name} of shape {np.shape(values)}: expected {shape}")
        if not np.isfinite(values).all():
            raise RenderError(f"{name} hold a value that is not finite: the motion they come from is broken")
    if not np.isfinite(root).all():
        raise RenderError("root holds a value that is not finite: the motion it comes from is broken")
