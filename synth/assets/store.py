"""Bringing files into the assets root, and holding them to their checksums there.

Every file comes to lie in its place by a rename, after it was compared with the checksum that the manifest or the lock
file knows and was read once; what fails leaves no trace there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth.assets import archive, checksum, lock
from synth.assets.download import PAUSE_S, discard, download
from synth.assets.errors import AssetError, ChecksumError
from synth.assets.source import Source, Wanted
from synth.errors import CeterisError

THERE, NEW, REFUSED = "there already", "new", "refused"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file: `THERE`, `NEW` or `REFUSED`, and a remark or the reason."""

    path: str
    state: str
    remark: str = ""


def fetch(
    source: Source,
    wanted: Wanted,
    root: Path,
    *,
    trust: bool = False,
    progress: Callable[[int, int | None], None] = lambda size, total: None,
    pause_s: float = PAUSE_S,
) -> Outcome:
    """Downloads a file unless it is there. trust: take it even if its checksum is another, and record that.

    Raises DownloadError, ChecksumError, or the check's error; a file with a wrong checksum or content is removed.
    """
    folder = root / source.folder
    target = folder / wanted.path
    if target.is_file():
        _hold(source, target, folder, way_out=f"delete it and fetch again, or keep it: verify --trust {wanted.path}")
        return Outcome(path=wanted.path, state=THERE)
    part = target.with_name(target.name + ".part")
    download(wanted.url, part, most_bytes=source.most_bytes, progress=progress, pause_s=pause_s)
    try:
        remark = _take(source, part, target, folder, trust=trust, origin=f"from {wanted.url}")
    except CeterisError:
        discard(part)
        raise
    return Outcome(path=wanted.path, state=NEW, remark=remark)


def add(source: Source, given: Path, root: Path, *, link: bool = False, trust: bool = False) -> Iterator[Outcome]:
    """Brings files that are already on disk into the root: a file, all of a folder, or a ZIP archive.

    link: hard links instead of copies. Yields what became of each; raises AssetError where there is nothing to take.
    """
    folder = root / source.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=folder) as scratch:
        files = _files(source, given, Path(scratch))
        if not files:
            raise AssetError(f"{given}: holds no file that ends in {', '.join(source.suffixes)}")
        for path in files:
            yield _add(source, path, folder, link=link and given.suffix.lower() != ".zip", trust=trust)


def verify(source: Source, root: Path, *, trust: Sequence[str] = ()) -> Iterator[Outcome]:
    """Every file of a source under the root, compared with its checksum; those without one are read and recorded.

    trust: paths whose present bytes are taken as right from now on.
    """
    folder = root / source.folder
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name.startswith(".") or name == lock.NAME or path.name.endswith(".tag"):
            continue
        if path.name.endswith(".part"):
            yield Outcome(path=name, state=REFUSED, remark="a download that did not end; fetch it again to go on")
        elif path.suffix.lower() in source.suffixes:
            yield _verify(source, path, folder, trusted=name in trust)


def _verify(source: Source, path: Path, folder: Path, *, trusted: bool) -> Outcome:
    name = path.relative_to(folder).as_posix()
    try:
        if trusted:
            remark = _record(source, path, folder, origin="trusted by hand")
        elif _expected(source, name, folder) is None:
            remark = _record(source, path, folder, origin="found on disk")
        else:
            _hold(source, path, folder, way_out=f"delete it and fetch again, or keep it: verify --trust {name}")
            remark = ""
    except CeterisError as error:
        return Outcome(path=name, state=REFUSED, remark=str(error))
    return Outcome(path=name, state=THERE, remark=remark)


def _record(source: Source, path: Path, folder: Path, *, origin: str) -> str:
    """Reads a file of unknown checksum and writes it into the lock file."""
    remark = source.check(path, folder)
    name = path.relative_to(folder).as_posix()
    lock.record(folder, {name: lock.Entry(sha256=checksum.of(path), size=path.stat().st_size, origin=origin)})
    return remark


def _add(source: Source, path: Path, folder: Path, *, link: bool, trust: bool) -> Outcome:
    place = source.place(path.name)
    if place is None:
        return Outcome(path=path.name, state=REFUSED, remark=f"its name is none of {source.title}")
    target = folder / place
    try:
        if target.is_file():
            _hold(source, target, folder, way_out="delete it first")
            if checksum.of(target) != checksum.of(path):
                raise AssetError(f"{path} differs from {target}, which is there already; delete one of them")
            return Outcome(path=place, state=THERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        os.link(path, part) if link else shutil.copyfile(path, part)
        try:
            remark = _take(source, part, target, folder, trust=trust, origin=f"from {path}")
        finally:
            part.unlink(missing_ok=True)
    except (CeterisError, OSError) as error:
        return Outcome(path=place, state=REFUSED, remark=str(error))
    return Outcome(path=place, state=NEW, remark=remark)


def _take(source: Source, part: Path, target: Path, folder: Path, *, trust: bool, origin: str) -> str:
    """Compares and reads the file `part`, records it and renames it to `target`; gives the check's remark."""
    name = target.relative_to(folder).as_posix()
    expected, got = _expected(source, name, folder), _sum_as(part, target)
    if expected and got != expected[0] and not trust:
        way_out = "it was not taken: the file was changed, or is another one. If you trust where it comes from: --trust"
        raise ChecksumError(name, expected=expected[0], got=got, source=expected[1], way_out=way_out)
    with tempfile.TemporaryDirectory(prefix=".checking-", dir=target.parent) as scratch:
        seen = Path(scratch) / target.name  # under its own name, which says what it is
        os.replace(part, seen)
        try:
            remark = source.check(seen, folder)
        except CeterisError as error:
            text = str(error).replace(str(seen), target.name)
            raise AssetError(f"what came {origin} is not sound: {text}") from error
        lock.record(folder, {name: lock.Entry(sha256=got, size=seen.stat().st_size, origin=origin)})
        os.replace(seen, target)
    return remark


def _sum_as(part: Path, target: Path) -> str:
    """The checksum of a file that will be called `target`."""
    return checksum.of_text(part) if target.suffix.lower() in checksum.TEXT_SUFFIXES else checksum.of_bytes(part)


def _hold(source: Source, path: Path, folder: Path, *, way_out: str) -> None:
    """Raises ChecksumError if a file is not what the manifest or the lock file says."""
    expected, got = _expected(source, path.relative_to(folder).as_posix(), folder), checksum.of(path)
    if expected and got != expected[0]:
        raise ChecksumError(path, expected=expected[0], got=got, source=expected[1], way_out=way_out)


def _expected(source: Source, name: str, folder: Path) -> tuple[str, str] | None:
    """The checksum of a file and who says so: the lock file, where the file came before, otherwise the manifest."""
    locked = lock.read(folder).get(name)
    if locked:
        return locked.sha256, "the lock file"
    known = source.checksum(name)
    return (known, "the manifest") if known else None


def _files(source: Source, given: Path, scratch: Path) -> list[Path]:
    """The files of a source in what was given, skeletons first, since motions are read with them."""
    if not given.exists():
        raise AssetError(f"{given}: there is no such file or folder")
    if given.suffix.lower() == ".zip":
        found = archive.unpack(given, scratch, suffixes=source.suffixes)
    elif given.is_file():
        found = [given] if given.suffix.lower() in source.suffixes else []
    else:
        found = [p for p in given.rglob("*") if p.suffix.lower() in source.suffixes and p.is_file()]
        links = [p for p in found if p.is_symlink() and not p.resolve().is_relative_to(given.resolve())]
        if links:
            raise AssetError(f"{links[0]}: is a link out of {given}; add the folder that it points to")
    return sorted(found, key=lambda path: (source.suffixes.index(path.suffix.lower()), path.name))
