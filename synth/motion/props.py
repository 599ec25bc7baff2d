"""Objects that take part in a motion: for every frame where each is, how it is turned and how large.

A prop is a rigid body with a track in the frame of the motion's root, whoever holds it: a club follows the hands, a
ball flies, a ladder stands. What a kind looks like is the engine's affair; here it is a name. Scale makes one shape
serve several sizes, and lets an object that flies away vanish before it is there again in the next cycle.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from synth.errors import CeterisError


class PropError(CeterisError):
    """A prop that cannot be: a wrong shape of its track, numbers that are none, an unknown joint to hold it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PropTrack:
    """kind: the object. rotations: (T, 4) unit quaternions (w, x, y, z); positions: (T, 3) metres; scale: (T, 3), at
    least 0, along the object's own axes. Raises PropError; the arrays are read-only."""

    kind: str
    rotations: np.ndarray
    positions: np.ndarray
    scale: np.ndarray

    def __post_init__(self):
        for name, width in (("rotations", 4), ("positions", 3), ("scale", 3)):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.ndim != 2 or array.shape[1] != width or len(array) != len(self.positions):
                raise PropError(
                    f"prop {self.kind!r}: {name} are {array.shape}, expected (T, {width}), T as of positions"
                )
            if not np.isfinite(array).all():
                raise PropError(f"prop {self.kind!r}: {name} hold numbers that are not finite")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if (self.scale < 0).any():
            raise PropError(f"prop {self.kind!r}: a scale is below 0")

    @classmethod
    def from_matrices(cls, kind: str, matrices: np.ndarray) -> PropTrack:
        """From (T, 3, 4): rotation times scale along the object's axes, and position."""
        scale = np.linalg.norm(matrices[:, :, :3], axis=1)
        turns = np.where(scale[:, None] > 1e-9, matrices[:, :, :3] / np.maximum(scale[:, None], 1e-9), np.eye(3))
        return cls(
            kind=kind,
            rotations=Rotation.from_matrix(turns).as_quat(scalar_first=True),
            positions=matrices[:, :, 3],
            scale=scale,
        )

    @classmethod
    def still(cls, kind: str, frames: int, position_m=(0.0, 0.0, 0.0), turn: np.ndarray | None = None) -> PropTrack:
        """One that stands where it is for `frames` frames; turn: (3, 3)."""
        placed = np.concatenate([np.eye(3) if turn is None else turn, np.asarray(position_m, float)[:, None]], axis=1)
        return cls.from_matrices(kind, np.tile(placed, (frames, 1, 1)))

    def moved(self, offset_m: np.ndarray) -> PropTrack:
        """Shifted by (3,) or (T, 3) metres."""
        return dataclasses.replace(self, positions=self.positions + offset_m)

    def turned(self, matrix: np.ndarray) -> PropTrack:
        """Turned about the origin by a (3, 3) rotation."""
        turns = Rotation.from_matrix(matrix) * Rotation.from_quat(self.rotations, scalar_first=True)
        return dataclasses.replace(
            self, rotations=turns.as_quat(scalar_first=True), positions=self.positions @ matrix.T
        )

    def mirrored(self) -> PropTrack:
        """y -> -y. Every object is modelled symmetric about its own plane y = 0, so that its mirror image is itself
        turned."""
        return dataclasses.replace(
            self,
            rotations=self.rotations * np.array([1.0, -1.0, 1.0, -1.0]),
            positions=self.positions * np.array([1.0, -1.0, 1.0]),
        )

    def cut(self, frames: slice) -> PropTrack:
        """Some of the frames."""
        return dataclasses.replace(
            self, rotations=self.rotations[frames], positions=self.positions[frames], scale=self.scale[frames]
        )
