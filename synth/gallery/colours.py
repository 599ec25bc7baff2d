"""Passes in false colour, so that a person sees what a program reads.

Depth by the perceptually even map viridis (Smith and van der Walt 2015), near bright; normals as (n + 1) / 2; flow by
the colour wheel of Baker et al. 2011, "A database and evaluation methodology for optical flow" (hue the direction,
strength the length); body parts in colours as different as can be; cut-outs on a chequerboard.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Mapping

import cv2
import numpy as np

from synth.errors import find

NOTHING = np.array([30, 30, 34], np.uint8)
_CHECK, _LIGHT, _DARK = 8, 205, 150
_HIDDEN, _SEEN = (220, 40, 40), (40, 230, 90)
Arrays = Mapping[str, np.ndarray]


def coloured(shown: str, arrays: Arrays, frame: int) -> np.ndarray:
    """uint8 (H, W, 3): one frame of a pass of a clip. arrays: the clip's passes, uint8 "frames" among them for
    "joints2d". Raises UnknownName for a pass that has no picture."""
    return find("pass with a picture", shown, _PICTURES)(arrays, frame)


def needs(shown: str) -> tuple[str, ...]:
    """The passes that the picture of a pass is made from."""
    return ("frames", "joints2d") if shown == "joints2d" else (shown,)


def _plain(name: str) -> Callable[[Arrays, int], np.ndarray]:
    return lambda arrays, frame: arrays[name][frame]


def _mask(arrays: Arrays, frame: int) -> np.ndarray:
    return np.where(arrays["mask"][frame][..., None] > 0, np.uint8(245), NOTHING)


def _parts(arrays: Arrays, frame: int) -> np.ndarray:
    return _palette()[arrays["parts"][frame]]


def _palette() -> np.ndarray:
    """(256, 3): hues by the golden angle, so that neighbouring labels differ."""
    colours = [colorsys.hsv_to_rgb(k * 0.381966 % 1.0, 0.55 + 0.35 * (k % 2), 0.95) for k in range(256)]
    table = np.round(255 * np.array(colours)).astype(np.uint8)
    table[0] = NOTHING
    return table


def _depth(arrays: Arrays, frame: int) -> np.ndarray:
    """One scale for the whole clip: from the nearest point to the 70th percentile of the finite depths."""
    everything, depth = arrays["depth"], arrays["depth"][frame]
    finite = everything[np.isfinite(everything)]
    if not finite.size:
        return np.broadcast_to(NOTHING, (*depth.shape, 3)).copy()
    near, far = finite.min(), max(np.percentile(finite, 70), finite.min() + 1e-3)
    share = np.clip((far - np.where(np.isfinite(depth), depth, far)) / (far - near), 0.0, 1.0)
    picture = cv2.cvtColor(cv2.applyColorMap(np.round(255 * share).astype(np.uint8), cv2.COLORMAP_VIRIDIS), 4)
    picture[~np.isfinite(depth)] = NOTHING
    return picture


def _normal(arrays: Arrays, frame: int) -> np.ndarray:
    normal = arrays["normal"][frame]
    picture = np.round(127.5 * (normal + 1.0)).astype(np.uint8)
    picture[(normal == 0).all(axis=-1)] = NOTHING
    return picture


def _flow(arrays: Arrays, frame: int) -> np.ndarray:
    """The last frame has no flow of its own and shows that of the one before. One scale for the clip."""
    flow = arrays["flow"][min(frame, len(arrays["flow"]) - 1)]
    most = max(float(np.percentile(np.linalg.norm(arrays["flow"], axis=-1), 99.5)), 0.1)
    hue = (np.degrees(np.arctan2(flow[..., 1], flow[..., 0])) % 360.0 / 2.0).astype(np.uint8)
    strength = np.round(255 * np.clip(np.linalg.norm(flow, axis=-1) / most, 0.0, 1.0)).astype(np.uint8)
    return cv2.cvtColor(np.stack([hue, strength, np.full_like(hue, 250)], axis=-1), cv2.COLOR_HSV2RGB)


def _joints(arrays: Arrays, frame: int) -> np.ndarray:
    """Green where a joint is seen, red where it is hidden, on a paler frame."""
    picture = (arrays["frames"][frame] // 2 + 100).astype(np.uint8)
    radius = max(1, picture.shape[0] // 120)
    for x, y, visible in arrays["joints2d"][frame]:
        if np.isfinite([x, y]).all():
            colour = _SEEN if visible > 0.5 else _HIDDEN
            cv2.circle(picture, (int(np.floor(x)), int(np.floor(y))), radius, colour, -1, cv2.LINE_AA)
    return picture


def _foreground(arrays: Arrays, frame: int) -> np.ndarray:
    cut = arrays["foreground"][frame].astype(np.float32)
    rows, columns = np.indices(cut.shape[:2]) // _CHECK
    ground = np.where((rows + columns) % 2, _DARK, _LIGHT)[..., None]
    share = cut[..., 3:] / 255.0
    return np.round(share * cut[..., :3] + (1.0 - share) * ground).astype(np.uint8)


_PICTURES: dict[str, Callable[[Arrays, int], np.ndarray]] = {
    "frames": _plain("frames"),
    "foreground": _foreground,
    "background": _plain("background"),
    "mask": _mask,
    "parts": _parts,
    "depth": _depth,
    "normal": _normal,
    "flow": _flow,
    "joints2d": _joints,
}
SHOWN: tuple[str, ...] = tuple(_PICTURES)
