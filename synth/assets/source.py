"""A source of assets: which files it has, on which terms, where they belong under the root, and what makes one sound.

A source is data (`assets_manifest/<name>/source.yaml` and the tables beside it) and a check of its files; the fetcher,
`verify` and `add` know no more of it than this class says. Another kind of asset, such as weights of models, is one
more entry of `SOURCES` with its own manifest.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from synth.assets import check, cmu, weights
from synth.assets.errors import AssetError
from synth.errors import find

# What the choice of files may say: names (of weights, of trials), classes of activities, everything.
Selection = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file of a source. path: relative to the source's folder. sha256: a checksum as `synth.assets.checksum` writes
    them; None: unknown."""

    path: str
    url: str
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """name: as on the command line. folder: under the assets root. most_bytes: of one file. title, home, licence,
    citation: for people. wanted: the files of a selection, those first that others need. suffixes: of its files.
    place: where a file belongs (relative to the folder), None if it is no file of the source. check: raises an error
    for a file that is not sound, and gives remarks; its arguments are the file and the source's folder. told: what is
    to be known of a selection before it is fetched.
    """

    name: str
    folder: str
    most_bytes: int
    title: str
    home: str
    licence: str
    citation: str
    suffixes: tuple[str, ...]
    wanted: Callable[[Selection], list[Wanted]] = field(repr=False)
    place: Callable[[Path], str | None] = field(repr=False)
    check: Callable[[Path, Path], str] = field(repr=False)
    checksum: Callable[[str], str | None] = field(repr=False)
    told: Callable[[Selection], str] = field(repr=False, default=lambda selection: "")

    def terms(self) -> str:
        """What a user must know before the first byte."""
        return f"{self.title}, {self.home}\nLicence: {self.licence}\nCitation: {self.citation}\n"


def source(name: str) -> Source:
    """A source by name; raises UnknownName."""
    return find("source of assets", name, SOURCES)()


@functools.cache
def _cmu() -> Source:
    data = yaml.safe_load((cmu.FOLDER / "source.yaml").read_text(encoding="utf-8"))
    return Source(
        name="cmu",
        folder="cmu",
        most_bytes=data["most_bytes"],
        title=data["name"],
        home=data["home"],
        licence=data["licence"],
        citation=data["citation"],
        suffixes=(".asf", ".amc", ".bvh"),
        wanted=lambda selection: _cmu_files(data, selection),
        place=_cmu_place,
        check=check.motion_file,
        checksum=lambda path: cmu.checksums().get(Path(path).name),
    )


def _cmu_files(data: Mapping, selection: Selection) -> list[Wanted]:
    """The skeletons, then the trials, of the named trials and classes."""
    trials = dict.fromkeys(cmu.trial(name).name for name in selection.get("names", ()))
    for name in selection.get("classes", ()):
        trials |= dict.fromkeys(cmu.activity_class(name).trials)
    if selection.get("all"):
        trials |= dict.fromkeys(cmu.index())
    subjects = sorted({cmu.trial(name).subject for name in trials}, key=int)
    skeletons = [(f"{s}.asf", data["skeleton_url"].format(subject=s)) for s in subjects]
    motions = [(f"{t}.amc", data["motion_url"].format(subject=t.partition("_")[0], trial=t)) for t in trials]
    known = cmu.checksums()
    return [Wanted(path=f"asfamc/{name}", url=url, sha256=known.get(name)) for name, url in [*skeletons, *motions]]


def _cmu_place(path: Path) -> str | None:
    stem, suffix = path.stem, path.suffix.lower()
    if (suffix == ".asf" and stem in cmu.subjects()) or (suffix == ".amc" and stem in cmu.index()):
        return f"asfamc/{stem}{suffix}"
    return f"bvh/{stem}.bvh" if suffix == ".bvh" and cmu.trial_in(path.name) else None


@functools.cache
def _weights() -> Source:
    files = {file.path: file for entry in weights.entries().values() for file in entry.files}

    def place(path: Path) -> str | None:
        found = weights.file_of(path)
        return found.path if found else None

    def checksum_of(name: str) -> str | None:
        return files[name].checksum if name in files else None

    return Source(
        name="weights",
        folder=weights.FOLDER,
        most_bytes=6_000_000_000,
        title=f"Published weights of models, {len(weights.entries())} of them",
        home="each where its manifest says (assets_manifest/weights)",
        licence="each its own; none of them is part of Ceteris",
        citation="each its own",
        suffixes=tuple(dict.fromkeys(Path(name).suffix.lower() for name in files)),
        wanted=_weights_files,
        place=place,
        check=check.weights_file,
        checksum=checksum_of,
        told=lambda selection: "\n".join(entry.terms() for entry in _chosen_weights(selection)),
    )


def _chosen_weights(selection: Selection) -> list[weights.Weights]:
    if selection.get("classes"):
        raise AssetError(f"--class {selection['classes'][0]}: weights have no classes of motions; name them")
    return weights.chosen(selection.get("names", ()), bool(selection.get("all")))


def _weights_files(selection: Selection) -> list[Wanted]:
    return [
        Wanted(path=file.path, url=file.url, sha256=file.checksum)
        for entry in _chosen_weights(selection)
        for file in entry.files
    ]


SOURCES: dict[str, Callable[[], Source]] = {"cmu": _cmu, "weights": _weights}
