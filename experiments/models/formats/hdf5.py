"""HDF5 files through h5py, which only those need who have weights in them."""

from __future__ import annotations

from pathlib import Path

from experiments.models.errors import WeightsError


def open_hdf5(path: Path):
    """An open `h5py.File`; raises WeightsError where h5py is missing or the file is damaged."""
    try:
        import h5py
    except ImportError as error:
        raise WeightsError(f"{path} is an HDF5 file, which is read with the package h5py: make zoo") from error
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise WeightsError(f"{path} is no sound HDF5 file: {error}") from error
