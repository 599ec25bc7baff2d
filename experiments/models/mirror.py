"""A clip as a mirror shows it: left and right of the pictures exchanged.

A flipped clip is exactly the mirrored motion of a mirrored person, seen from the mirrored azimuth in a mirrored place
and light; so that a clip and its flipped twin are the mirrored pair of design §4, without being rendered again.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from experiments.models.footage import Footage
from synth.frames import Camera


def mirrored(footage: Footage) -> Footage:
    """The clip with left and right exchanged: pictures and masks flipped, flow to the other side, and joints reflected
    in the vertical plane through the camera's axis, each under the name of its partner on the other side."""
    flow = footage.flow
    if flow is not None:
        flow = np.ascontiguousarray(flow[:, :, ::-1] * np.array([-1, 1], np.float32))
    return dataclasses.replace(
        footage,
        frames=_flipped(footage.frames),
        mask=_flipped(footage.mask),
        flow=flow,
        joints=None if footage.joints is None else mirrored_joints(footage.joints, footage.camera),
    )


def mirrored_joints(joints: np.ndarray, camera: Camera) -> np.ndarray:
    """World joints (T, J, 3) of our body, reflected for this camera; float32."""
    from synth.body.pack import load_pack

    right = camera.axes()[0]
    away = (joints - np.asarray(camera.position_m)) @ right
    reflected = joints - 2.0 * away[..., None] * right
    return reflected[:, partners(load_pack().bone_names)].astype(np.float32)


def partners(names: list[str]) -> list[int]:
    """For every bone the index of the one on the other side, its own where it has none."""
    place = {name: index for index, name in enumerate(names)}
    other = {".L": ".R", ".R": ".L"}
    return [place.get(name[:-2] + other.get(name[-2:], name[-2:]), index) for name, index in place.items()]


def _flipped(pictures: np.ndarray | None) -> np.ndarray | None:
    return None if pictures is None else np.ascontiguousarray(pictures[:, :, ::-1])
