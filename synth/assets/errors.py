"""What can go wrong with assets: each says what was got, what was expected, and the way out."""

from __future__ import annotations

from pathlib import Path

from synth.errors import CeterisError


class AssetError(CeterisError):
    """An asset that cannot be had or used."""


class DownloadError(AssetError):
    """A download that failed: the server refused, broke off too often, or sent something that is too large."""


class Unreachable(DownloadError):
    """A server that no connection comes about with: other files of it need not be tried."""


class ChecksumError(AssetError):
    """A file whose bytes are not those that the manifest or the lock file names."""

    def __init__(self, path: Path | str, *, expected: str, got: str, source: str, way_out: str):
        self.path, self.expected, self.got = Path(path), expected, got
        super().__init__(f"{path}: its checksum is {got}, {source} says {expected}; {way_out}")


class UnsafeArchive(AssetError):
    """An archive that reaches out of its folder, holds links, or unpacks to more than it may."""
