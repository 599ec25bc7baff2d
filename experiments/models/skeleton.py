"""What a skeleton model is shown of a clip: NTU RGB+D's 25 joints as `synth.ntu` makes them of our bodies.

A skeleton model and an RGB model are asked about the same motion when the former is given the joints of the clip that
the latter is shown, seen from the same camera. A loop is shown as often as makes it as long as the data set's shorter
recordings.
"""

from __future__ import annotations

import numpy as np

from experiments.models.footage import Footage
from experiments.models.input import PADDED_LEAST_S, InputError
from synth.body.pack import load_pack
from synth.ntu import JOINTS, as_seen, ntu_joints, resampled

ACTORS = 2


def skeletons(footage: Footage, to_fps: float) -> np.ndarray:
    """(T, 25 or 50, 3) metres in the sensor's frame, at `to_fps`: what a Kinect would have reported of a clip.

    The joints of our bodies are mapped and seen from the clip's camera. 25 joints (or 50, of two actors) are taken
    for NTU RGB+D's own, in the sensor's frame, and only resampled. Raises InputError.
    """
    joints = np.asarray(footage.joints, dtype=np.float64)
    count, names = joints.shape[1], load_pack().bone_names
    if count == len(names):
        if footage.camera is None:
            raise InputError("a clip of our bodies without its camera was given; a skeleton is what a camera sees")
        joints = as_seen(ntu_joints(joints, names), footage.camera)
    elif count not in (len(JOINTS), ACTORS * len(JOINTS)):
        raise InputError(
            f"{count} joints were given; expected the {len(names)} bones of our body model, or NTU RGB+D's 25 "
            "joints of one actor or 50 of two"
        )
    rounds = int(np.ceil(PADDED_LEAST_S * footage.fps / len(joints))) if footage.loop else 1
    return resampled(np.tile(joints, (max(rounds, 1), 1, 1)), footage.fps, to_fps)


def actors(points_m: np.ndarray, frames: int) -> np.ndarray:
    """(T, 25 or 50, 3) -> float32 (frames, 150): two actors one after the other, absent ones 0, 0 after the clip's
    end; what is longer is cut."""
    out = np.zeros((frames, ACTORS * len(JOINTS) * 3), dtype=np.float32)
    flat = points_m[:frames].reshape(len(points_m[:frames]), -1)
    out[: len(flat), : flat.shape[1]] = flat
    return out
