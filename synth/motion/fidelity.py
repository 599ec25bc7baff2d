"""How faithful a recorded motion is on a body: the measures of `synth.motion.quality`.

Directions are compared and not positions, since bodies differ in proportions; the error of positions is given beside
them, after scaling to the legs (MPJPE) and after the best similarity per frame (PA-MPJPE; Umeyama 1991, "Least-squares
estimation of transformation parameters between two point patterns").
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.body.skeleton import Skeleton
from synth.factors import ClipSpec, Viewpoint
from synth.frames import rotation_z
from synth.motion import catalogue, travel
from synth.motion.align import body_joint
from synth.motion.facing import front_deg
from synth.motion.motion import Motion
from synth.motion.performance import SIDES, Performance
from synth.motion.retarget import padded
from synth.motion.soles import on_foot
from synth.motion.trials import Crop

LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
JOINTS = tuple(f"{name}.{side}" for name in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist") for side in SIDES)
MOVING = tuple(f"{name}.{side}" for name in ("ankle", "wrist") for side in SIDES)  # whose jerk is compared
LOOKS = 6  # pictures a second that are tested for what is in the frame
AZIMUTHS_DEG = (0.0, 90.0, 180.0, 270.0)
HALF_FOV_DEG = ClipSpec.fov_deg / 2
_LEAST_LIFE_M = 1e-6


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """One motion on one body; angles in degrees, lengths in metres.

    limb_deg, limb_fk_deg: (T, 8) between the body's limbs and the subject's, finished and by rotations alone. hip_deg,
    shoulder_deg: means for the lines from right to left. torso_deg: (T,) hips to shoulders. position_m, aligned_m:
    MPJPE and PA-MPJPE. skate_m_s, source_skate_m_s: mean horizontal speed of planted balls of the feet, 0 where none
    is. sole_sd_m: spread of the height of planted soles. depth_m: (T,) how far the body was under the floor before it
    was lifted; lowest_m: (T,) its lowest point when finished. jerk: of hands and feet, over the subject's.
    framed, framed_in_world: share of the body in the picture of a camera that stands still, travel taken out or not.
    """

    seconds: float
    limb_deg: np.ndarray
    limb_fk_deg: np.ndarray
    hip_deg: float
    shoulder_deg: float
    torso_deg: np.ndarray
    position_m: float
    aligned_m: float
    skate_m_s: float
    source_skate_m_s: float
    sole_sd_m: float
    depth_m: np.ndarray
    lowest_m: np.ndarray
    jerk: float
    framed: float
    framed_in_world: float
    front_deg: float


def measure(crop: Crop, body: Skeleton, *, assets_root: Path | None) -> Fidelity:
    """The fidelity of a crop on a body."""
    trial, frames = catalogue.recording(crop, assets_root)
    part, inside = padded(trial, frames.start, frames.stop)
    source, planted = part.cut(inside), {side: part.planted(side)[inside] for side in SIDES}
    plain = catalogue.on_body(crop, body, assets_root=assets_root, lock=False, lift=False)
    sunk = catalogue.on_body(crop, body, assets_root=assets_root, lift=False)
    motion = catalogue.on_body(crop, body, assets_root=assets_root)
    rotations = motion.matrices()
    joints, probes = body.fk(rotations, motion.root), body.posed_probes(rotations, motion.root)
    feet = {side: joints[:, body_joint(body, f"toe.{side}")] for side in SIDES}
    own = {side: source.joint(f"toe.{side}") for side in SIDES}
    posed = {name: joints[:, body_joint(body, name)] for name in JOINTS}
    position_m, aligned_m = _position_errors(posed, source)
    return Fidelity(
        seconds=motion.duration_s,
        limb_deg=limb_error_deg(joints, body, source),
        limb_fk_deg=limb_error_deg(body.fk(plain.matrices(), plain.root), body, source),
        hip_deg=float(_between("hip.R", "hip.L", posed, source).mean()),
        shoulder_deg=float(_between("shoulder.R", "shoulder.L", posed, source).mean()),
        torso_deg=angle_deg(_torso(posed), _torso({name: source.joint(name) for name in JOINTS})),
        position_m=position_m,
        aligned_m=aligned_m,
        skate_m_s=_skate(feet, planted, source.fps),
        source_skate_m_s=_skate(own, planted, source.fps),
        sole_sd_m=_sole_sd(body, probes, planted),
        depth_m=np.maximum(-body.lowest(sunk.matrices(), sunk.root), 0.0),
        lowest_m=probes[..., 2].min(axis=1),
        jerk=_jerk(posed, source.fps) / max(_scale(posed, source) * _jerk(_paths(source), source.fps), _LEAST_LIFE_M),
        framed=_framed(motion, body, in_place=True),
        framed_in_world=_framed(motion, body, in_place=False),
        front_deg=front_deg(motion, body),
    )


def limb_error_deg(joints: np.ndarray, body: Skeleton, source: Performance) -> np.ndarray:
    """(T, 8) angles in degrees between the body's limbs, posed joints (T, J, 3), and the source's."""
    errors = []
    for side in SIDES:
        for start, end in LIMBS:
            ends = [joints[:, body_joint(body, f"{name}.{side}")] for name in (start, end)]
            wanted = source.joint(f"{end}.{side}") - source.joint(f"{start}.{side}")
            errors.append(angle_deg(ends[1] - ends[0], wanted))
    return np.stack(errors, axis=1)


def angle_deg(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(...) the angle between vectors (..., 3); exact for small angles, where a cosine is not."""
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), np.sum(a * b, axis=-1)))


def _paths(source: Performance) -> dict[str, np.ndarray]:
    return {name: source.joint(name) for name in JOINTS}


def _between(start: str, end: str, posed: dict, source: Performance) -> np.ndarray:
    """(T,) the angle between a line of the body and the subject's."""
    return angle_deg(posed[end] - posed[start], source.joint(end) - source.joint(start))


def _torso(joints: dict) -> np.ndarray:
    """(T, 3) from the middle of the hips to the middle of the shoulders."""
    return (joints["shoulder.L"] + joints["shoulder.R"] - joints["hip.L"] - joints["hip.R"]) / 2


def _scale(posed: dict, source: Performance) -> float:
    """The body's legs over the subject's."""
    legs = sum(np.linalg.norm(posed[a] - posed[b], axis=1)[0] for a, b in _LEG) / 2
    return float(legs / source.leg_m())


_LEG = [(f"{a}.{side}", f"{b}.{side}") for side in SIDES for a, b in (("hip", "knee"), ("knee", "ankle"))]


def _position_errors(posed: dict, source: Performance) -> tuple[float, float]:
    """Mean distance of joints in metres: from the hips' middle at the body's scale, and after the best similarity."""
    ours, theirs = (np.stack([joints[name] for name in JOINTS], axis=1) for joints in (posed, _paths(source)))
    theirs = theirs * _scale(posed, source)
    hips = [JOINTS.index("hip.L"), JOINTS.index("hip.R")]
    rooted = [points - points[:, hips].mean(axis=1, keepdims=True) for points in (ours, theirs)]
    centred = [points - points.mean(axis=1, keepdims=True) for points in (ours, theirs)]
    aligned = _best_similarity(centred[1], centred[0])
    return tuple(float(np.linalg.norm(a - b, axis=-1).mean()) for a, b in (rooted, (centred[0], aligned)))


def _best_similarity(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Centred points (T, N, 3) turned and scaled per frame to lie nearest to others."""
    u, values, vt = np.linalg.svd(points.swapaxes(-1, -2) @ onto)
    sign = np.ones_like(values)
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    turn = (u * sign[:, None, :]) @ vt
    size = (values * sign).sum(axis=1) / (points**2).sum(axis=(1, 2))
    return size[:, None, None] * (points @ turn)


def _skate(feet: dict[str, np.ndarray], planted: dict[str, np.ndarray], fps: float) -> float:
    """Mean horizontal speed of the balls of the feet while planted; 0 where none is."""
    speeds = []
    for side in SIDES:
        steps = np.gradient(feet[side], 1.0 / fps, axis=0)[planted[side]]
        speeds.append(np.linalg.norm(steps[:, :2], axis=1))
    together = np.concatenate(speeds)
    return float(together.mean()) if together.size else 0.0


def _sole_sd(body: Skeleton, probes: np.ndarray, planted: dict[str, np.ndarray]) -> float:
    """Spread of the height of planted soles about its mean, both feet together; 0 where none is planted."""
    soles = [probes[planted[side]][:, on_foot(body, side), 2] for side in SIDES]
    lowest = np.concatenate([sole.min(axis=1) for sole in soles if len(sole)] or [np.zeros(1)])
    return float(lowest.std())


def _jerk(joints: dict, fps: float) -> float:
    """Root mean square of the third derivative of hands and feet, m/s^3; 0 for a motion of under four frames."""
    paths = np.stack([joints[name] for name in MOVING])
    third = np.diff(paths, n=3, axis=1) * fps**3
    return float(np.sqrt((third**2).sum(axis=-1).mean())) if third.size else 0.0


def _framed(motion: Motion, body: Skeleton, *, in_place: bool) -> float:
    """Share of the body's points in the square picture of a camera at the usual distance, over four sides."""
    times = np.linspace(0.0, motion.duration_s, max(2, round(LOOKS * motion.duration_s)))
    rotations, root = motion.sample(times)
    root = travel.in_place(motion, times, root) if in_place else root
    joints = body.fk(rotations, root).reshape(-1, 3)
    away = body.posed_probes(rotations, root).reshape(-1, 3) - (joints.min(axis=0) + joints.max(axis=0)) / 2
    shares, reach = [], np.tan(np.radians(HALF_FOV_DEG))
    for azimuth in AZIMUTHS_DEG:
        ahead, left, up = (away @ rotation_z(front_deg(motion, body) + azimuth)).T
        depth = Viewpoint.distance_m - ahead
        shares.append((depth > 0) & (np.abs(left) < reach * depth) & (np.abs(up) < reach * depth))
    return float(np.mean(shares))
