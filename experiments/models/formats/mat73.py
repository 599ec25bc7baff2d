"""MATLAB's MAT-files of version 7.3, which are HDF5, in the form that `mat5` gives: lists, dicts, texts, arrays.

A struct is a group; a cell, and each field of a struct array, a dataset of references; axes lie in reverse. What is
empty in MATLAB holds its size instead of values and says so in an attribute.
"""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

import numpy as np

from experiments.models.formats.hdf5 import open_hdf5

INNER = "#"  # begins the names of groups that hold what is referred to


def variables(path: Path, wanted: Container[str]) -> dict[str, object]:
    """Name -> content of the wanted variables, None for the others."""
    with open_hdf5(path) as file:
        return {
            name: _content(file, file[name]) if name in wanted else None for name in file if not name.startswith(INNER)
        }


def _content(file, item):
    if hasattr(item, "keys"):
        return _struct(file, item)
    if item.attrs.get("MATLAB_empty", 0):
        return "" if _kind(item) == "char" else [] if _kind(item) in ("cell", "struct") else np.zeros(0)
    if _refers(item):
        return [_content(file, file[reference]) for reference in np.ravel(item)]
    value = np.asarray(item).T
    return "".join(map(chr, np.ravel(value))) if _kind(item) == "char" else value


def _struct(file, group) -> list[dict]:
    """A struct array as the list of its entries; one struct as a list of one."""
    fields = {name: _content(file, group[name]) for name in group}
    if not all(_refers(group[name]) and _kind(group[name]) != "cell" for name in group):
        return [fields]
    return [dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True)]


def _refers(item) -> bool:
    return not hasattr(item, "keys") and item.dtype.kind == "O" and not item.attrs.get("MATLAB_empty", 0)


def _kind(item) -> str:
    return bytes(item.attrs.get("MATLAB_class", b"")).decode("ascii", "replace")
