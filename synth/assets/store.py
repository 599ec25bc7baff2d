"""Bringing files into the assets root, and holding them to their checksums there.

Every file comes to lie in its place by a rename, after it was compared with the checksum that the manifest or the lock
file knows and was read once; what fails leaves no trace there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth.assets import archive, checksum, lock
from synth.assets.download import PAUSE_S, discard, download
from synth.assets.errors import AssetError, ChecksumError
from synth.assets.source import Source, Wanted
from synth.errors import CeterisError

THERE, NEW, REFUSED, MISSING = "there already", "new", "refused", "missing"
_ADDING, _CHECKING = ".adding-", ".checking-"  # folders that last as long as the work does


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file: `THERE`, `NEW`, `REFUSED` or `MISSING`, and a remark or the reason."""

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
        return Outcome(path=wanted.path, state=THERE, remark=_look(source, target, folder))
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
    if not given.exists():
        raise AssetError(f"{given}: there is no such file or folder")
    folder, packed = root / source.folder, _is_archive(given)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_ADDING, dir=folder) as scratch:
        files = _files(source, given, Path(scratch))
        if not files:
            raise AssetError(f"{given}: holds no file that ends in {', '.join(source.suffixes)}")
        for path in files:
            named = f"{path.name} in {given}" if packed else str(path)
            yield _add(source, path, folder, named=named, link=link and not packed, trust=trust)


def verify(source: Source, root: Path, *, trust: Sequence[str] = ()) -> Iterator[Outcome]:
    """Every file of a source under the root, compared with its checksum; those without one are read and recorded.
    Those that the lock file lists and that are gone are missing.

    trust: paths whose present bytes are taken as right from now on. Raises AssetError for one that is not there.
    """
    folder = root / source.folder
    _refuse_absent(folder, trust)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _is_left_behind(path):
            yield Outcome(path=name, state=REFUSED, remark="left behind by a command that was stopped; delete it")
        elif _is_hidden(path, folder) or not path.is_file():
            continue
        elif path.name.endswith(".part"):
            yield Outcome(path=name, state=REFUSED, remark="a download that did not end; fetch it again to go on")
        elif path.suffix.lower() in source.suffixes:
            yield _verify(source, path, folder, trusted=name in trust)
    for name, entry in lock.read(folder).items():
        if not (folder / name).is_file():
            way_out = f"fetch or add it again, or take its entry out of {lock.NAME}"
            yield Outcome(path=name, state=MISSING, remark=f"the lock file lists it ({entry.origin}); {way_out}")


def _refuse_absent(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        if not (folder / name).is_file():
            raise AssetError(
                f"--trust {name}: there is no such file in {folder}; expected a path such as asfamc/64_01.amc"
            )


def _is_left_behind(path: Path) -> bool:
    """Whether this is what `add` or `fetch` removes when it ends, but not when it is killed."""
    hidden_part = path.name.startswith(".") and path.name.endswith(".part")
    return path.name.startswith((_ADDING, _CHECKING)) or hidden_part


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _verify(source: Source, path: Path, folder: Path, *, trusted: bool) -> Outcome:
    name = path.relative_to(folder).as_posix()
    try:
        remark = _record(source, path, folder, origin="trusted by hand") if trusted else _look(source, path, folder)
    except CeterisError as error:
        return Outcome(path=name, state=REFUSED, remark=str(error))
    return Outcome(path=name, state=THERE, remark=remark)


def _look(source: Source, path: Path, folder: Path) -> str:
    """Holds a file to its checksum; one of which none is known is read and recorded. Gives the check's remark."""
    name = path.relative_to(folder).as_posix()
    if _expected(source, name, folder) is None:
        return _record(source, path, folder, origin="found on disk")
    _hold(source, path, folder, way_out=f"delete it and fetch again, or keep it: verify --trust {name}")
    return ""


def _record(source: Source, path: Path, folder: Path, *, origin: str) -> str:
    """Reads a file of unknown checksum and writes it into the lock file."""
    remark = source.check(path, folder)
    name = path.relative_to(folder).as_posix()
    lock.record(folder, {name: lock.Entry(sha256=checksum.of(path), size=path.stat().st_size, origin=origin)})
    return remark


def _add(source: Source, path: Path, folder: Path, *, named: str, link: bool, trust: bool) -> Outcome:
    """Brings one file; named: what people know it as."""
    place = source.place(path)
    if place is None:
        return Outcome(path=path.name, state=REFUSED, remark=f"its name is none of {source.title}")
    target = folder / place
    try:
        if target.is_file():
            _hold(source, target, folder, way_out="delete it first")
            if checksum.of(target) != checksum.of(path):
                raise AssetError(f"{named} differs from {target}, which is there already; delete one of them")
            return Outcome(path=place, state=THERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
        os.link(path, part) if link else shutil.copyfile(path, part)
        try:
            remark = _take(source, part, target, folder, trust=trust, origin=f"from {named}")
        finally:
            part.unlink(missing_ok=True)
    except (CeterisError, OSError) as error:
        return Outcome(path=place, state=REFUSED, remark=str(error))
    return Outcome(path=place, state=NEW, remark=remark)


def _take(source: Source, part: Path, target: Path, folder: Path, *, trust: bool, origin: str) -> str:
    """Compares and reads the file `part`, records it and renames it to `target`; gives the check's remark."""
    name = target.relative_to(folder).as_posix()
    expected, got = _expected(source, name, folder), _sum_as(part, target)
    shown = checksum.as_published(part, expected[0], got) if expected else ""
    if expected and shown != expected[0] and not trust:
        way_out = "it was not taken: the file was changed, or is another one. If you trust where it comes from: --trust"
        raise ChecksumError(name, expected=expected[0], got=shown, source=expected[1], way_out=way_out)
    with tempfile.TemporaryDirectory(prefix=_CHECKING, dir=target.parent) as scratch:
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
    expected = _expected(source, path.relative_to(folder).as_posix(), folder)
    got = checksum.as_published(path, expected[0], checksum.of(path)) if expected else ""
    if expected and got != expected[0]:
        raise ChecksumError(path, expected=expected[0], got=got, source=expected[1], way_out=way_out)


def _expected(source: Source, name: str, folder: Path) -> tuple[str, str] | None:
    """The checksum of a file and who says so: the lock file, where the file came before, otherwise the manifest."""
    locked = lock.read(folder).get(name)
    if locked:
        return locked.sha256, "the lock file"
    known = source.checksum(name)
    return (known, "the manifest") if known else None


def _is_archive(given: Path) -> bool:
    return given.suffix.lower() == ".zip"


def _files(source: Source, given: Path, scratch: Path) -> list[Path]:
    """The files of a source in what was given, skeletons first, since motions are read with them."""
    if _is_archive(given):
        found = archive.unpack(given, scratch, suffixes=source.suffixes)
    elif given.is_file():
        found = [given] if given.suffix.lower() in source.suffixes else []
    else:
        found = [p for p in given.rglob("*") if p.suffix.lower() in source.suffixes and p.is_file()]
        links = [p for p in found if p.is_symlink() and not p.resolve().is_relative_to(given.resolve())]
        if links:
            raise AssetError(f"{links[0]}: is a link out of {given}; add the folder that it points to")
    seen = [path for path in found if not path.name.startswith(".")]  # macOS packs a `._64_01.amc` beside each file
    return sorted(seen, key=lambda path: (source.suffixes.index(path.suffix.lower()), path.name))
