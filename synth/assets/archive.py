"""Motion files out of a ZIP archive that somebody else made, and nothing else.

An archive is refused as a whole if any of its members reaches out of the folder (absolute, `..`, a drive), is a link or
encrypted, or if it unpacks to far more than it may (Fifield 2019, "A better zip bomb", lists the tricks; here sizes are
counted while unpacking and not believed). Folders inside are dropped: motion files are known by their names.
"""

from __future__ import annotations

import errno
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from synth.assets.errors import AssetError, UnsafeArchive

MOST_MEMBERS = 20_000
MOST_BYTES = 8_000_000_000  # the whole database is about 4 GB of text
MOST_RATIO = 100  # text of numbers packs to a quarter; a bomb to a thousandth
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BLOCK = 1 << 20


def unpack(archive: Path, folder: Path, *, suffixes: Sequence[str]) -> list[Path]:
    """The members of a ZIP archive with some endings, in `folder`; the rest is left.

    Raises UnsafeArchive, and AssetError for a file that is no whole ZIP archive, is packed in a way that only some
    programs know, or holds two different members of one name.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [info for info in opened.infolist() if not info.is_dir()]
            _refuse_unsafe(archive, members)
            chosen = [info for info in members if PurePosixPath(info.filename).suffix.lower() in suffixes]
            _refuse_foreign(archive, chosen)
            _refuse_twins(archive, chosen)
            return [_write(archive, opened, info, folder) for info in chosen]
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.EINVAL, errno.ENAMETOOLONG):
            raise  # of the disk, not of the archive
        raise AssetError(
            f"{archive}: is no whole ZIP archive that this reads ({error}); download it again, or unpack it yourself"
        ) from None


def _refuse_unsafe(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise UnsafeArchive(f"{archive}: has {len(members)} members, at most {MOST_MEMBERS} are taken")
    for info in members:
        name = info.filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\\" in name:
            raise UnsafeArchive(f"{archive}: member {name!r} reaches out of the archive's folder; nothing was unpacked")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsafeArchive(f"{archive}: member {name!r} is a link; nothing was unpacked")
        if info.flag_bits & 0x1:
            raise UnsafeArchive(f"{archive}: member {name!r} is encrypted; unpack it yourself and add the folder")
        if info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise UnsafeArchive(f"{archive}: member {name!r} unpacks to over {MOST_RATIO} times its size: a zip bomb")
    total = sum(info.file_size for info in members)
    if total > MOST_BYTES:
        raise UnsafeArchive(f"{archive}: unpacks to {total} bytes, at most {MOST_BYTES} are taken")


def _refuse_foreign(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    for info in members:
        if info.compress_type not in _METHODS:
            raise AssetError(
                f"{archive}: member {info.filename!r} is packed by method {info.compress_type}, expected stored or "
                "deflated; unpack it yourself and add the folder"
            )


def _refuse_twins(archive: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    seen: dict[str, zipfile.ZipInfo] = {}
    for info in members:
        other = seen.setdefault(PurePosixPath(info.filename).name, info)
        if other is not info and (other.CRC, other.file_size) != (info.CRC, info.file_size):
            raise AssetError(f"{archive}: {other.filename!r} and {info.filename!r} differ under one name; take one out")


def _write(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> Path:
    """One member as a file in `folder`; no more bytes than it declares."""
    target, left = folder / PurePosixPath(info.filename).name, info.file_size
    with opened.open(info) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise UnsafeArchive(f"{archive}: member {info.filename!r} unpacks to more than it says: a zip bomb")
            file.write(block)
    return target
