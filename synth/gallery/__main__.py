"""Contact sheets and videos, so that people can judge what models are shown.

    python -m synth.gallery motions --activity squat    one motion: eight azimuths down, eight times across
    python -m synth.gallery appearances                 every appearance from eight azimuths
    python -m synth.gallery environments                every environment all around, by day and in the evening
    python -m synth.gallery draws --count 20            random draws, with what was drawn
    python -m synth.gallery passes --activity squat     every pass in false colour
    python -m synth.gallery manners --activity squat    one motion in other manners: amplitude, noise, freeze ...
    python -m synth.gallery people-x-motions            every person in every activity, from three sides
    python -m synth.gallery videos                      a video of every activity

With --blind SEED names and order are hidden, and the key is written to a file of its own, key.json.
"""

from __future__ import annotations

import argparse
import functools
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from synth.arguments import whole
from synth.engine import EnginePool, open_engine
from synth.errors import CeterisError
from synth.factors import ClipSpec, FactorError
from synth.gallery import film
from synth.gallery.board import board, write_png
from synth.gallery.colours import coloured, needs
from synth.gallery.contents import CONTENTS, Options
from synth.gallery.contents import film as film_spec
from synth.gallery.sheet import Sheet, blind
from synth.lights import PRESETS, lighting
from synth.randomise import Ranges

VIDEOS = "videos"
COUNTS = {"draws": 20}
VIDEO_FPS, VIDEO_S = 25.0, 6.0
log = logging.getLogger("ceteris")


def draw(sheets: Sequence[Sheet], pool: EnginePool, out: Path) -> list[Path]:
    """Every sheet as a PNG in the folder `out`; returns their paths."""
    written = []
    for sheet in sheets:
        passes = tuple(dict.fromkeys(name for cell in sheet.cells for name in needs(cell.shown)))
        clips = _rendered(pool, sheet.specs, passes, sheet.name)
        pictures = [coloured(cell.shown, clips[cell.spec], cell.frame) for cell in sheet.cells]
        captions = [cell.caption for cell in sheet.cells]
        picture = board(
            pictures, sheet.columns, title=sheet.title, captions=captions, rows=sheet.rows, heads=sheet.heads
        )
        written.append(out / f"{sheet.name}.png")
        write_png(written[-1], picture)
        log.info("%s", written[-1])
    return written


def shoot(films: Sequence[tuple[str, ClipSpec]], pool: EnginePool, out: Path, form: str) -> list[Path]:
    """Every (name, recipe) as a video in the folder `out`; returns their paths."""
    written = []
    for name, spec in films:
        clips = _rendered(pool, [spec], ("frames",), name)
        written.append(out / f"{name}.{form}")
        film.write(written[-1], clips[spec]["frames"], spec.fps)
        log.info("%s", written[-1])
    return written


def _rendered(pool: EnginePool, specs: Sequence[ClipSpec], passes: Sequence[str], label: str) -> dict:
    """Recipe -> its passes, with a progress bar in frames."""
    clips = {}
    with tqdm(total=sum(spec.num_frames for spec in specs), desc=label, unit="frame", disable=None) as bar:
        for spec, arrays, _ in pool.capture(specs, passes):
            clips[spec] = arrays
            bar.update(spec.num_frames)
    return clips


def _films(options: Options, seed: int | None) -> tuple[list[tuple[str, ClipSpec]], dict[str, str]]:
    """(name, recipe) of every video, and the key if they are blind."""
    made = [(r, film_spec(options, r, fps=VIDEO_FPS, longest_s=VIDEO_S)) for r in options.references(options.count)]
    if seed is None:
        return [(ref.key.replace("/", "_"), spec) for ref, spec in made], {}
    order = np.random.default_rng(seed).permutation(len(made))
    shown = {f"video-{number:02d}": made[at] for number, at in enumerate(order, 1)}
    return [(name, spec) for name, (_, spec) in shown.items()], {name: ref.key for name, (ref, _) in shown.items()}


def _write_key(out: Path, key: dict[str, str]) -> None:
    with whole(out / "key.json") as partial:
        partial.write_text(json.dumps(key, indent=1), encoding="utf-8")


def _run(given: argparse.Namespace) -> None:
    options = _options(given)
    engine = {"assets_root": given.assets_root, "device": given.device, "workers": given.workers or "auto"}
    if given.what == VIDEOS:
        films, key = _films(options, given.blind)
        made = functools.partial(shoot, films, form=given.format)
    else:
        sheets, key = CONTENTS[given.what](options), {}
        if given.blind is not None:
            sheets, key = blind(sheets, given.blind)
        made = functools.partial(draw, sheets)
    given.out.mkdir(parents=True, exist_ok=True)
    with open_engine(**engine) as pool:
        made(pool=pool, out=given.out)
    if key:
        _write_key(given.out, key)


def _options(given: argparse.Namespace) -> Options:
    return Options(
        activity=given.activity,
        source=given.source,
        assets_root=given.assets_root,
        count=given.count or COUNTS.get(given.what, 1),
        seed=given.seed,
        appearance=given.appearance,
        environment=given.environment,
        lighting=lighting(given.light),
        ranges=Ranges() if given.ranges is None else Ranges.from_file(given.ranges),
        size=given.size or (320 if given.what == VIDEOS else 160),
    )


def _size(text: str) -> int:
    size = whole(16)(text)
    if size % 2:
        raise argparse.ArgumentTypeError(f"{size} is odd; videos need an even number of pixels")
    return size


def _folder(text: str) -> Path:
    nearest = next(path for path in (Path(text), *Path(text).absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise argparse.ArgumentTypeError(f"{nearest} is a file; expected a folder, which is made if it is not there")
    return Path(text)


def parser(choices: Iterable[str] = (*CONTENTS, VIDEOS)) -> argparse.ArgumentParser:
    """The command line's parser."""
    made = argparse.ArgumentParser(
        prog="python -m synth.gallery", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("what", choices=tuple(choices))
    made.add_argument("--activity", help="one activity only")
    made.add_argument("--source", default="authored", choices=("authored", "cmu"))
    made.add_argument("--assets-root", type=Path, help="folder that holds cmu/, appearances/ and environments/")
    made.add_argument(
        "--count", type=whole(1), help="motions per activity, random ones, or draws (default 1, 20 draws)"
    )
    made.add_argument("--seed", type=whole(0), default=0, help="of the first random appearance, place or draw")
    made.add_argument("--ranges", type=Path, help="what draws take from where, as conf/randomise/default.yaml")
    made.add_argument("--appearance", default="ana")
    made.add_argument("--environment", default="lawn")
    made.add_argument("--light", default="noon", help=f"one of {', '.join(PRESETS)}")
    made.add_argument("--size", type=_size, help="pixels a side of every picture (default 160, videos 320)")
    made.add_argument("--format", default="webm", choices=film.FORMATS, help="of videos")
    made.add_argument("--blind", type=whole(0), metavar="SEED", help="shuffle and hide names; key in key.json")
    made.add_argument("--device", default="cpu", help="cpu, or a GPU such as cuda:0")
    made.add_argument("--workers", type=whole(1), help="engines side by side (default one per core)")
    made.add_argument("--out", type=_folder, default=Path("runs/gallery"), help="folder (default runs/gallery)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        _run(parser().parse_args(arguments))
    except (CeterisError, FactorError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the sheets and videos that were finished are whole\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
