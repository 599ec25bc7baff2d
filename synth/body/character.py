"""A character: a dressed body ready to be posed and drawn, as plain arrays.

Control vertices are skinned (linear blend skinning) and carry the normals; render vertices sit on a control vertex,
pushed out along its posed normal (cloth, shoes and hair lie above the skin in every pose), with their own texture
coordinates. Vertices in the order of the arrays; faces are counter-clockwise seen from outside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.body.skeleton import Skeleton

# Labels of `Character.part`; left and right are the person's.
PARTS = (
    "background", "head", "torso", "upper_arm_left", "upper_arm_right", "forearm_left", "forearm_right", "hand_left",
    "hand_right", "thigh_left", "thigh_right", "shin_left", "shin_right", "foot_left", "foot_right", "hair", "skirt",
)  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What a face looks like. texture: (H, W, 4) uint8, sRGB and alpha; texels with alpha under 128 are cut away
    where alpha_cut. roughness: 0 (mirror) to 1 (matt). double_sided faces are seen from both sides."""

    name: str
    texture: np.ndarray
    roughness: float
    alpha_cut: bool
    double_sided: bool


@dataclass(frozen=True)
class Character:
    """A dressed body. V control vertices, N render vertices, F faces; metres.

    rest (V, 3) float32, bones (V, K) int32, weights (V, K) float32 of sum 1: linear blend skinning.
    control_faces (Fc, 3) int32: their area-weighted normals are the control vertices' normals.
    vertex (N,) int32: control vertex of each render vertex. offset_m (N,) float32: shift along its posed normal.
    uv (N, 2) float32: v = 0 is the last row of the texture. faces (F, 3) int32. material (F,) and part (F,) uint8
    number `materials` and `PARTS`.
    """

    name: str
    skeleton: Skeleton
    rest: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    control_faces: np.ndarray
    vertex: np.ndarray
    offset_m: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    material: np.ndarray
    part: np.ndarray
    materials: tuple[Material, ...]

    def skin(self, rotations: np.ndarray, root: np.ndarray) -> np.ndarray:
        """Posed control vertices (T, V, 3) float64 of rotations (T, J, 3, 3) relative to rest and roots (T, 3)."""
        joints = self.skeleton.fk(rotations, root)
        shift = joints - np.einsum("tjab,jb->tja", rotations, self.skeleton.heads)
        out = np.zeros((len(rotations), *self.rest.shape))
        for k in range(self.bones.shape[1]):
            bone = self.bones[:, k]
            turned = np.einsum("tvab,vb->tva", rotations[:, bone], self.rest.astype(np.float64))
            out += self.weights[:, k, None] * (turned + shift[:, bone])
        return out

    def pose(self, rotations: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Posed render vertices and unit normals, each (T, N, 3) float32; the reference for the renderer's kernels."""
        control = self.skin(rotations, root)
        normals = np.stack([vertex_normals(frame, self.control_faces) for frame in control])[:, self.vertex]
        vertices = control[:, self.vertex] + self.offset_m[:, None] * normals
        return vertices.astype(np.float32), normals.astype(np.float32)


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(V, 3) unit normals, the area-weighted sum of the faces around each vertex; zero where there is no face."""
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    out = np.stack(
        [np.bincount(faces.ravel(), np.repeat(across[:, k], 3), minlength=len(vertices)) for k in range(3)], axis=1
    )
    length = np.linalg.norm(out, axis=1, keepdims=True)
    return out / np.where(length > 0, length, 1.0)
