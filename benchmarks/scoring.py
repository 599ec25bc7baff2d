"""What scoring costs beside the bare forward pass: medians on this machine.

    python -m benchmarks.scoring                                # the table for the models named below, random weights
    python -m benchmarks.scoring --models frontal i3d_rgb_imagenet --clips 64
    python -m benchmarks.scoring --device cuda:0                # the same on a GPU
    python -m benchmarks.scoring --memory 10000                 # and resident memory over so many clips of `frontal`

Clips are rendered (a walk on the lawn), kept in a store of their own, and scored from there. `bare` is the network on
one batch that lies normalised on the device, in clips a second; `scored` is all of Ceteris: decode, prepare, collate,
normalise, forward, judge nothing, write the logits. Both use the same batch and precision and take turns, round by
round, so that other work on the machine meets both. `raw` is scored again from decoded frames beside the store.
`decode` is how many clips a second the loader delivers with no model behind it.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.scenes import machine
from experiments.models.base import ModelAdapter, Options, describe, load
from experiments.models.input import common_length, common_rate, common_size
from experiments.models.loader import batches
from experiments.scoring.cache import RowCache
from experiments.scoring.forward import Kept, batch_size, footage, forward
from experiments.scoring.raw import RawFrames
from synth.arguments import whole
from synth.clips import ClipStore
from synth.engine import open_engine
from synth.errors import CeterisError
from synth.factors import ClipSpec, MotionRef, Viewpoint

MODELS = ("frontal", "i3d_rgb_imagenet")
PRECISIONS = ("float32", "bfloat16")


def render(adapter: ModelAdapter, store: ClipStore, count: int) -> dict[str, ClipSpec]:
    """Clip id -> recipe of `count` clips in the store that suit the model, seen from all around."""
    fps, (height, width) = common_rate([adapter.input]), common_size([adapter.input])
    length = common_length([adapter.input], fps)
    plain = ClipSpec(motion=MotionRef(activity="walk"), fps=fps, num_frames=length, height=height, width=width)
    drawn = 16  # different clips; the rest are copies under other names, for decoding costs the same
    specs = [dataclasses.replace(plain, viewpoint=Viewpoint(azimuth_deg=360 * k / drawn)) for k in range(drawn)]
    named: dict[str, ClipSpec] = {}
    with open_engine() as engine:
        shown = [(spec, arrays) for spec, arrays, _ in engine.capture(specs, list(adapter.input.passes))]
    for number, (spec, arrays) in zip(range(count), itertools.cycle(shown)):
        name = f"{number:020x}"
        store.write(name, spec, arrays, digests={}, camera={})
        named[name] = spec
    return named


def bare(adapter: ModelAdapter, store: ClipStore, specs: dict[str, ClipSpec], batch: int) -> Callable[[], None]:
    """One pass of the network over as many clips as there are, from one batch that is ready on the device."""
    ids = list(specs)[:batch]
    _, inputs = next(batches(ids, lambda i: adapter.prepare(footage(store, i, specs[i], adapter.input)), lambda: batch))
    with torch.inference_mode():
        x = adapter.normalise(inputs.to(adapter.device).flatten(0, 1))

    def passes() -> None:
        with (
            torch.inference_mode(),
            torch.autocast(adapter.device.partition(":")[0], torch.bfloat16, enabled=adapter.precision == "bfloat16"),
        ):
            for _ in range(0, len(specs), len(ids)):
                logits = adapter.forward(x)
            logits.cpu()

    return passes


def scored(adapter: ModelAdapter, store: ClipStore, specs: dict[str, ClipSpec], raw: bool) -> Callable[[], None]:
    """Scoring all clips into an empty cache."""

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            cache = RowCache(Path(folder), len(adapter.classes))
            forward(adapter, store, specs, Kept(cache), raw=RawFrames(store) if raw else None)

    return work


def delivered(adapter: ModelAdapter, store: ClipStore, specs: dict[str, ClipSpec], batch: int) -> Callable[[], None]:
    """The loader alone."""

    def work() -> None:
        for _ in batches(
            list(specs), lambda i: adapter.prepare(footage(store, i, specs[i], adapter.input)), lambda: batch
        ):
            pass

    return work


def rates(works: dict[str, Callable[[], None]], clips: int, rounds: int) -> dict[str, float]:
    """Median clips a second of each kind of work, which take turns; one round is thrown away."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if number:
                spent[name].append(time.perf_counter() - start)
    return {name: clips / float(np.median(times)) for name, times in spent.items()}


def row(name: str, precision: str, args: argparse.Namespace, folder: Path) -> dict[str, float]:
    """The rates of one model in one precision."""
    options = Options(device=args.device, precision=precision, assets_root=args.root)
    try:
        describe(name, options).file  # noqa: B018 - weights that are not there are missed here
    except CeterisError:
        options = dataclasses.replace(options, weights="random")
    adapter, store = load(name, options), ClipStore(folder / name)
    batch = batch_size(adapter.input, adapter.device)
    count = max(args.clips // max(1, 8 // batch), 2 * batch) // batch * batch
    specs = render(adapter, store, count)
    found = rates(
        {
            "bare": bare(adapter, store, specs, batch),
            "scored": scored(adapter, store, specs, raw=False),
            "raw": scored(adapter, store, specs, raw=True),
            "decode": delivered(adapter, store, specs, batch),
        },
        count,
        args.rounds,
    )
    return found | {"batch": batch, "clips": count}


def memory(folder: Path, clips: int, write: Callable[[str], object]) -> None:
    """Peak resident memory after a tenth and after all of `clips` clips of the small model."""
    adapter, store = load("frontal"), ClipStore(folder / "memory")
    specs = render(adapter, store, clips)
    for part in (clips // 10, clips):
        scored(adapter, store, dict(itertools.islice(specs.items(), part)), raw=False)()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        write(f"peak resident memory after {part:6d} clips: {peak:7.0f} MiB\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=MODELS, help="names of conf/model, or paths of cards")
    parser.add_argument("--clips", type=whole(1), default=256, help="of a small model; of a large one, fewer")
    parser.add_argument("--rounds", type=whole(1), default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    parser.add_argument("--root", type=Path, help="the assets root, where weights lie; random ones otherwise")
    parser.add_argument("--memory", type=whole(1), metavar="CLIPS")
    args = parser.parse_args(arguments)
    write = sys.stdout.write
    write(f"{machine()}; torch {torch.__version__}, {torch.get_num_threads()} threads; clips a second\n")
    heads = ("batch", "clips", "bare", "scored", "share", "raw", "share", "decode")
    write(f"{'model':22s}{'precision':>10s}" + "".join(f"{head:>9s}" for head in heads) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for name, precision in itertools.product(args.models, args.precision):
            r = row(name, precision, args, Path(folder) / precision)
            cells = f"{r['batch']:9d}{r['clips']:9d}{r['bare']:9.2f}{r['scored']:9.2f}{r['scored'] / r['bare']:9.0%}"
            write(f"{name:22s}{precision:>10s}{cells}{r['raw']:9.2f}{r['raw'] / r['bare']:9.0%}{r['decode']:9.1f}\n")
        if args.memory:
            memory(Path(folder), args.memory, write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
