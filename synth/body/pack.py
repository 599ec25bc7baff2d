"""The body pack: the vertices, shapes, bones, weights and faces that every character is cut from.

`data/pack.npz` is written by `synth.body.build_pack`; data/README.md says what it holds and under which licences.
"""

from __future__ import annotations

import functools
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.errors import CeterisError

PATH = Path(__file__).parent / "data" / "pack.npz"


_PLAIN = ("template", "basis_step", "head_template", "head_basis", "projection", "offset", "variation_mask", "uv")
_OTHERS = ("basis", "variations", "bone_names", "bone_parents", "bones", "weights", "source_vertex", "faces_body",
           "uvs_body", "faces_tights", "uvs_tights", "ids_eye_left", "ids_eye_right")  # fmt: skip
_REBUILD = "restore the file, or build it anew with python -m synth.body.build_pack"


class PackError(CeterisError):
    """The pack's file is broken or lacks something: names the file and the key."""


@dataclass(frozen=True)
class Mesh:
    """One group of faces: (F, 3) int32 vertex ids of the pack, and (F, 3) int32 ids into the pack's uv."""

    faces: np.ndarray
    uvs: np.ndarray


@dataclass(frozen=True)
class Pack:
    """Everything of `data/pack.npz`, decoded. V vertices, J bones, R shape directions, K blendshapes.

    template (V, 3) and basis (R, V, 3) float32 in steps of basis_step (R,) metres; head_template (J, 3), head_basis
    (R, J, 3); projection (K, R) and offset (R,) turn blendshape coefficients into scores; variation_mask (K, N);
    bones (V, 8) int32, weights (V, 8) float32 of sum 1; uv (M, 2) with v up; meshes body (with the eyes), tights,
    skirt, hair; eyes: vertex ids of the left and right eyeball; masks: grey pictures in the body's uv square, 0 to 1.
    """

    template: np.ndarray
    basis: np.ndarray
    basis_step: np.ndarray
    head_template: np.ndarray
    head_basis: np.ndarray
    projection: np.ndarray
    offset: np.ndarray
    variation_mask: np.ndarray
    variations: tuple[str, ...]
    bone_names: tuple[str, ...]
    bone_parents: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    uv: np.ndarray
    source_vertex: np.ndarray
    meshes: dict[str, Mesh]
    eyes: dict[str, np.ndarray]
    masks: dict[str, np.ndarray]


@functools.lru_cache(maxsize=1)
def load_pack() -> Pack:
    """The pack, read once per process. Raises PackError."""
    return decoded(_raw(PATH))


def _raw(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as data:
            raw = {key: data[key] for key in data.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise PackError(f"{path}: cannot be read as a body pack ({error}); {_REBUILD}") from error
    for key in (*_PLAIN, *_OTHERS):
        if key not in raw:
            raise PackError(f"{path}: lacks {key!r}; {_REBUILD}")
    return raw


def decoded(raw: dict[str, np.ndarray]) -> Pack:
    """The pack of its file's arrays; tailor's meshes other than the tights may be missing."""
    weights = raw["weights"].astype(np.float32)
    return Pack(
        **{key: raw[key] for key in _PLAIN},
        basis=raw["basis"].astype(np.float32),
        variations=tuple(str(name) for name in raw["variations"]),
        bone_names=tuple(str(name) for name in raw["bone_names"]),
        bone_parents=raw["bone_parents"],
        bones=raw["bones"].astype(np.int32),
        weights=weights / weights.sum(axis=1, keepdims=True),
        source_vertex=raw["source_vertex"].astype(np.int32),
        meshes={
            key: Mesh(raw[f"faces_{key}"].astype(np.int32), raw[f"uvs_{key}"].astype(np.int32))
            for key in ("body", "tights", "skirt", "hair")
            if f"faces_{key}" in raw
        },
        eyes={side: raw[f"ids_eye_{side}"].astype(np.int32) for side in ("left", "right")},
        masks={key[5:]: raw[key].astype(np.float32) / 255 for key in raw if key.startswith("mask_")},
    )


@functools.lru_cache(maxsize=1)
def pack_digest() -> str:
    """SHA-256 of the pack file."""
    return hashlib.sha256(PATH.read_bytes()).hexdigest()
