"""What a changed motion stands on: the body settles on what carried it, and hands and feet keep where they stood.

When joints turn otherwise, the feet end up elsewhere. What carried the body in the original (the surface points near
its lowest, each weighing less the higher it is) says how the root must move; then every hand or foot that stood still
is brought back to its place and turn by two-bone inverse kinematics (`contact.bend`), and what still reaches into the
floor is raised: a hand or foot by its own limb, anything else by the whole body.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d, gaussian_filter1d, maximum_filter1d, minimum_filter1d

from synth.motion.align import smallest_rotation
from synth.motion.builtin.rig import SIDES, Limb, Rig
from synth.motion.builtin.rotations import apply, slerp
from synth.motion.contact import FADE_S, LIFT_WINDOW_S, STRAIGHTEST, bend
from synth.motion.motion import Motion

CARRIES_M = 0.01  # a point this much higher than the lowest carries 1/e of what that does
STILL_M_S = 0.15  # as for the feet of recordings: what is slower and on the floor stands
LOW_M = 0.03
SHIFT_S = 0.1  # standard deviation in time of the body's way from one support to the next
LOWEST = 0.6  # of a limb's length: how low a body goes to let a far hand or foot reach
ROUNDS = 3  # a body that was lifted or let down must reach for the floor anew
_UP = np.array([0.0, 0.0, 1.0])
_LEVEL = np.array([1.0, 1.0, 0.0])
_CLIMBED = "ladder"  # an object that carries hands and feet above the floor


@dataclass(frozen=True, kw_only=True, eq=False)
class Pose:
    """A body over all frames: rotations (T, J, 3, 3), root (T, 3), joints (T, J, 3), surface points (T, P, 3)."""

    rotations: np.ndarray
    root: np.ndarray
    joints: np.ndarray
    probes: np.ndarray

    @classmethod
    def of(cls, rig: Rig, rotations: np.ndarray, root: np.ndarray) -> Pose:
        """Posed by forward kinematics."""
        skeleton = rig.skeleton
        joints, probes = skeleton.fk(rotations, root), skeleton.posed_probes(rotations, root)
        return cls(rotations=rotations, root=root, joints=joints, probes=probes)

    def moved(self, offset: np.ndarray) -> Pose:
        """Shifted by (T, 3) metres."""
        there = offset[:, None]
        return Pose(
            rotations=self.rotations, root=self.root + offset, joints=self.joints + there, probes=self.probes + there
        )


@dataclass(frozen=True, kw_only=True)
class End:
    """A hand or a foot. limb: what carries it; bones: those that turn with it; probes: (P,) bool, its surface points;
    touch: (3,) from the wrist or the ankle to the point that stands: the wrist itself, or the ball of the foot."""

    group: str
    limb: Limb
    bones: tuple[int, ...]
    probes: np.ndarray
    touch: np.ndarray


def ends(rig: Rig) -> list[End]:
    """Both feet and both hands."""
    skeleton, found = rig.skeleton, []
    nearest = np.take_along_axis(skeleton.probe_bones, skeleton.probe_weights.argmax(axis=1)[:, None], axis=1)[:, 0]
    for side, word in zip(SIDES, ("left", "right"), strict=True):
        foot, hand = rig.feet[side], rig.hands[side]
        parts = ((f"{word}_leg", rig.legs[side], (foot.bone, *foot.toes), foot.ball),)
        parts += ((f"{word}_arm", rig.arms[side], hand.bones, np.zeros(3)),)
        for group, limb, bones, touch in parts:
            found.append(End(group=group, limb=limb, bones=bones, probes=np.isin(nearest, bones), touch=touch))
    return found


def settle(motion: Motion, before: Pose, after: Pose, amplitude: float, *, stays: bool) -> Pose:
    """`after` shifted so that what carried the body in `before`, the poses of `motion`, does so again.

    Heights over the floor, and places where the motion stays where it is (`stays`), are `amplitude` times as far from
    the floor and from their mean as before. With an amplitude of 1 the points that carry are where they were.
    """
    height = before.probes[:, :, 2]
    lowest = height.min(axis=1, keepdims=True)
    weight = np.exp(-np.minimum(height - lowest, 30 * CARRIES_M) / CARRIES_M)
    wanted = _scaled(before.probes, amplitude) - after.probes
    wanted[:, :, 2] = height + (amplitude - 1.0) * np.maximum(lowest, 0.0) - after.probes[:, :, 2]
    offset = np.einsum("tp,tpi->ti", weight / weight.sum(axis=1, keepdims=True), wanted)
    # With little amplitude little moves, not even onto another foot. With a large one straight knees cannot go on to
    # stretch, so that they would throw the body about: it takes its scaled path, and the legs reach for the floor.
    share = np.clip(min(2.0 * amplitude, 5.0 - 4.0 * amplitude), 0.0, 1.0)
    offset = offset.mean(axis=0) + share * (offset - offset.mean(axis=0))
    offset = gaussian_filter1d(offset, SHIFT_S * motion.fps, axis=0, mode=_mode(motion))
    return after.moved(offset if stays else offset * _UP)


def stand(rig: Rig, motion: Motion, before: Pose, after: Pose, *, amplitude: float, frozen: tuple[str, ...]) -> Pose:
    """`after` with hands and feet that stood still in `before` (the poses of `motion`) standing, nothing in the floor.

    Limbs of the groups `frozen` keep their joints. The smaller the amplitude, the less is brought back: with 0 nothing
    moves, and so nothing stands or steps.
    """
    free = [end for end in ends(rig) if end.group not in frozen]
    others = ~np.any([end.probes for end in free], axis=0) if free else np.ones(before.probes.shape[1], bool)
    floor = amplitude * np.maximum(before.probes[:, :, 2].min(axis=1), 0.0)
    for _ in range(ROUNDS):
        after = after.moved(_lift(after.probes[:, others, 2].min(axis=1), motion)[:, None] * _UP)
        rotations = after.rotations.copy()
        short = [_bring_back(motion, before, after, end, rotations, amplitude) for end in free]
        down = _lift(-np.max([*short, np.zeros(len(after.root))], axis=0), motion)
        after = Pose.of(rig, rotations, after.root - down[:, None] * _UP)
        after = after.moved(-_drop(after.probes[:, :, 2].min(axis=1) - floor, motion)[:, None] * _UP)
    after = _raise_ends(rig, motion, after, free)
    return after.moved(_lift(after.probes[:, :, 2].min(axis=1), motion)[:, None] * _UP)


def _raise_ends(rig: Rig, motion: Motion, pose: Pose, free: list[End]) -> Pose:
    """With every free hand and foot that is in the floor raised by its own limb."""
    rotations = pose.rotations.copy()
    for end in free:
        up = _lift(pose.probes[:, end.probes, 2].min(axis=1), motion)
        wrist = pose.joints[:, end.limb.joints[2]]
        _reach(pose, end, rotations, wrist + up[:, None] * _UP, rotations[:, end.bones[0]])
    return Pose.of(rig, rotations, pose.root)


def _bring_back(
    motion: Motion, before: Pose, after: Pose, end: End, rotations: np.ndarray, amplitude: float
) -> np.ndarray:
    """Brings one hand or foot of `rotations` back to where it stood; (T,) by how many metres the body is too high."""
    fade = _fade(_standing(motion, before, end), motion)
    bone, wrist = end.bones[0], end.limb.joints[2]
    own = before.joints[:, wrist] + apply(before.rotations[:, bone], end.touch)
    goal = _scaled(own, amplitude)
    lowest = np.maximum(before.probes[:, end.probes, 2].min(axis=1), 0.0)
    goal[:, 2] = own[:, 2] + (amplitude - 1.0) * lowest
    turn = slerp(rotations[:, bone], before.rotations[:, bone], fade * min(1.0, amplitude))
    now = after.joints[:, wrist]
    share = fade * min(1.0, 2.0 * amplitude)
    goal = now + share[:, None] * (goal - apply(turn, end.touch) - now)
    _reach(after, end, rotations, goal, turn)
    return share * _too_high(after, end, goal)


def _too_high(pose: Pose, end: End, goal: np.ndarray) -> np.ndarray:
    """(T,) metres by which a hip or a shoulder must come down for its limb to reach `goal` (T, 3), which is below."""
    way = pose.joints[:, end.limb.joints[0]] - goal
    length = STRAIGHTEST * end.limb.reach
    tall = np.sqrt(np.maximum(length**2 - (way[:, :2] ** 2).sum(axis=1), (LOWEST * length) ** 2))
    return np.maximum(way[:, 2] - tall, 0.0)


def _reach(pose: Pose, end: End, rotations: np.ndarray, goal: np.ndarray, turn: np.ndarray) -> None:
    """Bends one limb of `rotations` in place, so that its wrist or ankle comes to `goal` (T, 3), turned by `turn`."""
    limb = end.limb
    root, hinge, tip = (pose.joints[:, joint] for joint in limb.joints)
    upper = rotations[:, limb.upper[0]]
    axes = {"forward": upper @ limb.upper_rest[:, 2], "left": upper @ limb.upper_rest[:, 1]}
    new_hinge, new_tip = bend(root, hinge, tip, goal, **axes)
    swing = smallest_rotation(hinge - root, new_hinge - root)
    fold = smallest_rotation(tip - hinge, new_tip - new_hinge)
    change = turn @ np.swapaxes(rotations[:, end.bones[0]], -1, -2)
    for bones, by in ((limb.upper, swing), (limb.lower, fold), (end.bones, change)):
        rotations[:, bones] = by[:, None] @ rotations[:, bones]


def _standing(motion: Motion, before: Pose, end: End) -> np.ndarray:
    """(T,) bool: the end is still, and on the floor or on something that is climbed."""
    tip = before.joints[:, end.limb.joints[2]] + apply(before.rotations[:, end.bones[0]], end.touch)
    still = np.linalg.norm(_velocity(tip, motion), axis=1) < STILL_M_S
    if any(prop.kind == _CLIMBED for prop in motion.props):
        return still
    return still & (before.probes[:, end.probes, 2].min(axis=1) < LOW_M)


def _velocity(points: np.ndarray, motion: Motion) -> np.ndarray:
    """(T, 3) metres per second."""
    if not motion.cyclic:
        return np.gradient(points, 1.0 / motion.fps, axis=0) if len(points) > 1 else np.zeros_like(points)
    longer = np.concatenate([points[-1:] - motion.travel_m, points, points[:1] + motion.travel_m])
    return (longer[2:] - longer[:-2]) * (motion.fps / 2)


def _scaled(points: np.ndarray, amplitude: float) -> np.ndarray:
    """Points (T, ..., 3) `amplitude` times as far, horizontally, from their mean over the frames."""
    return points + (amplitude - 1.0) * (points - points.mean(axis=0)) * _LEVEL


def _fade(standing: np.ndarray, motion: Motion) -> np.ndarray:
    """(T,) 1 while standing, falling smoothly to 0 over FADE_S on either side, around the loop of a cyclic motion."""
    mode = _mode(motion)
    reach = max(1, round(FADE_S * motion.fps))
    window = np.hanning(reach + 2 + reach % 2 + 1)[1:-1]
    wide = maximum_filter1d(standing.astype(float), reach + 1 - reach % 2, mode=mode)
    return np.clip(convolve1d(wide, window / window.sum(), mode=mode), 0.0, 1.0)


def _lift(lowest: np.ndarray, motion: Motion) -> np.ndarray:
    """(T,) as `contact.lift`, around the loop of a cyclic motion."""
    mode, reach = _mode(motion), max(1, round(LIFT_WINDOW_S * motion.fps))
    highest = maximum_filter1d(np.maximum(-lowest, 0.0), 2 * reach + 1, mode=mode)
    return gaussian_filter1d(highest, reach / 2, mode=mode)


def _drop(above: np.ndarray, motion: Motion) -> np.ndarray:
    """(T,) metres to let down what has its lowest points `above` where they belong, never into the floor."""
    mode, reach = _mode(motion), max(1, round(LIFT_WINDOW_S * motion.fps))
    least = minimum_filter1d(np.maximum(above, 0.0), 2 * reach + 1, mode=mode)
    return gaussian_filter1d(least, reach / 2, mode=mode, truncate=2.0)


def _mode(motion: Motion) -> str:
    """How filters go on past the ends."""
    return "wrap" if motion.cyclic else "nearest"
