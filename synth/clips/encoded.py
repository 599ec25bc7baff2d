"""A clip's passes as the files that the store keeps, made wherever the clip was drawn: encoding costs more than
writing, and a file is smaller than the pictures that it holds."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synth.clips.codec import encode_video
from synth.clips.passes import PASSES, check
from synth.errors import find
from synth.factors import ClipSpec

# zlib's: the mantissas of floats hardly shrink whatever the effort; labels are a hundredth of the pictures beside them,
# half of which would cost three times the time (level 6).
FLOAT_LEVEL, LABEL_LEVEL = 1, 3


@dataclass(frozen=True)
class Encoded:
    """The file of one pass: its bytes, and what a manifest says of it (file, sha256, shape, dtype)."""

    content: bytes
    entry: Mapping[str, object]


def encode(spec: ClipSpec, arrays: Mapping[str, np.ndarray]) -> dict[str, Encoded]:
    """The files of passes (see PASSES); raises UnknownName for a pass that there is not, ClipError for an array of a
    wrong type or shape."""
    for name, array in arrays.items():
        check(spec, name, array)
    return {name: _encode(name, array, spec.fps) for name, array in arrays.items()}


def file_name(name: str) -> str:
    """Of a pass in a clip's folder."""
    return f"{name}{find('pass', name, PASSES).suffix}"


def _encode(name: str, array: np.ndarray, fps: float) -> Encoded:
    if PASSES[name].video:
        still = (array == array[:1]).all()  # as the place before a camera that stands: one picture says it
        content = encode_video(array[:1] if still else array, fps)
    else:
        content = _archive(array)
    said = {"sha256": hashlib.sha256(content).hexdigest(), "shape": list(array.shape), "dtype": str(array.dtype)}
    return Encoded(content, {"file": file_name(name), **said})


def _archive(array: np.ndarray) -> bytes:
    """As `numpy.savez_compressed`, at a level of our choice."""
    level = FLOAT_LEVEL if array.dtype.kind == "f" else LABEL_LEVEL
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive,
        archive.open("array.npy", "w", force_zip64=True) as file,
    ):
        np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()
