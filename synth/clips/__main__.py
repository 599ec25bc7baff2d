"""What can be done to a store of clips: `python -m synth.clips verify`, and `spill`.

verify compares every file of every clip with the checksum that its manifest has, and every manifest with its own and
with the id that its recipe gives. What is broken is named and taken away, so that the next run draws it again; so is
what runs that were killed left half-written, an hour after.
spill copies every clip to the place that runs call store.spill, where that lacks it.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from synth.clips.codec import ClipError
from synth.clips.spill import SpillingStore
from synth.clips.store import BrokenClip, ClipStore
from synth.errors import CeterisError
from synth.factors import ClipSpec, FactorError
from synth.whole import LEFT

LEFT_S = 3600.0
log = logging.getLogger("ceteris")
EXAMPLES = """
examples:
  python -m synth.clips verify                     the store data/store; broken clips are taken away
  python -m synth.clips verify --store DIR --keep  another one; broken clips are named and left
  python -m synth.clips spill --to s3://bucket/clips   copy the store there, as store.spill does while clips are drawn

Exit code 0: every clip is as it was written. 1: some were not. 2: there is no such store, or it takes no changes.
"""


def broken(store: ClipStore) -> Iterator[tuple[str, BrokenClip]]:
    """(id, what is wrong) of every clip that is not as it was written, with a progress bar."""
    for clip_id in tqdm(list(store.ids()), desc="verify", unit="clip", disable=None):
        try:
            check(store, clip_id)
        except BrokenClip as error:
            yield clip_id, error


def check(store: ClipStore, clip_id: str) -> None:
    """Raises BrokenClip unless the clip is as it was written and its recipe has its id."""
    manifest = store.manifest(clip_id)
    try:
        found = ClipSpec.from_canonical(manifest["spec"]).clip_id(manifest["digests"])
    except (KeyError, TypeError, AttributeError, ArithmeticError, FactorError, CeterisError) as error:
        raise BrokenClip(clip_id, f"{store.folder(clip_id)}: its manifest has no recipe ({error})") from error
    if found != clip_id:
        raise BrokenClip(clip_id, f"{store.folder(clip_id)}: its recipe has the id {found}")
    for entry in manifest["passes"].values():
        store.content(clip_id, entry)


def main(arguments: list[str] | None = None) -> int:
    """Verify or copy a store; returns the exit code."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    options = _parser().parse_args(arguments)
    if not (options.store / "clips").is_dir():
        log.error("%s holds no clips; name the folder that runs call store.root", options.store)
        return 2
    try:
        return _spill(options) if options.what == "spill" else _verify(options)
    except ClipError as error:
        log.error("%s", error)
        return 2


def _spill(options: argparse.Namespace) -> int:
    if not options.to:
        log.error("spill needs --to URL, one that fsspec knows, as s3://bucket/clips or file:///mnt/share/clips")
        return 2
    store = SpillingStore(options.store, options.to)
    log.info("%d clips were copied to %s", store.share_all(), options.to)
    return 0


def _verify(options: argparse.Namespace) -> int:
    store, count = ClipStore(options.store), 0
    for clip_id, error in broken(store):
        count += 1
        log.warning("%s", error)
        if not options.keep:
            store.discard(clip_id)
    if not options.keep and (left := _sweep(options.store)):
        log.info("%d half-written files of runs that were killed were taken away.", left)
    done = "are left as they are" if options.keep else "were taken away; the next run draws them again"
    log.info("%d clips are as they were written%s", len(list(store.ids())) - count * options.keep, "" if count else ".")
    if count:
        log.info("%d are broken and %s.", count, done)
    return int(count > 0)


def _sweep(root: Path) -> int:
    """Take away partial files that nobody can be writing any more, and count them."""
    old = [path for path in root.rglob(LEFT) if path.is_file() and time.time() - path.stat().st_mtime > LEFT_S]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synth.clips",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["verify", "spill"])
    parser.add_argument("--store", type=Path, default=Path("data/store"), metavar="DIR", help="default: data/store")
    parser.add_argument("--to", metavar="URL", help="where spill copies to")
    parser.add_argument("--keep", action="store_true", help="name broken clips, and take none away")
    return parser


if __name__ == "__main__":
    sys.exit(main())
