"""Joints turned against their parents: how far each strays from its mean, a slow wavering, and hinges that stay hinges.

A motion holds world rotations; what a person does with one joint is its rotation relative to the bone above. The mean
of such rotations is the eigenvector of the sum of the quaternions' outer products (Markley et al. 2007, "Averaging
quaternions", J. Guidance, Control and Dynamics 30(4), eq. 12), and a deviation from it is scaled along its own axis by
the exponential map (Grassia 1998, "Practical parameterization of rotations using the exponential map").
"""

from __future__ import annotations

import zlib

import numpy as np
from scipy.spatial.transform import Rotation

from synth.body.skeleton import Skeleton
from synth.motion.builtin.rig import Rig
from synth.motion.builtin.rotations import about, twist_deg
from synth.motion.motion import to_quaternions

WAVER_HZ = (0.3, 2.0)
WAVES = 8  # sinusoids in the wavering of one axis of a motion that does not repeat
MOST_FLEXED_DEG = 150.0
# A root that turns further than this from its mean is going somewhere else, and not swaying.
LARGEST_SWAY_DEG = 120.0
_SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
_NECK = ("neck01", "neck02", "neck03", "head")
_PAIRED = {
    "girdle": ("clavicle", "shoulder01"),
    "shoulder": ("upperarm01",),
    "elbow": ("lowerarm01",),
    "wrist": ("wrist",),
    "hip": ("upperleg01",),
    "knee": ("lowerleg01",),
    "ankle": ("foot",),
}
# What a person would call a joint -> the bones that share its turn. Fingers, toes and eyes are not made to waver.
JOINTS: dict[str, tuple[str, ...]] = {
    "spine": _SPINE,
    "neck": _NECK,
    **{f"{joint}.{side}": tuple(f"{b}.{side}" for b in bones) for joint, bones in _PAIRED.items() for side in "LR"},
}
# The group that `Manner.freeze` names -> the bones from which it goes down; head and arms are no part of the trunk.
GROUPS = {
    "left_arm": ("clavicle.L",),
    "right_arm": ("clavicle.R",),
    "left_leg": ("upperleg01.L",),
    "right_leg": ("upperleg01.R",),
    "trunk": _SPINE,
    "head": ("neck01",),
}


def to_local(world: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """(T, J, 3, 3) world rotations to rotations relative to the parent; the root's stay."""
    above = world[:, np.maximum(parents, 0)]
    above[:, parents < 0] = np.eye(3)
    return np.swapaxes(above, -1, -2) @ world


def to_world(local: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """The inverse of `to_local`; parents come before children."""
    world = local.copy()
    for child, parent in enumerate(parents):
        if parent >= 0:
            world[:, child] = world[:, parent] @ local[:, child]
    return world


def mean(local: np.ndarray) -> np.ndarray:
    """(J, 3, 3) the mean over the frames of (T, J, 3, 3) rotations."""
    quaternions = to_quaternions(local)
    outer = np.einsum("tja,tjb->jab", quaternions, quaternions)
    return Rotation.from_quat(np.linalg.eigh(outer)[1][:, :, -1], scalar_first=True).as_matrix()


def strayed(local: np.ndarray, middle: np.ndarray, amplitude: float) -> np.ndarray:
    """(T, J, 3, 3) `amplitude` times as far from `middle` (J, 3, 3), each deviation along its own axis.

    A root (the first bone) that turns about by more than LARGEST_SWAY_DEG keeps its turns.
    """
    away = _vectors(np.swapaxes(middle, -1, -2) @ local)
    size = np.full(local.shape[1], amplitude)
    if np.linalg.norm(away[:, 0], axis=1).max() > np.radians(LARGEST_SWAY_DEG):
        size[0] = 1.0
    return middle @ _matrices(away * size[:, None])


def group(skeleton: Skeleton, name: str) -> np.ndarray:
    """(J,) bool: the bones of a group of `GROUPS`."""
    members = np.isin(skeleton.names, GROUPS[name])
    if name != "trunk":
        for child, parent in enumerate(skeleton.parents):
            members[child] |= parent >= 0 and members[parent]
    return members


def wavering(rig: Rig, frames: int, fps: float, *, cyclic: bool, noise_deg: float, seed: int) -> np.ndarray:
    """(T, J, 3, 3) turns to put after local rotations: every joint of JOINTS wavers slowly about its place.

    Each has a mean of 0 and a root mean square of `noise_deg` over the frames, within WAVER_HZ, and repeats where the
    motion does; elbows and knees waver about their hinges. A joint's wave depends on its name, the seed and the
    number of frames alone. A joint of several bones spreads its turn over them.
    """
    skeleton, turns = rig.skeleton, np.zeros((frames, len(rig.skeleton.names), 3))
    for joint, bones in JOINTS.items():
        rng = np.random.default_rng([seed, zlib.crc32(joint.encode())])
        wave = _wave(rng, frames, fps, cyclic)
        hinge = _hinge(rig, joint)
        if hinge is not None:
            wave = wave[:, :1] * hinge
        size = np.sqrt((wave**2).sum(axis=1).mean())
        for bone in bones:
            turns[:, skeleton.index(bone)] = wave * (np.radians(noise_deg) / (max(size, 1e-9) * len(bones)))
    return _matrices(turns)


def hold_hinges(rig: Rig, local: np.ndarray, original: np.ndarray) -> np.ndarray:
    """`local` (T, J, 3, 3) with no elbow or knee bent backwards, or more than MOST_FLEXED_DEG; further only where
    `original` (T, J, 3, 3) was. The rotation about the hinge is corrected, the rest stays."""
    local = local.copy()
    for limb in (*rig.arms.values(), *rig.legs.values()):
        bone, hinge = limb.lower[0], limb.lower_rest[:, 1]
        bent = _angle_deg(limb.upper_rest[:, 0], limb.lower_rest[:, 0], hinge)
        own, new = (bent + twist_deg(turns[:, bone], hinge) for turns in (original, local))
        allowed = np.clip(new, min(0.0, own.min()), max(MOST_FLEXED_DEG, own.max()))
        local[:, bone] = local[:, bone] @ about(hinge, allowed - new)
    return local


def _hinge(rig: Rig, joint: str) -> np.ndarray | None:
    """(3,) the axis of an elbow or a knee in the rest pose; None for a joint that turns every way."""
    name, _, side = joint.partition(".")
    limbs = {"elbow": rig.arms, "knee": rig.legs}
    return limbs[name][side].lower_rest[:, 1] if name in limbs else None


def _wave(rng: np.random.Generator, frames: int, fps: float, cyclic: bool) -> np.ndarray:
    """(T, 3) slow waves of mean 0; of a motion that repeats, whole numbers of them."""
    low, high = WAVER_HZ
    if cyclic:
        base = fps / frames
        rates = base * np.arange(max(1, np.ceil(low / base)), max(1, np.floor(high / base)) + 1)
    else:
        rates = rng.uniform(low, high, WAVES)
    angle = 2 * np.pi * np.arange(frames)[:, None] / fps * rates
    # Slower is larger, by 1/f, as people sway: with equal sizes the body would shiver.
    size = rng.normal(size=(2, len(rates), 3)) / rates[:, None]
    wave = np.cos(angle) @ size[0] + np.sin(angle) @ size[1]
    return wave - wave.mean(axis=0)


def _angle_deg(start: np.ndarray, end: np.ndarray, axis: np.ndarray) -> float:
    """How far `end` is turned from `start` about `axis`, all (3,) and unit."""
    return float(np.degrees(np.arctan2(np.cross(start, end) @ axis, start @ end - (start @ axis) * (end @ axis))))


def _vectors(rotations: np.ndarray) -> np.ndarray:
    return Rotation.from_matrix(rotations.reshape(-1, 3, 3)).as_rotvec().reshape(*rotations.shape[:-2], 3)


def _matrices(vectors: np.ndarray) -> np.ndarray:
    return Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix().reshape(*vectors.shape[:-1], 3, 3)
