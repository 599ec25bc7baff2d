"""Optical flow from files: NumPy arrays, Middlebury's .flo, and the pairs of JPEGs of the two-stream networks.

The latter are a folder `u` and a folder `v` of greyscale pictures, of the same names in the order of time, whose 0..255
stand for -20..20 pixels (twostreamfusion's flow of UCF101 and HMDB51: `u/v_Biking_g01_c01/frame000001.jpg`).
"""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np

from experiments.models.errors import FlowError
from synth.arrays import UNREADABLE

FLO_TAG = 202021.25
PICTURES = (".jpg", ".jpeg", ".png")


def read_flow(path: str | Path, *, bound: float = 20.0) -> np.ndarray:
    """float32 (T - 1, H, W, 2), pixels from each frame to the next.

    path: a .npy or .npz (its one array, or that named "flow"), a .flo or a folder of them in the order of their
    names, a folder with `u` and `v`, or a clip's folder inside `u`. bound: pixels that level 255 of a picture stands
    for. Raises FlowError.
    """
    path = Path(path)
    if path.is_dir():
        flow = _folder(path, bound)
    elif path.suffix in (".npy", ".npz"):
        flow = _array(path)
    elif path.suffix == ".flo":
        flow = read_flo(path)[None]
    else:
        raise FlowError(f"{path} is no flow; expected .npy, .npz, .flo, or a folder of .flo files or of u and v")
    if flow.ndim != 4 or flow.shape[-1] != 2 or not len(flow) or not np.issubdtype(flow.dtype, np.floating):
        raise FlowError(f"{path} holds {flow.dtype} {flow.shape}; expected floating point (T - 1, H, W, 2), pixels")
    return np.ascontiguousarray(flow, dtype=np.float32)


def find_flow(folder: Path, name: str) -> Path:
    """Where the flow of a video, whose `name` is without its ending, lies in a folder: see `read_flow`; raises
    FlowError."""
    ways = [folder / f"{name}.npy", folder / f"{name}.npz", folder / f"{name}.flo", folder / "u" / name, folder / name]
    for path in ways:
        if path.exists():
            return path
    said = ", ".join(path.relative_to(folder).as_posix() for path in ways)
    raise FlowError(f"{folder} has no flow of {name}; expected one of {said}")


def between(flow: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """float32 (N - 1, H, W, 2) the flow from each of N `frames` (ascending numbers) to the next, of one field a frame.

    Fields in between are added up, as displacements are that are small against what moves.
    """
    return np.stack([flow[a:b].sum(0) for a, b in itertools.pairwise(frames)])


def read_flo(path: Path) -> np.ndarray:
    """float32 (H, W, 2) of one Middlebury file: a tag, width and height, then rows of (u, v), little-endian."""
    data = path.read_bytes()
    width, height = np.frombuffer(data, "<i4", 2, 4) if len(data) >= 12 else (0, 0)
    if len(data) < 12 or np.frombuffer(data, "<f4", 1)[0] != FLO_TAG or len(data) != 12 + 8 * int(width) * int(height):
        raise FlowError(f"{path} is no .flo file of {width} x {height}: wrong tag or length ({len(data)} bytes)")
    return np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2)


def _array(path: Path) -> np.ndarray:
    try:
        loaded = np.load(path, allow_pickle=False)
        if path.suffix == ".npy":
            return loaded
        name = "flow" if "flow" in loaded.files or not loaded.files else loaded.files[0]
        if name != "flow" and len(loaded.files) > 1:
            raise FlowError(f"{path} holds the arrays {', '.join(loaded.files)}; name one of them flow")
        return loaded[name]
    except UNREADABLE as error:
        raise FlowError(f"{path} cannot be read as an array of flow: {error}") from error


def _folder(path: Path, bound: float) -> np.ndarray:
    u, v = _pair(path)
    if u.is_dir() and v.is_dir():
        return _pictures(u, v, bound)
    files = sorted(path.glob("*.flo"))
    if not files:
        raise FlowError(f"{path} holds neither .flo files nor the folders u and v")
    return _stacked(path, [read_flo(file) for file in files])


def _pair(path: Path) -> tuple[Path, Path]:
    """The folders of u and of v that a folder means: its own two, or itself inside `u` and its twin inside `v`."""
    if path.parent.name == "u":
        return path, path.parent.parent / "v" / path.name
    return path / "u", path / "v"


def _pictures(u: Path, v: Path, bound: float) -> np.ndarray:
    names = [sorted(p.name for p in folder.iterdir() if p.suffix.lower() in PICTURES) for folder in (u, v)]
    if names[0] != names[1] or not names[0]:
        raise FlowError(f"{u} holds {len(names[0])} pictures and {v} {len(names[1])}; expected the same names in both")
    fields = []
    for name in names[0]:
        pair = [cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE) for folder in (u, v)]
        if any(picture is None for picture in pair) or pair[0].shape != pair[1].shape:
            raise FlowError(f"{u / name} and its twin in {v} are no two pictures of one size")
        fields.append(np.stack(pair, -1).astype(np.float32) * (2 * bound / 255) - bound)
    return _stacked(u, fields)


def _stacked(path: Path, fields: list[np.ndarray]) -> np.ndarray:
    sizes = {field.shape for field in fields}
    if len(sizes) > 1:
        raise FlowError(f"{path} holds fields of several sizes: {sorted(sizes)}")
    return np.stack(fields)
