"""Any object with any motion: what is shown when a clip asks for its own objects, for none, or for another one.

An object in a hand says something about the activity that the motion does not say; a squat with a golf club, or a
golf swing without one, asks a model which of the two it goes by. A held object is fixed to the hand by its grip; an
end that would reach into the floor is turned up until it clears it. A ladder cannot be held and stands beside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.body.skeleton import Skeleton
from synth.motion import objects
from synth.motion.builtin import grip, rig
from synth.motion.builtin.easing import minimum_jerk
from synth.motion.builtin.rotations import apply, swing, unit
from synth.motion.motion import Motion, to_matrices
from synth.motion.props import PropError, PropTrack

APART_M = 0.1  # of the two hands on a club
SLANT = (0.52, 0.82)  # of a club's shaft against both hands: to the thumbs, along the fingers
HAND_HALF_M = 0.05  # of the hand's width
ASIDE_M = 0.9  # of a ladder from the person, to the right


@dataclass(frozen=True)
class Hold:
    """How a hand holds an object. preset: of the fingers. x, z: the object's axes as (along the fingers, out of the
    palm, to the thumb). at_m: the point of its x axis that is held. radius_m: of a ball. ends: points (x, z) of the
    object that must stay `clear_m` above the floor."""

    preset: str
    x: tuple[float, float, float]
    z: tuple[float, float, float]
    at_m: float = 0.0
    radius_m: float = 0.0
    ends: tuple[tuple[float, float], ...] = ()
    clear_m: float = 0.03


_CLUB = ((0.0, objects.CLUB_END_M), (0.0, -objects.CLUB_HEAD_M))
_BALLS = {
    kind: Hold("ball", (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), radius_m=radius) for kind, radius in objects.RADIUS_M.items()
}
HOLDS: dict[str, Hold] = _BALLS | {
    "golf_club": Hold("grip", (0.86, 0.0, -0.5), (-0.5, 0.0, -0.86), ends=_CLUB, clear_m=0.06),
    "bow": Hold("grip", (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), ends=((-0.17, 0.8), (-0.17, -0.8))),
    "arrow": Hold("grip", (0.3, 0.0, 1.0), (1.0, 0.0, -0.3), at_m=0.37, ends=((0.0, 0.0), (objects.ARROW_M, 0.0))),
    "violin": Hold("grip", (0.35, 0.0, 1.0), (0.0, -1.0, 0.0), at_m=0.42, ends=((0.0, 0.0), (0.59, 0.0)), clear_m=0.1),
    "violin_bow": Hold("pinch", (0.25, 0.0, 1.0), (0.0, -1.0, 0.0), ends=((-0.02, 0.0), (0.7, 0.0))),
}
KINDS: tuple[str, ...] = (*HOLDS, "ladder")


def chosen(motion: Motion, props: str, skeleton: Skeleton) -> tuple[PropTrack, ...]:
    """The objects of `ClipSpec.props`: "own" those of the motion, "none" no object, a kind that one alone, held in the
    right hand or put beside (`hold`). Raises PropError for any other word."""
    if props == "own":
        return motion.props
    return () if props == "none" else (hold(props, motion, skeleton),)


def hold(kind: str, motion: Motion, skeleton: Skeleton, *, hand: str = "R") -> PropTrack:
    """An object held in a hand ("L" or "R") whatever the motion; a ladder stands on the person's right.

    Raises PropError for a kind that cannot be held, and for a motion or a skeleton without that hand's joints.
    """
    if kind == "ladder":
        return _beside(kind, motion)
    if kind not in HOLDS:
        raise PropError(
            f"{kind!r} is no object that can be held; the objects are {', '.join(KINDS)}, beside 'own' (those of the "
            "motion) and 'none'"
        )
    rotations = _on(skeleton, motion, kind, hand)
    held, place = HOLDS[kind], rig.build(skeleton)
    at = grip.at_hand(place, hand, rotations, motion.root, preset=held.preset, away_m=held.radius_m)
    x, z = (_direction(at, share) for share in (held.x, held.z))
    track = grip.track(kind, at.point - held.at_m * x, grip.axes_xz(x, z))
    return _beside_hand(track, at, held.radius_m) if held.radius_m else _above_floor(track, at.point, held)


def for_activity(activity: str, motion: Motion, skeleton: Skeleton) -> tuple[PropTrack, ...]:
    """The objects of a recorded motion, in which nobody recorded any: those that the hands alone determine.

    A golf club lies in both hands: its grip between the two palms, its shaft along the line through them. A ball on
    its way between hand and floor, a bow or a ladder's rungs are not determined by the body, and none is invented.
    """
    return (_club(motion, skeleton),) if activity == "golf_swing" else ()


def _club(motion: Motion, skeleton: Skeleton) -> PropTrack:
    """The club in both hands: the left hand is the upper one, or the right where that one is nearer to the chest."""
    rotations = _on(skeleton, motion, "golf_club", "L", "R")
    place = rig.build(skeleton)
    palms = {s: grip.at_hand(place, s, rotations, motion.root, preset="grip") for s in rig.SIDES}
    between = palms["R"].point - palms["L"].point
    thumbs, along = (unit(getattr(palms["L"], n) + getattr(palms["R"], n)) for n in ("thumb", "along"))
    upper = 1.0 if np.sum(between * thumbs) >= 0 else -1.0
    # Recorded hands lie apart or on one another, so their line says less than how they are turned: a club leaves the
    # fists aslant, between the thumbs' side and the knuckles.
    line = upper * between / np.maximum(np.linalg.norm(between, axis=1, keepdims=True), APART_M)
    down = unit(0.5 * line + SLANT[0] * thumbs + SLANT[1] * along)
    face = _across(down, palms["R"].out - palms["L"].out)
    point = (palms["L"].point + palms["R"].point) / 2
    return grip.track("golf_club", point, grip.axes_zx(-down, face))


def _across(along: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """`beside` (T, 3) without its part along `along`, unit; where nothing is left, any direction across."""
    rest = beside - np.sum(beside * along, axis=1, keepdims=True) * along
    spare = np.cross(along, [0.3, 0.5, 0.8])
    return unit(np.where(np.linalg.norm(rest, axis=1, keepdims=True) > 1e-6, rest, spare))


def _on(skeleton: Skeleton, motion: Motion, kind: str, *hands: str) -> np.ndarray:
    """The motion's rotations (T, J, 3, 3); PropError unless it moves this skeleton and both have the hands."""
    needed = [f"{bone}.{side}" for side in hands for bone in ("wrist", "finger3-1")]
    missing = [n for n in needed if n not in skeleton.names or n not in motion.names]
    if missing:
        raise PropError(
            f"prop {kind!r} is held in the hand {' and '.join(hands)}, and the joint {missing[0]!r} is missing from "
            f"the {'motion' if missing[0] in skeleton.names else 'skeleton'} {motion.label!r}; use a body of anny's "
            "rig, hand 'L' or 'R', or props 'none'"
        )
    if motion.names != skeleton.names:
        raise PropError(f"prop {kind!r}: the motion {motion.label!r} moves another skeleton's bones than this one's")
    return motion.matrices()


def _direction(at: grip.Held, shares: tuple[float, float, float]) -> np.ndarray:
    return unit(shares[0] * at.along + shares[1] * at.out + shares[2] * at.thumb)


def _beside_hand(ball: PropTrack, at: grip.Held, radius_m: float) -> PropTrack:
    """The ball, rolled out from under a hand that comes too near to the floor for it, to the little finger's side."""
    lift = np.maximum(radius_m - ball.positions[:, 2], 0.0)
    aside = unit(at.thumb * [-1.0, -1.0, 0.0] + [0.0, 0.0, 1e-9])
    rolled = minimum_jerk(lift / radius_m) * (radius_m + HAND_HALF_M)
    return ball.moved(rolled[:, None] * aside * [1.0, 1.0, 0.0] + lift[:, None] * [0.0, 0.0, 1.0])


def _above_floor(prop: PropTrack, pivot: np.ndarray, held: Hold) -> PropTrack:
    """The prop turned about `pivot` (T, 3), where an end of it would reach into the floor, until that end clears it;
    what turning cannot do, lifting does."""
    turns, place = to_matrices(prop.rotations), prop.positions
    for x, z in held.ends:
        arm = place + apply(turns, [x, 0.0, z]) - pivot
        tilt = swing(arm, _raised(arm, held.clear_m - pivot[:, 2]))
        turns, place = tilt @ turns, pivot + apply(tilt, place - pivot)
    low = np.min([(place + apply(turns, [x, 0.0, z]))[:, 2] for x, z in held.ends], axis=0)
    lift = np.maximum(held.clear_m - low, 0.0)[:, None] * [0.0, 0.0, 1.0]
    return grip.track(prop.kind, place + lift, turns)


def _raised(arm: np.ndarray, least_m: np.ndarray) -> np.ndarray:
    """(T, 3) of the same lengths as `arm`, over the same ground line, that rise by `least_m` (T,) or nearly upright."""
    length = np.linalg.norm(arm, axis=1)
    level = unit(arm * [1.0, 1.0, 0.0] + [1e-3, 0.0, 0.0])
    rise = np.maximum(arm[:, 2], np.minimum(least_m, 0.99 * length))
    return np.sqrt(np.maximum(length**2 - rise**2, 0.0))[:, None] * level + rise[:, None] * [0.0, 0.0, 1.0]


def _beside(kind: str, motion: Motion) -> PropTrack:
    """A thing that stands on the person's right, turned as if they were to climb it; it comes along where they go."""
    share = np.arange(len(motion)) / len(motion)
    at = motion.root.mean(axis=0) - motion.travel_m * share.mean() + share[:, None] * motion.travel_m
    at = (at - [0.0, ASIDE_M, 0.0]) * [1.0, 1.0, 0.0]
    return grip.track(kind, at, np.tile(np.eye(3), (len(motion), 1, 1)))
