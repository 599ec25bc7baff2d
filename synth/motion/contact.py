"""Feet that stand and a floor that holds: foot lock by two-bone inverse kinematics, and the lift out of the floor.

Retargeted by rotations alone, a body with other proportions slides where the subject stood. While a foot is planted its
ball is held at one place (the ball and not the ankle, which may rise while the ball stands), and the leg is bent to
reach it by the law of cosines (closed form; e.g. Tolani, Goswami and
Badler 2000, "Real-time inverse kinematics techniques for anthropomorphic limbs"), in the plane in which the knee
already lies; the foot keeps its turn. The hold fades in and out over 0.1 s.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from synth.body.skeleton import Skeleton
from synth.motion.align import body_joint, smallest_rotation
from synth.motion.performance import SIDES

FADE_S = 0.10
LIFT_WINDOW_S = 0.12
STRAIGHTEST = 0.999  # share of the leg's length to which the lock may stretch it; a straight knee would snap
_FORWARD, _LEFTWARD, _UP = np.eye(3)
_SMALLEST_BEND_M = 0.01  # a knee nearer to the line from hip to ankle than this has no plane of its own


def lock_feet(
    body: Skeleton, rotations: np.ndarray, root: np.ndarray, *, toes: dict, planted: dict, fps: float
) -> np.ndarray:
    """The rotations (T, J, 3, 3) with planted feet held.

    toes: by side ("L", "R") the source's balls of the feet (T, 3), scaled to the body. planted: by side (T,) bool.
    """
    rotations = rotations.copy()
    for side in SIDES:
        if planted[side].any():
            _lock_foot(body, rotations, root, wanted=toes[side], planted=planted[side], side=side, fps=fps)
    return rotations


def on_floor(body: Skeleton, rotations: np.ndarray, root: np.ndarray, planted: np.ndarray, fps: float) -> np.ndarray:
    """The root's path (T, 3) with the floor at z = 0 and nothing below it.

    The floor is one for all frames, so that jumps stay jumps: the median of the body's lowest points while a foot is
    planted (T,) bool; of a motion that never stands the 5th percentile over all frames. What is still below is lifted.
    """
    lowest = body.lowest(rotations, root)
    floor = float(np.median(lowest[planted]) if planted.any() else np.percentile(lowest, 5))
    return root + (lift(lowest - floor, fps) - floor)[:, None] * _UP


def lift(lowest: np.ndarray, fps: float) -> np.ndarray:
    """(T,) metres to raise a body whose lowest points are at `lowest`, so that nothing is under the floor.

    A wide maximum and then a Gaussian, so that the lift comes and goes smoothly.
    """
    reach = max(1, round(LIFT_WINDOW_S * fps))
    highest = maximum_filter1d(np.maximum(-lowest, 0.0), 2 * reach + 1, mode="nearest")
    return gaussian_filter1d(highest, reach / 2, mode="nearest")


def _lock_foot(body, rotations, root, *, wanted, planted, side, fps) -> None:
    """Bends one leg in place, so that its ball follows `wanted` (T, 3) while the foot is planted."""
    posed = body.fk(rotations, root)
    hip, knee, ankle, toe = (posed[:, body_joint(body, f"{joint}.{side}")] for joint in ("hip", "knee", "ankle", "toe"))
    held = _held(wanted + np.median((toe - wanted)[planted], axis=0), planted)
    weight = _fade(planted, fps)[:, None]
    goal = ankle + weight * (held - toe)
    thigh = rotations[:, body_joint(body, f"hip.{side}")]
    new_knee, new_ankle = bend(hip, knee, ankle, goal, forward=thigh @ _FORWARD, left=thigh @ _LEFTWARD)
    moved = weight[:, 0] > 1e-3
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


def _held(path: np.ndarray, planted: np.ndarray) -> np.ndarray:
    """The path with each planted run at its mean place."""
    path, frames = path.copy(), np.flatnonzero(planted)
    for run in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1):
        path[run] = path[run].mean(axis=0)
    return path


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
