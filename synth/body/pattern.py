"""The reference body as a tailor's pattern: where each point lies along the limbs and around them.

Garments and textures are drawn once on the reference body; because all bodies share their vertices, a hem at the knee
is at the knee of everyone. Limbs are measured along their bones: `along` in metres from the shoulder or the hip,
`angle` around the bone.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from synth.body import phenotype
from synth.body.pack import Pack, load_pack

# The reference adult: the body that look-at points, patterns and tests are computed on.
REFERENCE = {"gender": 0.5, "age": 0.7, "muscle": 0.55, "weight": 0.48, "height": 0.42, "proportions": 0.6}
_ARM = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
_LEG = ("upperleg", "lowerleg", "foot", "toe")
_HAND = ("wrist", "finger", "metacarpal")
_HEAD = ("head", "eye", "neck03")
_NECK = ("neck", "head", "eye")


@dataclass(frozen=True)
class Pattern:
    """Per-vertex measures on the reference body; V vertices of the pack, metres.

    points (V, 3), joints (J, 3), height_m; shares (V,) of the skinning that belong to arms, legs, hands, head, and
    neck with head; arm (V,) 0 at the shoulder joint to 1 at the wrist, negative on the trunk, on the vertex' side;
    leg (V,) 0 at the hip joint to 1 at the ankle.
    """

    points: np.ndarray
    joints: np.ndarray
    height_m: float
    arms: np.ndarray
    legs: np.ndarray
    hands: np.ndarray
    head: np.ndarray
    neck: np.ndarray
    arm: np.ndarray
    leg: np.ndarray

    @property
    def level(self) -> np.ndarray:
        """(V,) height as a share of the body's: 0 soles, 1 crown."""
        return self.points[:, 2] / self.height_m


def dense_weights(pack: Pack) -> np.ndarray:
    """(V, J) float32 skinning weights."""
    out = np.zeros((len(pack.bones), len(pack.bone_names)), np.float32)
    np.add.at(out, (np.arange(len(pack.bones))[:, None], pack.bones), pack.weights)
    return out


def placed(pack: Pack, values) -> tuple[np.ndarray, np.ndarray]:
    """Rest vertices and heads of a phenotype, bare soles at z = 0, the root's head above the origin."""
    vertices, heads = phenotype.rest_shape(pack, values)
    origin = np.array([heads[0, 0], heads[0, 1], vertices[body_vertices(pack), 2].min()])
    return vertices - origin, heads - origin


def body_vertices(pack: Pack) -> np.ndarray:
    """Ids of the vertices of the body's own surface (not of the tailor's meshes)."""
    return np.unique(pack.meshes["body"].faces)


def polyline(points: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far along a polyline (K, 3) each point (V, 3) projects, in metres, and the nearest point of the line (V, 3).

    Ahead of the first point the distance is negative; the end segments are prolonged.
    """
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    best, along, foot = np.full(len(points), np.inf), np.zeros(len(points)), np.zeros_like(points)
    for k, length in enumerate(lengths):
        direction = (line[k + 1] - line[k]) / length
        t = (points - line[k]) @ direction
        t = np.clip(t, None if k == 0 else 0.0, None if k == len(lengths) - 1 else length)
        near = line[k] + t[:, None] * direction
        gap = np.linalg.norm(points - near, axis=1)
        closer = gap < best
        best[closer], along[closer], foot[closer] = gap[closer], (lengths[:k].sum() + t)[closer], near[closer]
    return along, foot


def limb(names, joints: np.ndarray, kind: str, side: str) -> np.ndarray:
    """(3, 3) the joints of an "arm" or "leg" on side "L" or "R": shoulder, elbow, wrist, or hip, knee, ankle."""
    bones = ("upperarm01", "lowerarm01", "wrist") if kind == "arm" else ("upperleg01", "lowerleg01", "foot")
    return joints[[names.index(f"{bone}.{side}") for bone in bones]]


@functools.lru_cache(maxsize=1)
def load_pattern() -> Pattern:
    """The pattern of the reference body, computed once per process."""
    pack = load_pack()
    points, joints = placed(pack, REFERENCE)
    weights = dense_weights(pack)

    def share(prefixes) -> np.ndarray:
        return weights[:, [name.startswith(prefixes) for name in pack.bone_names]].sum(axis=1)

    along = {}
    for kind in ("arm", "leg"):
        sides = {}
        for side in "LR":
            line = limb(pack.bone_names, joints, kind, side)
            sides[side] = polyline(points, line)[0] / np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
        along[kind] = np.where(points[:, 1] > 0, sides["L"], sides["R"])
    return Pattern(
        points=points,
        joints=joints,
        height_m=float(points[body_vertices(pack), 2].max()),
        arms=share(_ARM),
        legs=share(_LEG),
        hands=share(_HAND),
        head=share(_HEAD),
        neck=share(_NECK),
        **along,
    )
