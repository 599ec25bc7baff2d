"""A motion as plain data: one world rotation per bone and frame, and the path of the root.

A rotation is stored relative to the rest pose of the skeleton that it drives, D in `v = D (v_rest - head_rest) + head`,
so that a motion of identities is the rest pose and two bodies with one rig can share it. Quaternions and not Euler
angles, because motions are resampled: between frames every bone takes the shorter great arc (slerp; Shoemake 1985,
"Animating rotation with quaternion curves"), which Euler angles with their wraps and gimbal locks do not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from synth.errors import CeterisError
from synth.frames import rotation_z
from synth.motion.props import PropTrack

KINDS = ("authored", "cmu")
UNIT_TOLERANCE = 1e-4  # how far a quaternion's length may be from 1 before it is a mistake and not rounding
TIME_TOLERANCE_S = 1e-6
_NEARLY_PARALLEL = 1.0 - 1e-9  # below this angle slerp divides by nearly zero and a straight line is exact enough


class MotionError(CeterisError):
    """A motion that cannot be: wrong shapes, numbers that are none, times outside it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Motion:
    """A motion of T frames and J bones in our frame (metres, Z up, front +X).

    names: the bones. rotations: (T, J, 4) float64 unit quaternions (w, x, y, z), world rotation of each bone relative
    to the rest pose. root: (T, 3) metres, the head of the root bone. fps: frames per second. kind: "authored" or
    "cmu". label: for people and messages. cyclic: frame T would equal frame 0, moved by `travel_m`,
    and the movement is done `cycles` times in between.
    props: the objects that belong to the motion, each with a place for every frame, in the frame of `root`.
    Raises MotionError for anything else; the arrays are read-only.
    """

    names: tuple[str, ...]
    rotations: np.ndarray
    root: np.ndarray
    fps: float
    kind: str = "authored"
    label: str = ""
    cyclic: bool = False
    cycles: int = 1
    travel_m: np.ndarray = field(default_factory=lambda: np.zeros(3))
    props: tuple[PropTrack, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "props", tuple(self.props))
        for name in ("rotations", "root", "travel_m"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        _check(self)

    @classmethod
    def from_matrices(cls, *, matrices: np.ndarray, **rest) -> Motion:
        """A motion from (T, J, 3, 3) rotation matrices; every other field as in the class."""
        matrices = np.asarray(matrices, dtype=np.float64)
        if matrices.ndim != 4 or matrices.shape[2:] != (3, 3) or not matrices.size:
            raise MotionError(f"motion {rest.get('label', '')!r}: matrices are {matrices.shape}, expected (T, J, 3, 3)")
        return cls(rotations=to_quaternions(matrices), **rest)

    def __len__(self) -> int:
        return len(self.root)

    @property
    def cycle_s(self) -> float:
        """Seconds that the movement takes once, in the mean."""
        return self.duration_s / self.cycles

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last; of a cyclic motion to the return of the first."""
        return (len(self) - (not self.cyclic)) / self.fps

    def index(self, name: str) -> int:
        """The number of a bone; raises MotionError for a bone that the motion does not have."""
        if name not in self.names:
            raise MotionError(f"motion {self.label!r} has no bone {name!r}; its bones: {', '.join(self.names)}")
        return self.names.index(name)

    def matrices(self) -> np.ndarray:
        """(T, J, 3, 3) rotation matrices."""
        return to_matrices(self.rotations)

    def sample(self, times_s) -> tuple[np.ndarray, np.ndarray]:
        """Rotations (n, J, 3, 3) and root (n, 3) at n times in seconds, in any order.

        Between frames rotations slerp and the root goes straight. A cyclic motion goes on for ever in both
        directions; any other raises MotionError before 0 and after `duration_s`.
        """
        quaternions, root = self._between(np.atleast_1d(np.asarray(times_s, dtype=np.float64)))
        return to_matrices(quaternions), root

    def sample_props(self, times_s) -> np.ndarray:
        """(n, K, 3, 4) of K props at n times: rotation times scale, and position, from the prop's own frame to that of
        `root`; between frames as in `sample`."""
        lower, upper, share = self._around(np.atleast_1d(np.asarray(times_s, dtype=np.float64)))
        placed = []
        for prop in self.props:
            turns = to_matrices(slerp(prop.rotations[lower % len(self)], prop.rotations[upper % len(self)], share))
            low, high = (prop.positions[i % len(self)] + self._travelled(i) for i in (lower, upper))
            thin, wide = prop.scale[lower % len(self)], prop.scale[upper % len(self)]
            columns = turns * (thin + share[:, None] * (wide - thin))[:, None, :]
            placed.append(np.concatenate([columns, (low + share[:, None] * (high - low))[:, :, None]], axis=2))
        return np.stack(placed, axis=1) if placed else np.zeros((len(share), 0, 3, 4))

    def resample(self, fps: float) -> Motion:
        """The same motion at another frame rate (slerp). A cyclic one must come out at a whole number of frames."""
        if not (np.isfinite(fps) and fps > 0):
            raise MotionError(f"motion {self.label!r}: fps = {fps!r} is no frame rate above 0")
        count = self.duration_s * fps
        if self.cyclic and abs(count - round(count)) > 1e-6:
            raise MotionError(
                f"motion {self.label!r} repeats after {self.duration_s:g} s, which is {count:g} frames at {fps:g} fps; "
                "choose a rate that gives a whole number, or use sample()"
            )
        frames = round(count) if self.cyclic else int(np.floor(count + 1e-6)) + 1
        quaternions, root = self._between(np.arange(frames) / fps)
        tracks = self.sample_props(np.arange(frames) / fps)
        props = tuple(PropTrack.from_matrices(p.kind, tracks[:, k]) for k, p in enumerate(self.props))
        return dataclasses.replace(self, rotations=quaternions, root=root, fps=float(fps), props=props)

    def crop(self, start_s: float, end_s: float) -> Motion:
        """The frames nearest to start and end and all between them; never cyclic."""
        first, last = round(start_s * self.fps), round(end_s * self.fps)
        if not 0 <= first <= last < len(self):
            raise MotionError(
                f"motion {self.label!r}: a crop from {start_s:g} s to {end_s:g} s is outside 0 to "
                f"{(len(self) - 1) / self.fps:g} s or runs backwards"
            )
        return self._cut(slice(first, last + 1))

    def moved(self, offset_m) -> Motion:
        """The motion shifted by (3,) metres."""
        offset = np.asarray(offset_m, dtype=np.float64)
        return dataclasses.replace(self, root=self.root + offset, props=tuple(p.moved(offset) for p in self.props))

    def turned(self, angle_deg: float) -> Motion:
        """The motion turned about the world's vertical, counter-clockwise seen from above."""
        half = np.radians(angle_deg) / 2
        turn, matrix = np.array([np.cos(half), 0.0, 0.0, np.sin(half)]), rotation_z(angle_deg)
        return dataclasses.replace(
            self,
            rotations=multiply(turn, self.rotations),
            root=self.root @ matrix.T,
            travel_m=self.travel_m @ matrix.T,
            props=tuple(p.turned(matrix) for p in self.props),
        )

    def mirrored(self) -> Motion:
        """The motion with left and right exchanged (y -> -y); bones are paired by the endings `.L` and `.R`.

        A reflection of the world takes a rotation (w, x, y, z) to (w, -x, y, -z).
        """
        pairs = [self.index(_other_side(name)) for name in self.names]
        across = np.array([1.0, -1.0, 1.0])
        return dataclasses.replace(
            self,
            rotations=self.rotations[:, pairs] * np.array([1.0, -1.0, 1.0, -1.0]),
            root=self.root * across,
            travel_m=self.travel_m * across,
            props=tuple(p.mirrored() for p in self.props),
        )

    def _cut(self, frames: slice) -> Motion:
        return dataclasses.replace(
            self,
            rotations=self.rotations[frames],
            root=self.root[frames],
            cyclic=False,
            cycles=1,
            travel_m=np.zeros(3),
            props=tuple(p.cut(frames) for p in self.props),
        )

    def _between(self, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Quaternions (n, J, 4) and root (n, 3) at n times."""
        lower, upper, share = self._around(times_s)
        rotations = slerp(self.rotations[lower % len(self)], self.rotations[upper % len(self)], share[:, None])
        low, high = (self.root[i % len(self)] + self._travelled(i) for i in (lower, upper))
        return rotations, low + share[:, None] * (high - low)

    def _around(self, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The frames before and after n times, and the share of the way between them; each (n,)."""
        if times_s.ndim != 1 or not np.isfinite(times_s).all():
            raise MotionError(f"motion {self.label!r}: times must be a list of finite seconds, got {times_s!r}")
        if not self.cyclic:
            times_s = self._inside(times_s)
        position = times_s * self.fps
        lower = np.floor(position + 1e-9).astype(int)
        share = np.clip(position - lower, 0.0, 1.0)
        if not self.cyclic:
            lower = np.minimum(lower, len(self) - 1)
            share = np.where(lower == len(self) - 1, 0.0, share)
        return lower, lower + 1 if self.cyclic else np.minimum(lower + 1, len(self) - 1), share

    def _inside(self, times_s: np.ndarray) -> np.ndarray:
        late = times_s[(times_s < -TIME_TOLERANCE_S) | (times_s > self.duration_s + TIME_TOLERANCE_S)]
        if late.size:
            raise MotionError(
                f"motion {self.label!r} lasts from 0 to {self.duration_s:.4f} s and was asked for {late[0]:.4f} s; "
                "start earlier, or ask for fewer frames"
            )
        return np.clip(times_s, 0.0, self.duration_s)

    def _travelled(self, frames: np.ndarray) -> np.ndarray:
        """(n, 3) how far whole cycles have come by frames numbered without end."""
        return (frames // len(self))[:, None] * self.travel_m


def slerp(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Quaternions (..., 4) a share in [0, 1] (...) of the way along the shorter arc from `start` to `end`."""
    cosine = np.sum(start * end, axis=-1)
    end = np.where(cosine[..., None] < 0, -end, end)
    cosine = np.abs(cosine)
    near = cosine > _NEARLY_PARALLEL
    angle = np.arccos(np.where(near, 0.0, np.clip(cosine, 0.0, 1.0)))
    sine = np.sin(angle)
    low = np.where(near, 1.0 - share, np.sin((1.0 - share) * angle) / sine)
    high = np.where(near, share, np.sin(share * angle) / sine)
    blend = low[..., None] * start + high[..., None] * end
    return blend / np.linalg.norm(blend, axis=-1, keepdims=True)


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of quaternions (..., 4): first `b`, then `a`."""
    w, x, y, z = np.moveaxis(a, -1, 0)
    p, q, r, s = np.moveaxis(b, -1, 0)
    product = (
        w * p - x * q - y * r - z * s,
        w * q + x * p + y * s - z * r,
        w * r - x * s + y * p + z * q,
        w * s + x * r - y * q + z * p,
    )
    return np.stack(product, axis=-1)


def to_matrices(quaternions: np.ndarray) -> np.ndarray:
    """(..., 4) unit quaternions w, x, y, z to (..., 3, 3)."""
    flat = Rotation.from_quat(quaternions.reshape(-1, 4), scalar_first=True).as_matrix()
    return flat.reshape(*quaternions.shape[:-1], 3, 3)


def to_quaternions(matrices: np.ndarray) -> np.ndarray:
    """(..., 3, 3) rotation matrices to (..., 4) unit quaternions w, x, y, z."""
    flat = np.asarray(matrices, dtype=np.float64).reshape(-1, 3, 3)
    error = np.abs(flat @ flat.transpose(0, 2, 1) - np.eye(3)).max(initial=0.0)
    if not error < UNIT_TOLERANCE or (np.linalg.det(flat) < 0).any():
        raise MotionError(f"matrices are no rotations: R R^T differs from 1 by {error:g}, or a determinant is negative")
    return Rotation.from_matrix(flat).as_quat(scalar_first=True).reshape(*np.shape(matrices)[:-2], 4)


def _other_side(name: str) -> str:
    swap = {".L": ".R", ".R": ".L"}
    return name[:-2] + swap[name[-2:]] if name[-2:] in swap else name


def _check(motion: Motion) -> None:
    """Raises MotionError unless every field is what the class says."""
    bones, frames = len(motion.names), len(motion.root)
    checks: Sequence[tuple[bool, str]] = (
        (motion.kind in KINDS, f"kind = {motion.kind!r} is not one of {', '.join(KINDS)}"),
        (len(set(motion.names)) == bones > 0, "the bones must have names, each its own"),
        (motion.root.ndim == 2 and motion.root.shape[1:] == (3,), f"root is {motion.root.shape}, expected (T, 3)"),
        (frames > 0, "it has no frames"),
        (
            motion.rotations.shape == (frames, bones, 4),
            f"rotations are {motion.rotations.shape}, expected {(frames, bones, 4)} for these frames and bones",
        ),
        (np.isfinite(motion.fps) and motion.fps > 0, f"fps = {motion.fps!r} is no frame rate above 0"),
        (bool(np.isfinite(motion.root).all()), "the root holds numbers that are not finite"),
        (bool(np.isfinite(motion.rotations).all()), "the rotations hold numbers that are not finite"),
        (motion.travel_m.shape == (3,) and bool(np.isfinite(motion.travel_m).all()), "travel_m is no finite (3,)"),
        (motion.cyclic or not motion.travel_m.any(), "only a cyclic motion has a travel_m"),
        (motion.cycles == 1 or (motion.cyclic and motion.cycles > 1), f"cycles = {motion.cycles!r} of a motion"),
        (all(len(p.positions) == frames for p in motion.props), "a prop has another number of frames than the motion"),
    )
    for good, message in checks:
        if not good:
            raise MotionError(f"motion {motion.label!r}: {message}")
    worst = float(np.abs(np.linalg.norm(motion.rotations, axis=-1) - 1.0).max())
    if worst > UNIT_TOLERANCE:
        raise MotionError(f"motion {motion.label!r}: a quaternion's length differs from 1 by {worst:g}; normalise them")
