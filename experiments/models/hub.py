"""Models of Hugging Face's hub that lie in its local cache, by their id OWNER/NAME. Nothing is fetched here."""

from __future__ import annotations

import re
from pathlib import Path

from experiments.models.errors import MissingPackage, WeightsError

CONFIG = "config.json"
ZOO = "make zoo, or: pip install -c constraints.txt -r requirements-zoo.txt"
_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z")
_SNAPSHOTS = re.compile(r"models--(?P<owner>.+?)--(?P<name>.+)\Z")


def is_id(given: str) -> bool:
    """Whether it has the form of an id: OWNER/NAME, both without a file's ending."""
    return bool(_ID.match(given)) and Path(given).suffix.lower() not in _ENDINGS


def cached(given: str) -> Path:
    """The folder of the cache that holds the model `given`. Raises WeightsError with the command that brings it."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError as error:
        raise MissingPackage(
            f"the id {given} of Hugging Face's hub needs the package huggingface_hub: {ZOO}"
        ) from error
    found = try_to_load_from_cache(given, CONFIG)
    if isinstance(found, str):
        return Path(found).parent
    raise WeightsError(
        f"{given} is no path, and no model of Hugging Face's hub that is in the local cache. {way_out(given)}"
    )


def way_out(given: str) -> str:
    """The command that fetches a model."""
    return f"If it is an id of the hub, fetch it with: hf download {given}"


def name_of(folder: Path) -> str:
    """What a model is called: its folder's name, or in the cache (models--OWNER--NAME/snapshots/HASH) its own."""
    match = _SNAPSHOTS.match(folder.parent.parent.name) if folder.parent.name == "snapshots" else None
    return match["name"] if match else folder.name


_ENDINGS = (
    ".pt",
    ".pth",
    ".pyth",
    ".bin",
    ".ckpt",
    ".safetensors",
    ".index",
    ".mat",
    ".hdf5",
    ".h5",
    ".yaml",
    ".yml",
    ".json",
)
