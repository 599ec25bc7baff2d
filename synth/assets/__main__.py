"""The command line of the assets.

    python -m synth.assets list                                what there is
    python -m synth.assets list cmu --class "golf swing"       the trials of a class, and which are at hand
    python -m synth.assets fetch cmu --class "golf swing"      download them
    python -m synth.assets fetch cmu 64_01                     one trial
    python -m synth.assets fetch weights i3d_rgb_imagenet      published weights of a model
    python -m synth.assets add DIR                             use files that are on disk (a folder, a file, a .zip)
    python -m synth.assets add FILE weights
    python -m synth.assets verify                              compare all with their checksums

The assets root is --root, else the environment variable CETERIS_ASSETS, else `assets.root` of conf/config.yaml.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from omegaconf import OmegaConf
from tqdm import tqdm

from synth.assets import cmu, store, weights
from synth.assets.errors import AssetError, Unreachable
from synth.assets.source import SOURCES, Source, Wanted, source
from synth.errors import CeterisError
from synth.motion.trials import Crop, crops

ROOT_VARIABLE = "CETERIS_ASSETS"
CONFIG = Path(__file__).resolve().parents[2] / "conf" / "config.yaml"


def usual_root() -> Path | None:
    """The assets root of the environment or of the config; None where neither names one."""
    named = os.environ.get(ROOT_VARIABLE) or OmegaConf.load(CONFIG).assets.root
    return Path(named) if named else None


def _root(options: argparse.Namespace) -> Path:
    root = options.root or usual_root()
    if root is None:
        raise AssetError(
            f"no assets root is named: say --root DIR, or set the environment variable {ROOT_VARIABLE}, or assets.root "
            f"in {CONFIG.name}; it is the folder that holds, or will hold, cmu/"
        )
    if root.exists() and not root.is_dir():
        raise AssetError(f"the assets root {root} is a file; expected the folder that holds, or will hold, cmu/")
    return root


def _fetch(options: argparse.Namespace) -> int:
    chosen, root = source(options.source), _root(options)
    names = [*options.names, *options.trial]
    selection = {"names": names, "classes": options.classes, "all": ["all"] if options.all else []}
    if not any(selection.values()):
        raise AssetError(f"say what to fetch of {chosen.name}: its NAME, --class NAME (of motions) or --all")
    wanted = chosen.wanted(selection)
    known = sum(item.sha256 is not None for item in wanted)
    terms = chosen.told(selection) or chosen.terms()
    sys.stdout.write(f"{terms}\n{len(wanted)} files into {root / chosen.folder}\n")
    sys.stdout.write(
        f"{known} of them have a known checksum; the others are trusted as they come, recorded in lock.json and held "
        "to it later\n"
    )
    there = 0
    for item in wanted:
        try:
            _say(_with_progress(chosen, item, root, trust=options.trust))
            there += 1
        except CeterisError as error:
            _say(store.Outcome(path=item.path, state="failed", remark=str(error)))
            if isinstance(error, Unreachable):
                sys.stdout.write("no further file was tried\n")
                break
    sys.stdout.write(f"{there} of {len(wanted)} files are there\n")
    return 0 if there == len(wanted) else 1


def _with_progress(chosen: Source, item: Wanted, root: Path, *, trust: bool) -> store.Outcome:
    with tqdm(desc=item.path, unit="B", unit_scale=True, file=sys.stderr, leave=False, disable=None) as bar:

        def show(size: int, total: int | None) -> None:
            bar.total = total
            bar.update(size - bar.n)

        return store.fetch(chosen, item, root, trust=trust, progress=show)


def _add(options: argparse.Namespace) -> int:
    chosen = source(options.source)
    sys.stdout.write(chosen.terms() + "\n")
    return _tell(store.add(chosen, options.given, _root(options), link=options.link, trust=options.trust))


def _verify(options: argparse.Namespace) -> int:
    chosen, root = source(options.source), _root(options)
    return _tell(store.verify(chosen, root, trust=options.trust), nothing=f"no files in {root / chosen.folder}")


def _tell(outcomes: Iterable[store.Outcome], *, nothing: str = "no files") -> int:
    """One line for each file that is new, refused or remarkable, and a summary; the exit code."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.state] = counts.get(outcome.state, 0) + 1
        if outcome.state != store.THERE or outcome.remark:
            _say(outcome)
    summary = ", ".join(f"{count} {state}" for state, count in counts.items())
    sys.stdout.write(f"{summary or nothing}\n")
    return 1 if {store.REFUSED, store.MISSING} & set(counts) else 0


def _say(outcome: store.Outcome) -> None:
    sys.stdout.write(f"{outcome.path}: {outcome.state}{': ' + outcome.remark if outcome.remark else ''}\n")


def _list(options: argparse.Namespace) -> int:
    if options.source is None:
        for name in SOURCES:
            sys.stdout.write(f"{name}: {source(name).terms()}")
        return 0
    source(options.source)  # a misspelt name is answered here
    root = options.root or usual_root()
    if options.source == "weights":
        _list_weights(options.names, root)
    elif options.classes:
        for name in options.classes:
            _list_class(cmu.activity_class(name), root)
    else:
        _list_classes(root)
    return 0


def _list_weights(names: Sequence[str], root: Path | None) -> None:
    """All of the named entries, or a line for each there is."""
    for name in names:
        found = weights.entry(name)
        sys.stdout.write(f"{found.terms()}{'at hand' if found.at_hand(root) else weights.way_out(found, root)}\n\n")
    if names:
        return
    sys.stdout.write(f"{'name':30s} {'classes':22s} {'checksum':8s} {'commercial':10s} {'':7s}  title\n")
    for name, found in weights.entries().items():
        use = {True: "yes", False: "no", None: "unstated"}[found.commercial_use]
        sums = [file.checksum is not None for file in found.files]
        known = "hub" if found.hub else ("yes" if all(sums) else "in part" if any(sums) else "no")
        there = "at hand" if found.at_hand(root) else ""
        sys.stdout.write(f"{name:30s} {found.labels or '-':22s} {known:8s} {use:10s} {there:7s}  {found.title}\n")


def _list_classes(root: Path | None) -> None:
    sys.stdout.write(f"{'activity':20s} {'class':36s} {'trials':>6s} {'at hand':>7s} {'crops':>5s}  match\n")
    for activity, entry in cmu.classes().items():
        count = sum(_at_hand(trial, root) for trial in entry.trials)
        row = f"{activity:20s} {entry.name:36s} {len(entry.trials):6d} {count:7d} {len(crops().get(activity, ())):5d}"
        sys.stdout.write(f"{row}  {entry.match}\n")
    sys.stdout.write(f"{len(cmu.index())} trials in all; any of them is a motion: cmu/trial/<name>\n")


def _list_class(entry: cmu.ActivityClass, root: Path | None) -> None:
    named = "; ".join(f"{k} {v}" for k, v in (("UCF101", entry.ucf101), ("Kinetics", entry.kinetics)) if v)
    sys.stdout.write(f"{entry.activity}: {entry.name} ({entry.match}). {named}\n")
    for name in entry.trials:
        trial = cmu.index()[name]
        marks = ["at hand"] * _at_hand(name, root) + ["checksum known"] * (f"{name}.amc" in cmu.checksums())
        sys.stdout.write(f"  {name:8s} {trial.fps:3.0f} fps  {trial.description}  {', '.join(marks)}\n")
    for crop in crops().get(entry.activity, {}).values():
        sys.stdout.write(f"  crop {crop.variant}: trial {crop.trial}, frames {crop.frames[0]} to {crop.frames[1]}\n")


def _at_hand(trial: str, root: Path | None) -> bool:
    return root is not None and Crop(variant=trial, trial=trial).find_files(root / "cmu") is not None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="fetch | list | verify | add")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--root", type=Path, help="the assets root")
    fetching = commands.add_parser("fetch", parents=[shared], help="download files")
    fetching.add_argument("source")
    fetching.add_argument("names", nargs="*", help="of weights, or of trials such as 64_01")
    fetching.add_argument("--class", dest="classes", action="append", default=[], help="all trials of a class")
    fetching.add_argument("--trial", action="append", default=[], help="one trial, such as 64_01")
    fetching.add_argument("--all", action="store_true", help="everything (CMU: about 4 GB)")
    fetching.add_argument("--trust", action="store_true", help="take files whose checksum is another")
    fetching.set_defaults(run=_fetch)
    listing = commands.add_parser("list", parents=[shared], help="what there is")
    listing.add_argument("source", nargs="?")
    listing.add_argument("names", nargs="*", help="of weights: all that is known of them")
    listing.add_argument("--class", dest="classes", action="append", default=[], help="the trials of a class")
    listing.set_defaults(run=_list)
    verifying = commands.add_parser("verify", parents=[shared], help="compare files with their checksums")
    verifying.add_argument("source", nargs="?", default="cmu")
    verifying.add_argument("--trust", action="append", default=[], metavar="PATH", help="take a file as it is now")
    verifying.set_defaults(run=_verify)
    adding = commands.add_parser("add", parents=[shared], help="use files that are on disk")
    adding.add_argument("given", type=Path, help="a folder, a file or a .zip archive")
    adding.add_argument("source", nargs="?", default="cmu")
    adding.add_argument("--link", action="store_true", help="hard links instead of copies")
    adding.add_argument("--trust", action="store_true", help="take files whose checksum is another")
    adding.set_defaults(run=_add)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0, 1 if a file failed, 2 for a mistake, 130 where it was stopped."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except CeterisError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the same command goes on where this one was\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
