"""Ground truth that follows from other ground truth: where joints are in the picture, and which can be seen.

A joint lies inside the body, so no pass shows it itself. It counts as visible where the first surface before the
camera is the flesh around it, or the garment or hair upon that: a surface of one of the body parts that meet at the
joint, which lies before it by no more than the flesh there reaches. So another limb, an object in the hand and
furniture hide it, and so does its own limb pointing at the camera (an elbow behind a forearm) and the far side of its
own part (an eye seen from behind). Worked out from joints, depth and part labels alone, so that every engine that
offers these gives the same, and the answer can be checked against them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from synth.frames import Camera

# The flesh around the joint at which a bone begins, by the first entry whose text the bone's name starts with: how far
# from the joint its surface may lie, metres, and the parts it shows (of `synth.body.PARTS`, a limb's without its side).
# Measured by rays from the joints of eight dressed people in thirteen activities: about the value that nineteen rays
# in twenty stay under which leave the body through skin or cloth that moves with the bones at the joint. For the
# trunk, of such rays as are level; for the eyes, as leave through the face; for the knuckles, short of the next finger.
FLESH: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("finger1-1", 0.065, ("hand",)),
    ("finger1-2", 0.04, ("hand",)),
    ("finger2-1", 0.035, ("hand",)),
    ("finger3-1", 0.035, ("hand",)),
    ("finger4-1", 0.035, ("hand",)),
    ("finger5-1", 0.035, ("hand",)),
    ("finger", 0.025, ("hand",)),
    ("metacarpal", 0.065, ("hand", "forearm")),
    ("wrist", 0.075, ("hand", "forearm")),
    ("lowerarm01", 0.12, ("forearm", "upper_arm")),
    ("lowerarm", 0.12, ("forearm",)),
    ("upperarm01", 0.13, ("upper_arm", "torso", "hair")),
    ("upperarm", 0.13, ("upper_arm",)),
    ("shoulder", 0.15, ("torso", "upper_arm", "hair")),
    ("clavicle", 0.23, ("torso", "hair")),
    ("toe", 0.075, ("foot",)),
    ("foot", 0.13, ("foot", "shin")),
    ("lowerleg01", 0.18, ("thigh", "shin", "skirt")),
    ("lowerleg", 0.15, ("shin", "skirt")),
    ("upperleg", 0.20, ("thigh", "torso", "skirt")),
    ("eye", 0.04, ("head",)),
    ("head", 0.16, ("head", "hair")),
    ("neck01", 0.12, ("head", "torso", "hair")),
    ("neck02", 0.12, ("head", "hair")),
    ("neck", 0.16, ("head", "hair")),
    ("spine01", 0.25, ("torso", "hair")),
    ("spine02", 0.25, ("torso", "hair")),
    ("spine03", 0.25, ("torso",)),
    ("spine", 0.25, ("torso", "skirt")),
    ("pelvis", 0.25, ("torso", "thigh", "skirt")),
    ("root", 0.25, ("torso", "thigh", "skirt")),
)
OTHER_M = 0.10
_AROUND = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])  # the pixels whose centres are the corners about a place


@functools.cache
def flesh(names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The flesh around the joint at which each bone begins: (J,) metres it reaches, and (J, 256) bool the part labels
    it shows. A bone of an unknown name has OTHER_M, and any part of the person."""
    from synth.body.character import PARTS  # with it comes scipy: half a second

    reach_m, own = np.full(len(names), OTHER_M), np.zeros((len(names), 256), bool)
    for j, name in enumerate(names):
        found = next((row for row in FLESH if name.startswith(row[0])), None)
        if found is None:
            own[j, 1 : len(PARTS)] = True
            continue
        reach_m[j] = found[1]
        ends = {".L": ("", "_left"), ".R": ("", "_right")}.get(name[-2:], ("", "_left", "_right"))
        own[j, [PARTS.index(part + end) for part in found[2] for end in ends if part + end in PARTS]] = True
    reach_m.flags.writeable = own.flags.writeable = False  # the next who asks gets the same arrays
    return reach_m, own


def joints2d(
    joints_m: np.ndarray, depth: np.ndarray, parts: np.ndarray, camera: Camera, names: Sequence[str]
) -> np.ndarray:
    """Joints in the picture: (T, J, 3) float32 x, y in pixels (centres at +0.5) and 1 where visible, else 0.

    A joint is visible if it is before the camera, inside the picture, and the flesh around it is the first surface
    there: at the centre of its pixel; or, where what that centre shows lies behind the joint (a finger may pass beside
    the centre of every pixel), at one of the four centres about it. Pixels of joints behind the camera are nan.

    Args:
        joints_m: (T, J, 3) world metres. depth: (T, H, W) planar, inf where nothing is. parts: (T, H, W) uint8 labels
            of `synth.body.PARTS`, what is no person being none of them. names: (J,) of the bones.
    """
    projected = camera.project(joints_m)
    before = projected[..., 2] > 0
    place = np.where(before[..., None], projected[..., :2], np.nan)
    inside = before & (place >= 0).all(axis=-1) & (place < (camera.width, camera.height)).all(axis=-1)
    column, row = _looked_at(np.where(inside[..., None], place, 0.5), camera)
    frame, joint = (np.arange(n)[:, None] for n in joints_m.shape[:2])
    # From planar depth to metres along the ray, in which flesh is measured.
    stretch = np.linalg.norm(joints_m - np.array(camera.position_m), axis=-1) / np.where(inside, projected[..., 2], 1)
    gap_m = (projected[..., 2:] - depth[frame[..., None], row, column]) * stretch[..., None]
    reach_m, own = flesh(tuple(names))
    shown = own[joint, parts[frame[..., None], row, column]] & (gap_m <= reach_m[:, None])
    visible = inside & (shown[..., 0] | ((gap_m[..., 0] < 0) & shown.any(axis=-1)))
    return np.concatenate([place, visible[..., None]], axis=-1).astype(np.float32)


def _looked_at(place: np.ndarray, camera: Camera) -> np.ndarray:
    """Columns and rows (2, T, J, 5) of the pixel that each place (T, J, 2) lies in, and of the four about it."""
    around = np.floor(place - 0.5)[..., None, :] + _AROUND
    pixels = np.concatenate([np.floor(place)[..., None, :], around], axis=-2).astype(int)
    return np.moveaxis(np.clip(pixels, 0, (camera.width - 1, camera.height - 1)), -1, 0)
