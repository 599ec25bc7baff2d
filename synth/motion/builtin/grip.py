"""Objects in the hand: where a held object is, and where the wrist has to be so that the hand is at a given place.

A hand holds at one point, which depends on the finger preset (`hands`): a shaft lies across the palm, a bow or an
arrow between thumb and fingertips, a string in the fingers' last joints, a ball on palm and fingers. Shares are of the
hand's length (wrist to the base of the middle finger), so that they fit every body.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.motion.builtin.figure import Figure
from synth.motion.builtin.rig import SIGN, Rig
from synth.motion.builtin.rotations import apply, frame
from synth.motion.props import PropTrack

# preset: where it holds, along the fingers and out of the palm from the wrist
POINTS = {"grip": (0.91, 0.31), "pinch": (1.12, 0.60), "hook": (1.17, 0.33), "ball": (0.95, 0.24)}


@dataclass(frozen=True)
class Held:
    """What a hand holds, for T frames. point (T, 3) metres; along the fingers, out of the palm and to the thumb's
    side, each (T, 3) unit and at right angles."""

    point: np.ndarray
    along: np.ndarray
    out: np.ndarray
    thumb: np.ndarray


def in_hand(figure: Figure, side: str, preset: str, away_m: float = 0.0) -> Held:
    """The place in a posed figure's hand where `preset` holds, `away_m` further out of the palm (a ball's radius)."""
    return at_hand(figure.rig, side, figure.rotations, figure.root, preset=preset, away_m=away_m)


def at_hand(rig: Rig, side: str, rotations: np.ndarray, root: np.ndarray, *, preset: str, away_m=0.0) -> Held:
    """As `in_hand`, of a body posed by rotations (T, J, 3, 3) and roots (T, 3)."""
    hand = rig.hands[side]
    axes = rotations[:, hand.bone] @ hand.rest
    wrist = rig.skeleton.fk(rotations, root)[:, hand.bone]
    return Held(wrist + apply(axes, _offset(rig, side, preset, away_m)), *_axes(axes, side))


def wrist(rig: Rig, side: str, point: np.ndarray, rotation: np.ndarray, *, preset: str, away_m=0.0) -> np.ndarray:
    """(T, 3) where the wrist has to be for a hand turned to `rotation` (T, 3, 3) to hold at `point` (T, 3)."""
    axes = rotation @ rig.hands[side].rest
    return point - apply(axes, _offset(rig, side, preset, away_m))


def track(kind: str, point: np.ndarray, axes: np.ndarray, scale=1.0) -> PropTrack:
    """An object at `point` (T, 3) whose own axes are the columns of `axes` (T, 3, 3); scale: number, (T,) or (T, 3)."""
    scale = np.asarray(scale, dtype=np.float64)
    scale = scale[:, None] if scale.ndim == 1 else scale
    whole = PropTrack.from_matrices(kind, np.concatenate([axes, point[:, :, None]], axis=2))
    return PropTrack(
        kind=kind,
        rotations=whole.rotations,
        positions=whole.positions,
        scale=np.broadcast_to(scale, (len(point), 3)),
    )


def axes_xz(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """(T, 3, 3) axes of an object whose x points along `x` and whose z as nearly as may be along `z`, (T, 3) each."""
    first = frame(x, z)
    return np.stack([first[..., 0], -first[..., 2], first[..., 1]], axis=-1)


def axes_zx(z: np.ndarray, x: np.ndarray) -> np.ndarray:
    """As `axes_xz`, with z exact and x as nearly as may be."""
    first = frame(z, x)
    return np.stack([first[..., 1], first[..., 2], first[..., 0]], axis=-1)


def _offset(rig: Rig, side: str, preset: str, away_m: float) -> np.ndarray:
    along, out = POINTS[preset]
    length = rig.hands[side].length_m
    return np.array([along * length, out * length + away_m, 0.0])


def _axes(axes: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return axes[..., 0], axes[..., 1], -SIGN[side] * axes[..., 2]
