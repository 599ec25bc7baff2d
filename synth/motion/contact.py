"""Feet that stand and a floor that holds: foot lock by two-bone inverse kinematics, and the lift out of the floor.

Retargeted by rotations alone, a body with other proportions slides where the subject stood. While a foot is planted its
ball is held at one place (the ball and not the ankle, which may rise while the ball stands). The whole body moves with
what the planted feet have in common, which costs no limb its direction, and up or down to where the straighter leg is
spared (subjects' legs differ by up to 2 cm, and a body's do not); for the rest the leg is bent by the law of cosines
(closed form; e.g. Tolani, Goswami and Badler 2000, "Real-time inverse kinematics techniques for anthropomorphic
limbs"), in the plane in which the knee already lies; the foot keeps its turn. The hold fades in and out over 0.1 s. A
foot that is still in the floor, after it was turned (`soles`), is raised by its own leg, and only what is below then (a
knee, a back) lifts the whole body.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from synth.body.skeleton import Skeleton
from synth.motion.align import body_joint, smallest_rotation
from synth.motion.performance import SIDES
from synth.motion.soles import on_foot

FADE_S = 0.10
ROUNDS = 3  # where two feet stand, each goes half of the way to the other's wish
SHIFT_S = 0.08  # smoothness of the body's own part in holding the feet
CREEP_M, CREEP_S = 0.03, 0.25  # a planted foot that goes further is followed at this pace
LIFT_WINDOW_S = 0.12
STEP_WINDOW_S = 0.04  # of one foot; longer would hold a foot up that has already come down
STRAIGHTEST = 0.999  # share of the leg's length to which the lock may stretch it; a straight knee would snap
_FORWARD, _LEFTWARD, _UP = np.eye(3)
TOUCH_M = 0.01  # a foot so far in the floor presses as much as one that stands
HEIGHTS = 33  # that are tried for the body
_LEAST_COST = 1e-3  # per m^4, so that who stands on nothing stays
_LEAST_MOVE_M = 1e-6
_SMALLEST_BEND_M = 0.01  # a knee nearer to the line from hip to ankle than this has no plane of its own


def set_on_floor(body: Skeleton, rotations: np.ndarray, root: np.ndarray, planted: np.ndarray) -> np.ndarray:
    """The root's path (T, 3) shifted so that the floor is z = 0.

    The floor is one for all frames, so that jumps stay jumps: the median of the body's lowest points while a foot is
    planted (T,) bool; of a motion that never stands the 5th percentile over all frames.
    """
    lowest = body.lowest(rotations, root)
    return root - float(np.median(lowest[planted]) if planted.any() else np.percentile(lowest, 5)) * _UP


def lift_out(body: Skeleton, rotations: np.ndarray, root: np.ndarray, fps: float) -> np.ndarray:
    """The root's path (T, 3) raised where any part of the body is below the floor."""
    return root + lift(body.lowest(rotations, root), fps)[:, None] * _UP


def follow_feet(body: Skeleton, rotations: np.ndarray, root: np.ndarray, *, planted: dict, fps: float) -> np.ndarray:
    """The root's path (T, 3) with what the planted feet have in common in their way to where they should stand.

    planted: by side ("L", "R") (T,) bool. The mean over the planted feet, straight across flights, smooth. A walker's
    hips so follow the foot that stands.
    """
    count = sum(planted[side].astype(float) for side in SIDES)
    stands = np.flatnonzero(count)
    if not stands.size:
        return root
    frames = np.arange(len(count))
    for _ in range(ROUNDS):
        moves = _moves(body, rotations, root, planted, fps)
        total = sum(moves[side] * planted[side][:, None] for side in SIDES)[stands] / count[stands, None]
        every = np.stack([np.interp(frames, stands, total[:, axis]) for axis in range(3)], axis=1)
        root = root + gaussian_filter1d(every, SHIFT_S * fps, axis=0, mode="nearest")
    return root


def ease_legs(body: Skeleton, rotations: np.ndarray, root: np.ndarray, *, planted: dict, fps: float) -> np.ndarray:
    """The root's path (T, 3) raised or lowered where that spares the legs; planted: as of `follow_feet`.

    A leg that is nearly straight bends by 20 degrees to be shorter by 2 cm, a bent one by 5. So the body gives way to
    what both feet will have to do to stand on the floor: of the heights between their wishes it takes the one at which
    the fourth powers of the bends of both knees are least, so that neither bends much.
    """
    moves, joints = _moves(body, rotations, root, planted, fps), body.fk(rotations, root)
    probes = body.posed_probes(rotations, root)
    wishes, touching = [], []
    for side in SIDES:
        held = _fade(planted[side], fps) * moves[side][:, 2]
        up = lift(probes[:, on_foot(body, side), 2].min(axis=1) + held, fps, STEP_WINDOW_S)
        wishes.append(held + up)
        touching.append(np.maximum(_fade(planted[side], fps), np.clip(up / TOUCH_M, 0.0, 1.0)))
    every = np.array([*wishes, np.zeros(len(root))])
    heights = every.min(axis=0) + np.linspace(0.0, 1.0, HEIGHTS)[:, None] * np.ptp(every, axis=0)
    costs = _LEAST_COST * heights**4
    for side, wish, touches in zip(SIDES, wishes, touching, strict=True):
        costs = costs + touches * _bend_rad(body, joints, side, wish - heights) ** 4
    best = np.take_along_axis(heights, costs.argmin(axis=0)[None], axis=0)[0]
    return root + gaussian_filter1d(best, SHIFT_S * fps, mode="nearest")[:, None] * _UP


def _bend_rad(body: Skeleton, joints: np.ndarray, side: str, up: np.ndarray) -> np.ndarray:
    """(N, T) by how much a knee changes its bend when its foot is raised by `up` (N, T) metres; out of reach is worse
    than any bend by a radian per 10 cm."""
    hip, knee, ankle = (joints[:, body_joint(body, f"{joint}.{side}")] for joint in ("hip", "knee", "ankle"))
    thigh, shin = _length(knee - hip)[:, 0], _length(ankle - knee)[:, 0]
    away = np.array([_length(ankle + height[:, None] * _UP - hip)[:, 0] for height in (np.zeros(len(hip)), *up)])
    cosine = (thigh**2 + shin**2 - away**2) / (2 * thigh * shin)
    inside = np.arccos(np.clip(cosine, -1.0, 1.0))
    beyond = np.maximum(away - STRAIGHTEST * (thigh + shin), 0.0)
    return np.abs(inside[1:] - inside[0]) + beyond[1:] / 0.1


def plant_feet(body: Skeleton, rotations: np.ndarray, root: np.ndarray, *, planted: dict, fps: float) -> np.ndarray:
    """The rotations (T, J, 3, 3) with planted feet held at one place each; planted: as of `follow_feet`."""
    rotations, joints = rotations.copy(), body.fk(rotations, root)
    for side, move in _moves(body, rotations, root, planted, fps).items():
        _move_foot(body, rotations, joints, _fade(planted[side], fps)[:, None] * move, side)
    return rotations


def raise_feet(body: Skeleton, rotations: np.ndarray, root: np.ndarray, fps: float) -> np.ndarray:
    """The rotations (T, J, 3, 3) with no foot below z = 0: legs are bent where turning the foot did not suffice."""
    rotations = rotations.copy()
    joints, probes = body.fk(rotations, root), body.posed_probes(rotations, root)
    for side in SIDES:
        sole = probes[:, on_foot(body, side), 2].min(axis=1)
        _move_foot(body, rotations, joints, lift(sole, fps, STEP_WINDOW_S)[:, None] * _UP, side)
    return rotations


def lift(lowest: np.ndarray, fps: float, window_s: float = LIFT_WINDOW_S) -> np.ndarray:
    """(T,) metres to raise what has its lowest points at `lowest`, so that nothing is under the floor.

    A wide maximum and then a Gaussian no wider, so that the lift comes and goes smoothly and is never too small.
    """
    reach = max(1, round(window_s * fps))
    highest = maximum_filter1d(np.maximum(-lowest, 0.0), 2 * reach + 1, mode="nearest")
    return gaussian_filter1d(highest, reach / 2, mode="nearest", radius=reach)


def _moves(body: Skeleton, rotations: np.ndarray, root: np.ndarray, planted: dict, fps: float) -> dict[str, np.ndarray]:
    """By side (T, 3) from where a foot is to where it should stand."""
    joints, probes = body.fk(rotations, root), body.posed_probes(rotations, root)
    moves = {}
    for side in SIDES:
        sole = probes[:, on_foot(body, side), 2].min(axis=1)
        moves[side] = _hold(joints[:, body_joint(body, f"toe.{side}")], sole, planted[side], fps)
    return moves


def _hold(toe: np.ndarray, sole: np.ndarray, planted: np.ndarray, fps: float) -> np.ndarray:
    """(T, 3) by how much to move a foot so that its ball stands still while planted; between stands on the way from one
    to the next.

    Each stand is at the mean of the ball's own path (T, 3) over it, at the height at which its sole (T,) is on the
    floor in the mean. A foot that creeps is followed, slowly.
    """
    if not planted.any():
        return np.zeros_like(toe)
    held = toe - sole[:, None] * _UP
    frames = np.flatnonzero(planted)
    for stand in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1):
        creeps = np.ptp(held[stand], axis=0).max() > CREEP_M
        slow = gaussian_filter1d(held[stand], CREEP_S * fps, axis=0, mode="nearest") if creeps else 0.0
        held[stand] = slow if creeps else held[stand].mean(axis=0)
    every = np.arange(len(toe))
    return np.stack([np.interp(every, frames, (held - toe)[frames, axis]) for axis in range(3)], axis=1)


def _move_foot(body: Skeleton, rotations: np.ndarray, joints: np.ndarray, move: np.ndarray, side: str) -> None:
    """Bends one leg in place, so that the foot moves by (T, 3) metres and keeps its turn."""
    hip, knee, ankle = (joints[:, body_joint(body, f"{joint}.{side}")] for joint in ("hip", "knee", "ankle"))
    thigh = rotations[:, body_joint(body, f"hip.{side}")]
    new_knee, new_ankle = bend(hip, knee, ankle, ankle + move, forward=thigh @ _FORWARD, left=thigh @ _LEFTWARD)
    moved = np.linalg.norm(move, axis=1) > _LEAST_MOVE_M
    upper = smallest_rotation((knee - hip)[moved], (new_knee - hip)[moved])
    lower = smallest_rotation((ankle - knee)[moved], (new_ankle - new_knee)[moved])
    for bones, turn in ((("upperleg01", "upperleg02"), upper), (("lowerleg01", "lowerleg02"), lower)):
        for bone in bones:
            index = body.index(f"{bone}.{side}")
            rotations[moved, index] = turn @ rotations[moved, index]


def bend(hip, knee, ankle, goal, *, forward, left) -> tuple[np.ndarray, np.ndarray]:
    """Knee and ankle (T, 3) of a leg that reaches for `goal` (T, 3) and stays in its plane.

    forward, left: (T, 3) the thigh's own directions, which say where a straight knee bends. A goal out of reach is
    approached along the line from the hip.
    """
    thigh, shin = _length(knee - hip), _length(ankle - knee)
    reach = np.maximum(STRAIGHTEST * (thigh + shin), _length(ankle - hip))
    distance = np.clip(_length(goal - hip), np.abs(thigh - shin) + 1e-6, reach)
    line = (goal - hip) / _length(goal - hip)
    pole = _unit(_pole(line, knee - hip, forward, left))
    cosine = np.clip((thigh**2 + distance**2 - shin**2) / (2 * thigh * distance), -1.0, 1.0)
    new_knee = hip + thigh * (cosine * line + np.sqrt(1 - cosine**2) * pole)
    return new_knee, hip + distance * line


def _pole(line: np.ndarray, knee: np.ndarray, forward: np.ndarray, left: np.ndarray) -> np.ndarray:
    """The direction from the line to the knee; where the knee is on the line, square to the thigh's left."""
    own = knee - np.sum(knee * line, axis=-1, keepdims=True) * line
    other = np.cross(left, line)
    other = other * np.where(np.sum(other * forward, axis=-1, keepdims=True) < 0, -1.0, 1.0)
    return np.where(_length(own) > _SMALLEST_BEND_M, own, other)


def _fade(planted: np.ndarray, fps: float) -> np.ndarray:
    """(T,) 1 while planted, falling smoothly to 0 over `FADE_S` on either side."""
    reach = max(1, round(FADE_S * fps))
    window = np.hanning(reach + 2)[1:-1]
    wide = maximum_filter1d(planted.astype(float), reach + 1 - reach % 2, mode="nearest")
    padded = np.pad(wide, len(window) // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="same")[len(window) // 2 : len(window) // 2 + len(wide)]


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1, keepdims=True)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / _length(vectors)
