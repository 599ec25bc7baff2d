"""A body that is posed for all frames of a clip at once: trunk first, then limbs by aim or by inverse kinematics.

Two-bone inverse kinematics is the law of cosines: shoulder (hip), target and the two lengths fix a triangle, and a
pole says to which side the elbow (knee) points. The trunk spreads one rotation over the spine's bones, the clavicles
take their share of a raised arm (scapulohumeral rhythm, Inman et al. 1944), and a forearm spreads the hand's turn.
Call in the order pelvis, spine, head, legs, arms, hands; each needs the ones before.
"""

from __future__ import annotations

import numpy as np

from synth.motion.builtin import hands
from synth.motion.builtin.easing import FPS
from synth.motion.builtin.feet import Step
from synth.motion.builtin.rig import SIGN, Limb, Rig
from synth.motion.builtin.rotations import about, apply, fraction, frame, transpose, turn, twist_deg, unit
from synth.motion.motion import Motion

# Share of the trunk's bend that has been reached at each bone, from the pelvis up, and likewise for the neck.
SPINE = {"spine05": 0.12, "spine04": 0.32, "spine03": 0.55, "spine02": 0.8, "spine01": 1.0}
NECK = {"neck01": 0.3, "neck02": 0.5, "neck03": 0.75, "head": 1.0, "eye.L": 1.0, "eye.R": 1.0}
FULL_REACH = 0.997  # a limb is never straighter than this share of its length


class Figure:
    """Rotations (T, J, 3, 3) and root (T, 3) under construction; everything starts in the rest pose."""

    def __init__(self, rig: Rig, frames: int):
        self.rig, self.frames = rig, frames
        self.rotations = np.tile(np.eye(3), (frames, len(rig.skeleton.names), 1, 1))
        self.root = np.zeros((frames, 3))
        self._presets: dict[str, dict[int, np.ndarray]] = {}

    def bone(self, name: str) -> np.ndarray:
        """(T, 3, 3) rotation of one bone as it stands."""
        return self.rotations[:, self.rig.skeleton.index(name)]

    def joints(self) -> np.ndarray:
        """(T, J, 3) joints as they stand."""
        return self.rig.skeleton.fk(self.rotations, self.root)

    def pelvis(self, hips: np.ndarray, rotation: np.ndarray) -> None:
        """Puts the middle of the hip joints at `hips` (T, 3) and turns the whole body by `rotation` (T, 3, 3)."""
        self.rotations[:] = rotation[:, None]
        self.root = hips - apply(rotation, self.rig.hips)

    def spine(self, chest: np.ndarray) -> None:
        """Bends the trunk: the chest, arms and head follow `chest` (T, 3, 3), relative to the pelvis."""
        pelvis = self.rotations[:, 0].copy()
        self._above("spine01", pelvis @ chest)
        for name, share in SPINE.items():
            self._set(name, pelvis @ fraction(chest, share))

    def head(self, rotation: np.ndarray) -> None:
        """Turns the head to the world rotation (T, 3, 3); the neck bends between chest and head."""
        chest = self.bone("spine01")
        relative = transpose(chest) @ rotation
        for name, share in NECK.items():
            self._set(name, chest @ fraction(relative, share))

    def leg(self, side: str, step: Step, *, pole: np.ndarray | None = None, knees_out_deg=0.0) -> None:
        """Brings the ankle to a step; the knee points to `pole`, or over the toes, `knees_out_deg` further outwards."""
        if pole is None:
            outwards = SIGN[side] * np.broadcast_to(np.asarray(knees_out_deg, dtype=np.float64), self.frames)
            pole = apply(turn(yaw_deg=outwards), step.forward)
        self._bend(self.rig.legs[side], step.ankle, pole)
        foot = self.rig.feet[side]
        self.rotations[:, foot.bone] = step.foot
        self.rotations[:, foot.toes] = step.toes[:, None]

    def shrug(self, side: str, direction: np.ndarray) -> None:
        """Lets the shoulder girdle follow an arm that points along `direction` (T, 3) of the world."""
        chest = self.bone("spine01")
        local = unit(apply(transpose(chest), direction))
        raised = np.degrees(np.arccos(np.clip(-local[:, 2], -1, 1)))
        up = np.clip((raised - 35) * 0.26, 0.0, 34.0)
        forward = 14.0 * local[:, 0] * np.sin(np.radians(raised))
        girdle = chest @ turn(yaw_deg=-SIGN[side] * forward, roll_deg=SIGN[side] * up)
        self._set(f"clavicle.{side}", chest @ fraction(transpose(chest) @ girdle, 0.75))
        self._set(f"shoulder01.{side}", girdle)

    def shoulder(self, side: str, direction: np.ndarray) -> np.ndarray:
        """(T, 3) the shoulder joint when the arm points along `direction` (T, 3)."""
        self.shrug(side, direction)
        return self.joints()[:, self.rig.arms[side].joints[0]]

    def aim(self, side: str, upper: np.ndarray, flexion_deg: np.ndarray, *, base: np.ndarray | None = None) -> None:
        """Poses an arm by its upper frame (T, 3, 3), columns direction, hinge and their cross product, and the elbow's
        angle (T,), 0 being straight. The frame is against `base` (T, 3, 3), the chest if there is none."""
        world = (self.bone("spine01") if base is None else base) @ upper
        self.shrug(side, world[:, :, 0])
        fore = about(world[:, :, 1], np.maximum(flexion_deg, 3.0)) @ world
        self._limb(self.rig.arms[side], world, fore)
        self._spread_shoulder(side)

    def reach(self, side: str, wrist: np.ndarray, pole: np.ndarray) -> None:
        """Brings the wrist to `wrist` (T, 3), the elbow towards `pole` (T, 3), both of the world."""
        arm = self.rig.arms[side]
        for _ in range(2):  # the girdle follows the arm, so the shoulder moves a little the first time
            self.shrug(side, wrist - self.joints()[:, arm.joints[0]])
        goal = wrist
        for _ in range(2):  # the twist spread over the upper arm moves the elbow by a millimetre: aim off by as much
            self._bend(arm, goal, pole)
            self._spread_shoulder(side)
            goal = goal + (wrist - self.joints()[:, arm.joints[2]]) * self._within(arm, wrist)

    def hand(self, side: str, *, pronation_deg=0.0, flexion_deg=0.0, deviation_deg=0.0) -> None:
        """Turns the hand against the forearm: palm down, towards the palm, towards the thumb; (T,) or numbers."""
        fore, rest = self.rotations[:, self.rig.arms[side].lower[0]].copy(), self.rig.arms[side].lower_rest[:, 0]
        hand = self.rig.hands[side].rest
        angles = [
            np.broadcast_to(np.asarray(a, float), self.frames) for a in (pronation_deg, flexion_deg, deviation_deg)
        ]
        turned = fore @ about(rest, SIGN[side] * angles[0])
        bend = about(hand[:, 2], angles[1]) @ about(hand[:, 1] * SIGN[side], angles[2])
        self.hand_at(side, turned @ bend)

    def hand_at(self, side: str, rotation: np.ndarray) -> None:
        """Turns the hand to a world rotation (T, 3, 3); the forearm takes its share of the twist."""
        arm, hand = self.rig.arms[side], self.rig.hands[side]
        rest = arm.lower_rest[:, 0]
        fore = self.rotations[:, arm.lower[0]].copy()
        twist = twist_deg(transpose(fore) @ rotation, rest)
        for bone, share in zip(arm.lower, (0.3, 0.75), strict=True):
            self.rotations[:, bone] = fore @ about(rest, share * twist)
        self.rotations[:, hand.bones] = rotation[:, None]

    def palm(self, side: str, fingers: np.ndarray, out_of_palm: np.ndarray) -> np.ndarray:
        """(T, 3, 3) the rotation of a hand whose fingers and palm point along world directions (T, 3)."""
        return frame(fingers, out_of_palm) @ self.rig.hands[side].rest.T

    def fingers(self, side: str, preset: str) -> None:
        """Poses the fingers; after the hand."""
        hand = self.rotations[:, self.rig.hands[side].bone]
        for bone, rotation in hands.turns(self.rig, side, preset).items():
            self.rotations[:, bone] = hand @ rotation

    def motion(self, label: str, *, cycles: int = 1, travel_m=(0.0, 0.0, 0.0)) -> Motion:
        """The motion, lifted by what little a body reaches into the floor; its movement is done `cycles` times."""
        depth = min(0.0, float(self.rig.skeleton.lowest(self.rotations, self.root).min()))
        return Motion.from_matrices(
            matrices=self.rotations,
            names=self.rig.skeleton.names,
            root=self.root - np.array([0.0, 0.0, depth]),
            fps=FPS,
            kind="authored",
            label=label,
            cyclic=True,
            cycles=cycles,
            travel_m=np.asarray(travel_m, dtype=np.float64),
        )

    def _set(self, name: str, rotation: np.ndarray) -> None:
        self.rotations[:, self.rig.skeleton.index(name)] = rotation

    def _above(self, name: str, rotation: np.ndarray) -> None:
        """Turns a bone and everything that hangs on it."""
        skeleton = self.rig.skeleton
        members = {skeleton.index(name)}
        for child, parent in enumerate(skeleton.parents):
            if parent in members:
                members.add(child)
        self.rotations[:, sorted(members)] = rotation[:, None]

    def _within(self, limb: Limb, target: np.ndarray) -> np.ndarray:
        """(T, 1) 1 where the target can be reached, else 0."""
        away = np.linalg.norm(target - self.joints()[:, limb.joints[0]], axis=-1, keepdims=True)
        return (away < FULL_REACH * limb.reach).astype(np.float64)

    def _bend(self, limb: Limb, target: np.ndarray, pole: np.ndarray) -> None:
        start = self.joints()[:, limb.joints[0]]
        along, away = unit(target - start), np.linalg.norm(target - start, axis=-1)
        first, second = limb.lengths
        away = np.clip(away, abs(first - second) + 1e-3, FULL_REACH * limb.reach)
        cosine = np.clip((first**2 + away**2 - second**2) / (2 * first * away), -1.0, 1.0)
        beside = frame(along, pole)[..., 1]
        middle = cosine[:, None] * along + np.sqrt(1 - cosine**2)[:, None] * beside
        lower = unit(away[:, None] * along - first * middle)
        # The elbow lies on the pole's side, so the lower segment turns from the upper one away from the pole.
        hinge = np.cross(beside, along)
        self._limb(limb, frame(middle, hinge), frame(lower, hinge))

    def _limb(self, limb: Limb, upper: np.ndarray, lower: np.ndarray) -> None:
        self.rotations[:, limb.upper] = (upper @ limb.upper_rest.T)[:, None]
        below = lower @ limb.lower_rest.T
        self.rotations[:, limb.lower] = below[:, None]

    def _spread_shoulder(self, side: str) -> None:
        """Gives the first half of the upper arm only half of its twist against the shoulder."""
        arm = self.rig.arms[side]
        rest, full = arm.upper_rest[:, 0], self.rotations[:, arm.upper[1]]
        twist = twist_deg(transpose(self.bone(f"shoulder01.{side}")) @ full, rest)
        self.rotations[:, arm.upper[0]] = full @ about(rest, -0.5 * twist)


def arm_key(side: str, upper, fore) -> tuple[np.ndarray, float]:
    """The arm frame (3, 3) against the chest and the elbow's angle of a key pose.

    `upper` and `fore` are the directions of the two segments as (forward, outward, up); they must not be parallel.
    """
    mirror = np.array([1.0, SIGN[side], 1.0])
    first, second = unit(np.array(upper) * mirror), unit(np.array(fore) * mirror)
    angle = float(np.degrees(np.arccos(np.clip(first @ second, -1, 1))))
    return frame(first, np.cross(first, second)), angle
