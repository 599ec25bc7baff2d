"""What drawing will take: time for any number of engines, disk, and money, from what the last rendering took.

Engines share the clips evenly; the one process that writes them down cannot be divided and is what many engines wait
for in the end (`python -m benchmarks.scale` shows where).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synth.clips import ClipStore
from synth.factors import ClipSpec
from synth.whole import whole

RATES = "rates.json"  # of the last rendering, beside the clips
# seconds an engine takes for a frame, and the run for writing a clip down, of pictures of so many pixels
FIRST_GUESS = {"seconds_per_frame": 0.014, "bytes_per_frame": 19000.0, "seconds_per_clip": 0.004, "pixels": 112 * 112}
FIXED = 0.6  # of the seconds, which do not grow with the pixels: posing, shadow, the wire
FEWEST = 500  # frames; less says more of start-up than of drawing
log = logging.getLogger("ceteris")


@dataclass(frozen=True)
class Cost:
    """engine_s: seconds of one engine. writing_s: seconds that cannot be divided among engines. gigabytes: on disk."""

    engine_s: float
    writing_s: float
    gigabytes: float

    def minutes(self, workers: int) -> float:
        """From the first clip to the last."""
        return max(self.engine_s / workers, self.writing_s) / 60

    def price(self, workers: int, per_hour: float) -> float:
        """Of so many engines at a price for an hour of one."""
        return self.minutes(workers) / 60 * workers * per_hour

    def bound(self, workers: int) -> bool:
        """Whether engines wait for their clips to be written."""
        return self.engine_s / workers < self.writing_s


def describe(cost: Cost, workers: int, per_hour: float | None = None) -> list[str]:
    """Lines for people: time, disk and price with so many engines, and with 1, 8 and 64.

    per_hour: what an hour of one engine costs, in whatever money; None where nobody asks."""
    lines = [f"  expected: {cost.minutes(workers):.1f} minutes, {cost.gigabytes:.2f} GB"]
    for count in sorted({1, 8, 64, workers}):
        price = "" if per_hour is None else f"{cost.price(count, per_hour):10.2f}"
        this = "  this run" if count == workers else ""
        bound = "  (waits for the one process that writes clips)" if cost.bound(count) else ""
        lines.append(f"    {count:3d} engines {cost.minutes(count):10.1f} minutes{price}{this}{bound}")
    return lines


def estimate(specs: Sequence[ClipSpec], store: ClipStore) -> Cost:
    """What drawing `specs` will take, from the store's last rendering where there was one."""
    rate = _last(store)
    frames = sum(spec.num_frames for spec in specs)
    scaled = sum(spec.num_frames * spec.width * spec.height for spec in specs) / rate["pixels"]
    return Cost(
        engine_s=(FIXED * frames + (1 - FIXED) * scaled) * rate["seconds_per_frame"],
        writing_s=len(specs) * rate["seconds_per_clip"],
        gigabytes=scaled * rate["bytes_per_frame"] / 1e9,
    )


def remember(
    store: ClipStore, specs: Sequence[ClipSpec], ids: Sequence[str], *, workers: int, seconds: float, writing_s: float
) -> None:
    """Keep what drawing `specs` took, with so many engines; nothing where there were only a handful of frames."""
    frames = sum(spec.num_frames for spec in specs)
    if frames < FEWEST:
        return
    try:
        size = sum(path.stat().st_size for clip_id in ids[:50] for path in store.folder(clip_id).glob("[!.]*"))
        rate = {
            "seconds_per_frame": seconds * workers / frames,
            "bytes_per_frame": size / sum(spec.num_frames for spec in specs[:50]),
            "seconds_per_clip": writing_s / len(specs),
            "pixels": specs[0].width * specs[0].height,
        }
        with whole(store.root / RATES) as partial:
            partial.write_text(json.dumps(rate, indent=1))
    except OSError as error:
        log.warning("%s cannot be written (%s); the next plan's estimate is an older one", RATES, error)


def _last(store: ClipStore) -> Mapping[str, float]:
    """What the last rendering took; FIRST_GUESS where there was none, or where the file is damaged."""
    path = store.root / RATES
    try:
        rate = json.loads(path.read_text())
        return {key: float(rate[key]) for key in FIRST_GUESS}
    except FileNotFoundError:
        return FIRST_GUESS
    except (ValueError, KeyError, TypeError) as error:
        log.warning("%s: not what a rendering took (%s); the estimate is a guess", path, error)
        return FIRST_GUESS
