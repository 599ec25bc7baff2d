"""Objects that leave the hand or the floor, fly off and are there again; and what hands do while they handle them.

A thing in flight falls and bounces as a point mass does; beyond `GONE_M` it has left every frame and vanishes until
it is needed anew. Everything repeats with the cycle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator

from synth.motion.builtin import easing, grip, hands
from synth.motion.builtin.figure import Figure, arm_key
from synth.motion.builtin.rotations import about, frame, slerp, unit
from synth.motion.motion import Motion, to_matrices, to_quaternions
from synth.motion.props import PropTrack

GRAVITY = 9.81
GONE_M = 6.0
BOUNCE = 0.5  # share of the vertical speed that is left by a bounce
GRIP_ON_TURF = 0.8  # share of the level speed that is left by a bounce
ROLLS_M_S = 0.6  # a ball that comes down more slowly rolls on
_STEP_S = 0.004


def since(phase: np.ndarray, start: float, tempo_hz: float) -> np.ndarray:
    """(T,) seconds since the cycle last passed `start`, a share of it."""
    return ((phase - start) % 1.0) / tempo_hz


def flight(origin: np.ndarray, velocity: np.ndarray, seconds: np.ndarray, *, radius_m: float) -> np.ndarray:
    """(T, 3) a ball `seconds` (T,) after it left `origin` (3,) with `velocity` (3,) m/s, never under the floor."""
    place, speed, path = np.array(origin, dtype=np.float64), np.array(velocity, dtype=np.float64), []
    steps = int(np.ceil(float(np.max(seconds)) / _STEP_S)) + 2
    for _ in range(steps):
        path.append(place)
        speed = speed - [0.0, 0.0, GRAVITY * _STEP_S]
        place = place + speed * _STEP_S
        if place[2] < radius_m:
            place = place * [1.0, 1.0, 0.0] + [0.0, 0.0, radius_m]
            bounces = speed[2] < -ROLLS_M_S
            speed = speed * ([GRIP_ON_TURF, GRIP_ON_TURF, -BOUNCE] if bounces else [1.0, 1.0, 0.0])
    times = np.arange(steps) * _STEP_S
    return np.stack([np.interp(seconds, times, axis) for axis in np.array(path).T], axis=1)


def near(points: np.ndarray, origin: np.ndarray, gone_m: float = GONE_M) -> np.ndarray:
    """(T,) whether a thing at `points` (T, 3) is still nearer than `gone_m` to where it left."""
    return np.linalg.norm(points - origin, axis=1) < gone_m


def paced(pace: dict[float, float], phase: np.ndarray) -> np.ndarray:
    """(T,) the share of the keys that has gone by at a share of the cycle; pace: {share of the cycle: of the keys}."""
    return PchipInterpolator(list(pace), list(pace.values()))(phase % 1.0)


def moment(pace: dict[float, float], key: float) -> float:
    """The share of the cycle at which the share `key` of the keys has gone by."""
    shares = np.linspace(0.0, 1.0, 2001)
    return float(np.interp(key, paced(pace, shares[:-1]), shares[:-1]))


def spin(axis: Sequence[float], turns: np.ndarray) -> np.ndarray:
    """(T, 3, 3) of a ball that has turned so often (T,) about a fixed axis (3,)."""
    return about(unit(np.array(axis, dtype=np.float64)), 360.0 * turns)


def ways(keys: dict[float, object], phase: np.ndarray, seconds: float = 0.03) -> np.ndarray:
    """(T, 3) unit directions that flow through keyed ones; two keys in a row must not be opposite."""
    return unit(easing.soften(easing.flow({k: unit(v) for k, v in keys.items()}, phase), seconds))


def arm_ways(side: str, keys: dict[float, tuple], phase: np.ndarray, seconds=0.02) -> tuple[np.ndarray, np.ndarray]:
    """The frame (T, 3, 3) of an upper arm and the elbow's angle (T,), as `Figure.aim` takes them, flowing through keys.

    keys: {share of the cycle: (upper arm, forearm)}, each (ahead, outwards, up) against the chest. Between keys the
    whole frame turns, so the elbow's axis is never lost, however straight the arm.
    """
    posed = {k: arm_key(side, *v) for k, v in sorted(keys.items())}
    times = np.array(list(posed))
    turns = np.tile(to_quaternions(np.stack([f for f, _ in posed.values()])), (3, 1))
    for k in range(1, len(turns)):
        turns[k] *= np.where(turns[k] @ turns[k - 1] < 0, -1.0, 1.0)
    tiled = np.concatenate([times - 1, times, times + 1])
    flowing = PchipInterpolator(tiled, turns, axis=0)(phase % 1.0)
    matrices = easing.soften(to_matrices(flowing / np.linalg.norm(flowing, axis=1, keepdims=True)), seconds)
    flexion = easing.flow({k: angle for k, (_, angle) in posed.items()}, phase)
    return frame(matrices[:, :, 0], matrices[:, :, 1]), easing.soften(flexion, seconds)


def fingers_between(figure: Figure, side: str, first: str, second: str, share: np.ndarray) -> None:
    """Poses the fingers at `share` (T,) of the way from one preset to another; after the hand."""
    hand = figure.rotations[:, figure.rig.hands[side].bone]
    start, end = (hands.turns(figure.rig, side, preset) for preset in (first, second))
    for bone, rotation in start.items():
        figure.rotations[:, bone] = hand @ slerp(rotation, end[bone], share)


def hold(figure: Figure, side: str, point: np.ndarray, rotation: np.ndarray, pole: np.ndarray, preset: str) -> None:
    """Brings the hand, turned to `rotation` (T, 3, 3), to where it holds at `point` (T, 3); the elbow to `pole`."""
    figure.reach(side, grip.wrist(figure.rig, side, point, rotation, preset=preset), pole)
    figure.hand_at(side, rotation)


def forearm(figure: Figure, side: str) -> np.ndarray:
    """(T, 3) unit direction from elbow to wrist."""
    _, elbow, wrist = figure.rig.arms[side].joints
    joints = figure.joints()
    return unit(joints[:, wrist] - joints[:, elbow])


def with_props(
    figure: Figure, label: str, held: Sequence[PropTrack], standing: Sequence[PropTrack] = (), *, cycles: int = 1
) -> Motion:
    """The figure's motion with objects; `held` ones are lifted with the body, `standing` ones stay over the floor."""
    motion = figure.motion(label, cycles=cycles)
    lift = motion.root - figure.root
    return dataclasses.replace(motion, props=(*(p.moved(lift) for p in held), *standing))


def other_handed(motion: Motion, side: str) -> Motion:
    """A motion authored for the right-handed, for those whose skilled side is `side`."""
    return motion.mirrored() if side == "L" else motion
