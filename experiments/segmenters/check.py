"""The public checker of segmenters: `python -m experiments.segmenters.check segmenter=NAME` (or `--all`).

As `experiments.models.check` for models: one small function per rule, over a made-up clip whose mask is known. It takes
the path of your own card too, weights=PATH or weights=random. With --all, those whose published weights are not at
hand are checked with random ones, and the line says so; one whose package is not installed is not checked, and the line
says how to get it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from experiments.models.errors import MissingPackage, WeightsError
from experiments.segmenters.base import Segmenter, iou
from experiments.segmenters.cards import load_segmenter, segmenter_names
from experiments.segmenters.example import scene
from experiments.segmenters.rules import FRAMES, HEIGHT, RULES, WIDTH, SegmenterContractError
from synth.assets.errors import AssetError
from synth.errors import CeterisError

MEMBERS = ("name", "fingerprint", "segment")
KEYS = ("segmenter", "weights", "device", "assets_root")
USAGE = (
    "usage: python -m experiments.segmenters.check segmenter=NAME|PATH [weights=PATH|random] [device=cpu] "
    "[assets_root=DIR] | --all\n"
)


def check_segmenter(segmenter: Segmenter) -> list[str]:
    """Tests every rule of the contract on a made-up clip; the names of the rules that hold, in order.

    Raises SegmenterContractError at the first that does not.
    """
    missing = [member for member in MEMBERS if not hasattr(segmenter, member)]
    if missing:
        raise SegmenterContractError(
            getattr(segmenter, "name", type(segmenter).__name__),
            rule="members",
            got=f"no {', '.join(missing)}",
            expected="every member of Segmenter",
            mend="See experiments/segmenters/base.py.",
        )
    for rule in RULES:
        rule(segmenter)
    return ["members", *(rule.__name__.removeprefix("_check_") for rule in RULES)]


def check_named(name: str, *, fall_back: bool = False, **options) -> str:
    """Checks a segmenter by its name; the line that tells the outcome. Raises what loading and checking raise.

    fall_back: take random weights where the card's are not there. options: of `load_segmenter`.
    """
    try:
        segmenter = load_segmenter(name, **options)
    except (WeightsError, AssetError):
        if not fall_back:
            raise
        segmenter = load_segmenter(name, **{**options, "weights": "random"})
    held = check_segmenter(segmenter)
    untrained = " (random weights)" if segmenter.card.random else ""
    footage, hints = scene(HEIGHT, WIDTH, FRAMES)
    met = "" if untrained else f"; intersection over union on the made-up clip {_met(segmenter, footage, hints):.2f}"
    return f"{name}{untrained}: {len(held)} rules hold ({', '.join(held)}){met}"


def _met(segmenter: Segmenter, footage, hints) -> float:
    return iou(segmenter.segment(footage, hints).mask, footage.mask)


def main(arguments: list[str]) -> int:
    """0 when every segmenter asked for keeps the contract; 1 when one does not; 2 for bad usage."""
    given = dict(part.split("=", 1) for part in arguments if "=" in part)
    everything = "--all" in arguments
    odd = [part for part in arguments if part != "--all" and part.split("=")[0] not in KEYS]
    if odd or (not everything and "segmenter" not in given):
        sys.stdout.write(USAGE + f"segmenters: {', '.join(segmenter_names())}\n")
        return 2
    options = {key: given[key] for key in ("weights", "device") if key in given}
    options["assets_root"] = Path(given["assets_root"]) if "assets_root" in given else None
    failed = 0
    for name in segmenter_names() if everything else [given["segmenter"]]:
        try:
            sys.stdout.write(check_named(name, fall_back=everything, **options) + "\n")
        except MissingPackage as error:
            sys.stdout.write(f"{name}: not checked: {error}\n")
            failed = failed or int(not everything)
        except CeterisError as error:
            sys.stdout.write(f"{name}: {type(error).__name__}: {error}\n")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
