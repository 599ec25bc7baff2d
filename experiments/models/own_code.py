"""Where a network of one's own comes from: the code that `architecture.module` of a card names. Imports no torch.

    architecture:
      module: net.py:Net              # a file, relative to the card, or package.module:Net of what Python can import
      code: [blocks.py]               # further files that its scores depend on (optional)

The scores of a model are stored under its fingerprint, so that the fingerprint must follow this code.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synth.errors import CeterisError, UnknownName

KEYS = ("module", "arguments", "layers", "layout", "code")
_EXAMPLE = "expected architecture: {module: net.py:Net} or {module: package.module:Net}"


class OwnModelError(CeterisError):
    """A network of one's own that cannot be had or does not do what its card says; names the card's line to mend."""


def spot(architecture: Mapping[str, Any], folder: Path) -> tuple[Path | str, str]:
    """(file or dotted name of the module, name in it) that `architecture.module` means; files relative to `folder`.

    Raises OwnModelError, or UnknownName for a key that is none.
    """
    if (odd := next((key for key in architecture if key not in KEYS), None)) is not None:
        raise UnknownName("key of architecture", odd, KEYS, "What the network takes goes under architecture.arguments.")
    given = architecture.get("module")
    place, colon, name = given.rpartition(":") if isinstance(given, str) else ("", "", "")
    if not (place and colon and name.isidentifier()):
        raise OwnModelError(f"architecture.module = {given!r}; {_EXAMPLE}")
    if not place.endswith(".py"):
        return place, name
    return _file(place, folder, "module"), name


def code_files(architecture: Mapping[str, Any], folder: Path) -> list[Path]:
    """The files that the scores depend on: the module's own, and those of `architecture.code`. Raises OwnModelError."""
    place, _ = spot(architecture, folder)
    more = architecture.get("code") or ()
    if isinstance(more, str) or not isinstance(more, Sequence):
        raise OwnModelError(f"architecture.code = {more!r}; expected a list of files")
    own = place if isinstance(place, Path) else _source(place)
    return [own, *(_file(str(path), folder, "code") for path in more)]


def _file(given: str, folder: Path, key: str) -> Path:
    path = folder / Path(given).expanduser()
    if path.is_file():
        return path
    there = sorted(p.name for p in path.parent.glob("*.py")) if path.parent.is_dir() else []
    raise OwnModelError(
        f"architecture.{key} names {given}, and there is no {path}; files are named relative to the card. "
        f"There: {', '.join(there) or 'no Python file'}"
    )


def _source(module: str) -> Path:
    """The file of a module that Python can import."""
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        raise OwnModelError(
            f"architecture.module names the module {module}, which Python cannot find ({error}). {_WAY}"
        ) from error
    if found is None or found.origin is None or not Path(found.origin).is_file():
        raise OwnModelError(f"architecture.module names the module {module}, which Python cannot find. {_WAY}")
    return Path(found.origin)


_WAY = "Install its package, add its folder to PYTHONPATH, or name its file: net.py:Net"
