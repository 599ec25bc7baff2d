"""What a frame of the same scene costs in Blender's Cycles, which is started as a separate program and never imported.

Person, place, textures, camera and sun are the same; the light model is its own (paths of light instead of ours).
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from synth.body.character import Character, Material
from synth.factors import Lighting
from synth.frames import Camera
from synth.stage.lighting import sun_axes
from synth.stage.place import Place

SAMPLES = 16
_PROGRAM = Path(__file__).with_name("cycles_scene.py")
_FLOOR_M = 60.0


class CyclesError(RuntimeError):
    """Cycles did not render: says what its program wrote."""


def _mesh(prefix: str, *, points, faces, uv, material, materials: list[Material]) -> dict[str, np.ndarray]:
    """The arrays of a mesh as `cycles_scene.mesh` reads them."""
    arrays = {"points": points, "faces": faces, "uv": uv, "material": material, "materials": len(materials)}
    arrays["look"] = np.array([[m.roughness, m.alpha_cut] for m in materials], np.float32)
    arrays |= {f"texture{k}": m.texture for k, m in enumerate(materials)}
    return {f"{prefix}_{name}": np.asarray(values) for name, values in arrays.items()}


def _place(place: Place) -> dict[str, np.ndarray]:
    """The place's mesh with its floor as a large square."""
    shape, half, first = place.shape, _FLOOR_M / 2, len(place.shape.points)
    corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    return _mesh(
        "place",
        points=np.concatenate([shape.points.reshape(-1, 3), corners]).astype(np.float32),
        faces=np.concatenate(
            [shape.faces.reshape(-1, 3), [[first, first + 1, first + 2], [first, first + 2, first + 3]]]
        ),
        uv=np.concatenate([shape.uv.reshape(-1, 2), corners[:, :2] / place.recipe.floor.tile_m]).astype(np.float32),
        material=np.concatenate([place.material, [0, 0]]),
        materials=list(place.materials),
    )


def write_scene(path: Path, *, character: Character, poses: np.ndarray, place: Place, camera: Camera) -> None:
    """Writes the scene; poses: (P, N, 3) posed vertices of the character."""
    right, down, forward = camera.axes()
    eye, sun = np.eye(4), np.eye(4)
    eye[:3, :3], eye[:3, 3] = np.stack([right, -down, -forward], axis=1), camera.position_m
    sun[:3, :3] = sun_axes(Lighting()).T  # a lamp of Blender's shines along its -z
    arrays = _place(place) | _mesh(
        "person",
        points=poses[0],
        faces=character.faces,
        uv=character.uv,
        material=character.material,
        materials=list(character.materials),
    )
    size, fov = np.array([camera.width, camera.height]), np.radians(camera.fov_deg)
    np.savez(path, poses=poses, camera=eye, sun=sun, size=size, fov=fov, **arrays)


def seconds_a_frame(python: str, *, picture: Path | None = None, **scene) -> float:
    """Median seconds of a frame after the first, at SAMPLES samples; raises CyclesError.

    python: an interpreter that has bpy. picture: where the last frame goes. scene: as `write_scene` takes it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.npz"
        write_scene(path, **scene)
        command = [python, str(_PROGRAM), str(path), str(SAMPLES), str(picture or Path(folder) / "frame.png")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CyclesError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return float(np.median(json.loads(done.stdout.strip().splitlines()[-1])[1:]))
