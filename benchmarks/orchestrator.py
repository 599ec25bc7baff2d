"""What the orchestrator and the store cost:  python -m benchmarks.orchestrator

Overhead: clips of 224 x 224 x 16, frames, mask and joints, drawn by one engine and thrown away, and drawn and stored as
a study does, taking turns; the processor's time of this process, engine apart, is told too, which other work on the
machine does not change. Re-run: a finished study of about 10,000 clips, from the start of the run to its rows:
engine, plan, ids, what is missing, control proof, score rows. Its clips and scores are made up beforehand, since
drawing them would take an hour; the run reads of them what it reads of real ones.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments import pipeline
from experiments.chosen_models import chosen_models
from experiments.plan import plan
from experiments.run import CONF
from experiments.scoring.cache import RowCache
from experiments.study import Study
from synth.aim import aim
from synth.arguments import whole
from synth.clips import ClipStore
from synth.engine import EnginePool, open_engine
from synth.engine.shots import told
from synth.factors import ClipSpec, MotionRef
from synth.render import DEFAULT_PASSES, Identified, identify, render_missing
from synth.resolve import resolve

SIZE, FRAMES = 224, 16
LARGE = (
    f"study.sweeps.orbit.values={[2 * k for k in range(180)]}", "study.clip.width=16", "study.clip.height=16",
    "~study.effects", "study.mirrored=[]", "models=[frontal]",
)  # fmt: skip


def recipes(count: int, first: int) -> list[ClipSpec]:
    """Clips of which no two share a pose."""
    ref = MotionRef(activity="squat")
    look_at = aim(ref, root="in_place").look_at_m
    base = ClipSpec(motion=ref, width=SIZE, height=SIZE, num_frames=FRAMES, look_at_m=look_at)
    return [dataclasses.replace(base, start_s=0.0001 * (first + k)) for k in range(count)]


def overhead(pool: EnginePool, clips: int, rounds: int) -> Iterator[np.ndarray]:
    """[[bare, stored], [the same of the processor]] seconds of each round."""
    list(pool.capture(recipes(4, 90_000), DEFAULT_PASSES))
    for number in range(rounds):
        bare, stored = (recipes(clips, 2 * clips * number + offset) for offset in (0, clips))
        clock = [(time.perf_counter(), time.process_time())]
        for _ in pool.capture(bare, DEFAULT_PASSES):
            pass
        clock.append((time.perf_counter(), time.process_time()))
        with tempfile.TemporaryDirectory() as folder:
            render_missing(identify(stored, pool), store=ClipStore(folder), pool=pool)
            clock.append((time.perf_counter(), time.process_time()))
        yield np.diff(np.array(clock), axis=0).T


def config(store: Path) -> dict:
    """The composed config of the large study."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return OmegaConf.to_container(
            compose("config", overrides=[*LARGE, f"store.root={store}"], return_hydra_config=False), resolve=True
        )


def finished(given: Mapping, store: ClipStore) -> Identified:
    """Put every clip of the study into `store`, and a score of each beside it."""
    cards = chosen_models(given)
    study = Study.from_config(given["study"], given["motion"], [card.input for card in cards])
    planned = plan(study, kept_in=store.root / "aims")
    with open_engine(workers=1) as pool:
        known = identify([clip.spec for clip in planned], pool)
    for spec, clip_id in known.ids.items():
        shape = (spec.num_frames, spec.height, spec.width)
        arrays = {
            "frames": np.zeros((*shape, 3), np.uint8),
            "mask": np.zeros(shape, np.uint8),
            "joints": np.zeros((spec.num_frames, 4, 3), np.float32),
        }
        camera = dataclasses.asdict(told(resolve(spec).camera))
        store.write(clip_id, spec, arrays, digests=known.digests[spec], camera=camera)
    rng = np.random.default_rng(0)
    for card in cards:
        logits = rng.normal(size=(len(known.ids), len(card.classes))).astype(np.float32)
        cache = RowCache(store.root / "scores" / card.fingerprint, len(card.classes))
        cache.add(dict(zip(known.ids.values(), logits, strict=True)))
    return known


def rerun(given: Mapping, store: ClipStore) -> float:
    """Seconds from the start to the score rows."""
    start = time.perf_counter()
    cards = chosen_models(given)
    study = Study.from_config(given["study"], given["motion"], [card.input for card in cards])
    answered = pipeline.ask(study, cards, given, store)
    if answered.facts["drawn"]:
        raise SystemExit(f"{answered.facts['drawn']} clips were drawn; the study was not finished")
    return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=whole(1), default=64, help="of a round of the overhead (default 64)")
    parser.add_argument("--rounds", type=whole(1), default=5)
    parser.add_argument("--no-rerun", action="store_true", help="leave out the large study")
    options = parser.parse_args(arguments)
    with open_engine(workers=1) as pool:
        rounds = np.array(list(overhead(pool, options.clips, options.rounds)))
    (bare, stored), (bare_cpu, stored_cpu) = np.median(rounds, axis=0) / options.clips
    extra = np.median(rounds[:, 0, 1] / rounds[:, 0, 0] - 1)
    sys.stdout.write(
        f"bare {1 / bare:.2f} clips/s, stored {1 / stored:.2f} clips/s; overhead, median of rounds {extra:.1%}\n"
        f"processor, engine apart: {1e3 * bare_cpu:.0f} ms a clip bare, {1e3 * stored_cpu:.0f} ms stored\n"
    )
    sys.stdout.flush()
    if options.no_rerun:
        return
    with tempfile.TemporaryDirectory() as folder:
        given, store = config(Path(folder)), ClipStore(folder)
        count = len(finished(given, store).ids)
        first = rerun(given, store)  # measures the passes of every clip, as a study that was never finished
        again = statistics.median(rerun(given, store) for _ in range(3))
        sys.stdout.write(f"re-run of {count} clips: {again:.1f} s to the first table ({first:.1f} s the first time)\n")


if __name__ == "__main__":
    main()
