"""What can be done to a store of clips: `python -m synth.clips verify`.

verify compares every file of every clip with the checksum that its manifest has, and every manifest with its own and
with the id that its recipe gives. What is broken is named and taken away, so that the next run draws it again.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from synth.clips.store import BrokenClip, ClipStore
from synth.errors import CeterisError
from synth.factors import ClipSpec, FactorError

log = logging.getLogger("ceteris")
EXAMPLES = """
examples:
  python -m synth.clips verify                     the store data/store; broken clips are taken away
  python -m synth.clips verify --store DIR --keep  another one; broken clips are named and left

Exit code 0: every clip is as it was written. 1: some were not. 2: there is no such store.
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
    except (KeyError, TypeError, FactorError, CeterisError) as error:
        raise BrokenClip(clip_id, f"{store.folder(clip_id)}: its manifest has no recipe ({error})") from error
    if found != clip_id:
        raise BrokenClip(clip_id, f"{store.folder(clip_id)}: its recipe has the id {found}")
    for entry in manifest["passes"].values():
        store.content(clip_id, entry)


def main(arguments: list[str] | None = None) -> int:
    """Verify a store; returns the exit code."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    options = _parser().parse_args(arguments)
    store = ClipStore(options.store)
    if not (store.root / "clips").is_dir():
        log.error("%s holds no clips; name the folder that runs call store.root", store.root)
        return 2
    count = 0
    for clip_id, error in broken(store):
        count += 1
        log.warning("%s", error)
        if not options.keep:
            store.discard(clip_id)
    done = "are left as they are" if options.keep else "were taken away; the next run draws them again"
    log.info("%d clips are as they were written%s", len(list(store.ids())) - count * options.keep, "" if count else ".")
    if count:
        log.info("%d are broken and %s.", count, done)
    return int(count > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synth.clips",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["verify"])
    parser.add_argument("--store", type=Path, default=Path("data/store"), metavar="DIR", help="default: data/store")
    parser.add_argument("--keep", action="store_true", help="name broken clips, and take none away")
    return parser


if __name__ == "__main__":
    sys.exit(main())
