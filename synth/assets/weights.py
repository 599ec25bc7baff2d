"""Published weights of models: `assets_manifest/weights/NAME.yaml`, one file per checkpoint.

    title, labels (a list of conf/labels), accuracy with its protocol, citation, licence, notes
    commercial_use: true or false where the licence says, null where it does not
    files: path under <assets root>/weights, url, checksum (see `synth.assets.checksum`; null: none was published), size
    load: which of several files a reader is given
    hub: instead of files, the id of a folder that Hugging Face's hub keeps

What is null is not known. Nothing here is part of Ceteris: who fetches a file takes its licence.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from synth.assets.cmu import ManifestError
from synth.assets.errors import AssetError
from synth.errors import find
from synth.unique_keys import UniqueKeys

MANIFEST = Path(__file__).resolve().parents[2] / "assets_manifest" / "weights"
FOLDER = "weights"
_LIST = "`python -m synth.assets list weights` shows them."


@dataclass(frozen=True, kw_only=True)
class WeightsFile:
    """path: relative to `<assets root>/weights`. checksum: as published, None where none was. size: bytes, if known."""

    path: str
    url: str
    checksum: str | None = None
    size: int | None = None

    def told(self) -> str:
        """One line for people: size, checksum, address."""
        size = "" if self.size is None else f"{self.size / 1e6:.2f} MB, "
        return f"{self.path}: {size}checksum {self.checksum or 'not published'}, {self.url}"


@dataclass(frozen=True, kw_only=True)
class Weights:
    """One entry of the manifest; see the module."""

    name: str
    title: str
    licence: str | None
    commercial_use: bool | None
    citation: str
    labels: str | None
    accuracy: str | None
    notes: str | None = None
    files: tuple[WeightsFile, ...] = ()
    load: str | None = None
    hub: str | None = None

    def terms(self) -> str:
        """What a user must know before the first byte."""
        use = {True: "", False: " No commercial use.", None: " Whether commercial use is allowed is not stated."}
        lines = [f"{self.name}: {self.title}", f"Licence: {self.licence or 'not stated'}.{use[self.commercial_use]}"]
        lines.append(f"Citation: {self.citation}")
        if self.accuracy:
            lines.append(f"Published accuracy: {self.accuracy}")
        lines += [self.notes] if self.notes else []
        return "\n".join([*lines, *(file.told() for file in self.files)]) + "\n"

    def place(self, root: Path) -> Path:
        """The file or folder that a reader is given, there or not."""
        folder = root / FOLDER
        if self.hub:
            return folder / self.name
        wanted = self.load or Path(self.files[0].path).name
        return next(folder / file.path for file in self.files if Path(file.path).name == wanted)

    def lost(self, root: Path) -> Path | None:
        """The first of its files that does not lie under the assets root; None where all of it does."""
        needed = [self.place(root) / "config.json"] if self.hub else [root / FOLDER / file.path for file in self.files]
        return next((path for path in needed if not path.is_file()), None)

    def at_hand(self, root: Path | None) -> bool:
        """Whether all of it lies under the assets root."""
        return root is not None and self.lost(root) is None


@functools.cache
def entries() -> dict[str, Weights]:
    """Name -> entry of the whole manifest. Raises ManifestError for one that does not hold together."""
    return {path.stem: _entry(path) for path in sorted(MANIFEST.glob("*.yaml"))}


def entry(name: str) -> Weights:
    """One entry; raises UnknownName with the nearest names."""
    return find("published weights", name, entries(), _LIST)


def weights_file(name: str, root: Path | None) -> Path:
    """The file or folder of published weights under the assets root. Raises UnknownName, or AssetError with the command
    that brings them where they are not there."""
    found = entry(name)
    lost = None if root is None else found.lost(root)
    if root is not None and lost is None:
        return found.place(root)
    where = "no assets root is named (assets.root=DIR)" if root is None else f"{lost} is not there"
    raise AssetError(
        f"the weights {name} ({found.title}) are not at hand: {where}. {way_out(found, root)} A file that you have is "
        "named by its path, weights=PATH; weights=random takes an untrained network"
    )


def way_out(found: Weights, root: Path | None) -> str:
    """The command that brings them."""
    folder = root if root is not None else "DIR"
    if found.hub:
        return f"Fetch them with: hf download {found.hub} --local-dir {Path(folder) / FOLDER / found.name}."
    return f"Fetch them with: python -m synth.assets fetch weights {found.name} --root {folder}."


def chosen(names: Sequence[str], everything: bool) -> list[Weights]:
    """The entries of these names. Raises AssetError for one that the hub keeps."""
    found = [entry(name) for name in (entries() if everything else names)]
    if everything:
        return [one for one in found if not one.hub]
    for one in found:
        if one.hub:
            raise AssetError(
                f"{one.name} is a folder of Hugging Face's hub, which its own tool fetches. {way_out(one, None)}"
            )
    return found


def file_of(path: str | Path) -> WeightsFile | None:
    """The manifest's file that a file on disk is by its name, or by its folder's and its own where names repeat."""
    path = Path(path)
    every = [file for one in entries().values() for file in one.files]
    names = [(file, {Path(file.path).parts[-2:], Path(file.url.replace("%3D", "=")).parts[-2:]}) for file in every]
    exact = [file for file, known in names if path.parts[-2:] in known]
    same = [file for file, known in names if path.name in {parts[-1] for parts in known}]
    return exact[0] if exact else (same[0] if len(same) == 1 else None)


def _entry(path: Path) -> Weights:
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeys)
        files = tuple(_file(item) for item in table.pop("files", ()))
        found = Weights(name=path.stem, files=files, **table)
    except (yaml.YAMLError, TypeError, AttributeError) as error:
        known = ", ".join(item.name for item in fields(Weights) if item.name != "name")
        raise ManifestError(f"{path}: {error}; expected the keys {known}") from error
    if bool(found.files) == bool(found.hub):
        raise ManifestError(f"{path}: expected either files or a hub's id")
    return found


def _file(item: Mapping) -> WeightsFile:
    return WeightsFile(**item)
