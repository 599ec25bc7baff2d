"""`python -m experiments.run conf=train`: draws, renders, fits and measures one of our own small models.

    draw -> render -> read -> fit -> measure -> card

The models that ship are made by the two commands in their cards; they differ in `train.azimuths` and nothing else
(see `experiments.training.design`). Rendered clips and the epochs that are done are kept in the store: the same
command after a stop goes on from there.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from experiments.models.base import WEIGHTS_DIR, InputSpec, check_device
from experiments.models.r2plus1d import ARCHITECTURE, build
from experiments.settings import are_numbers, assets_root, engine_options, flag, folder, part, whole
from experiments.training import data, measure
from experiments.training.card import card_facts, write_model
from experiments.training.curves import write_curves
from experiments.training.design import DesignError, Ranges, TrainingDesign, draw
from experiments.training.fit import Recipe, fit
from synth.clips import ClipStore
from synth.engine import open_engine
from synth.errors import find
from synth.factors import ClipSpec
from synth.render import Identified, estimate, identify, render_missing

log = logging.getLogger("ceteris")


@dataclass(frozen=True, kw_only=True)
class Training:
    """The key `train` of a config, checked.

    name: of the model. azimuth_deg: the range trained at. ranges: every range measured at. held_out: clips of each
    held-out set. cmu: real clips of each set, measured when assets.root is given.
    install: put the model among those that ship.
    """

    name: str
    azimuth_deg: tuple[float, float]
    ranges: tuple[tuple[float, float], ...]
    design: TrainingDesign
    recipe: Recipe
    architecture: Mapping = field(default_factory=lambda: dict(ARCHITECTURE))
    held_out: int = 360
    cmu: int = 120
    install: bool = False

    @classmethod
    def from_config(cls, train: Mapping) -> Training:
        """Raises UnknownName for a range of azimuths or a key that does not exist, DesignError for a bad value."""
        ranges = {name: _symmetric(name, given) for name, given in train["ranges"].items()}
        own = find("range of azimuths", train["azimuths"], ranges, "See train.ranges.")
        design = {
            **train["design"],
            "ranges": part("train.draw", train["draw"], Ranges),
            "seed": whole("train.seed", train["seed"], least=0),
        }
        recipe = {**train["fit"], "changes": part("train.changes", train["changes"], data.Changes)}
        return cls(
            name=train["name"] or train["azimuths"],
            azimuth_deg=own,
            ranges=(own, *(other for other in ranges.values() if other != own)),
            design=part("train.design", design, TrainingDesign),
            recipe=part("train.fit", recipe, Recipe),
            architecture=dict(train["architecture"]),
            held_out=whole("train.held_out", train["held_out"], least=1),
            cmu=whole("train.cmu", train["cmu"], least=1),
            install=flag("train.install", train["install"]),
        )

    @property
    def input(self) -> InputSpec:
        """What the model is shown: the clips as they are drawn."""
        side = self.design.size
        return InputSpec(frames=self.design.num_frames, fps=self.design.fps, height=side, width=side)


def run_training(config: Mapping, out: Path) -> Path | None:
    """Train the model of a composed config; returns its folder under `out` (None for plan_only)."""
    training, device = Training.from_config(config["train"]), check_device(config["device"])
    store, root = ClipStore(folder("store.root", config["store"]["root"])), assets_root(config)
    store.check_writable()
    seconds: dict[str, float] = {}
    with _timed(seconds, "render"):
        sets = draw_sets(training, root)
        with open_engine(**engine_options(config["engine"])) as pool:
            known = identify([spec for specs in sets.values() for spec in specs], pool)
            _log_plan(training, sets, known, store)
            if flag("plan_only", config["plan_only"]):
                return None
            drawn = render_missing(known, store=store, pool=pool, passes=("frames",), label="render training clips")
    with _timed(seconds, "read"):
        clips = {name: _read(training, store, specs, known.ids) for name, specs in sets.items()}
    checkpoints = store.root / "training" / f"{training.name}-{_digest(training, sets['train'], known)}"
    return train(training, sets, clips, out=out, checkpoints=checkpoints, device=device, seconds=seconds, drawn=drawn)


def _symmetric(name: str, given: Sequence[float]) -> tuple[float, float]:
    if not isinstance(given, list | tuple) or len(given) != 2 or not are_numbers(given):
        raise DesignError(f"train.ranges.{name} = {given!r}; expected [low, high], two numbers")
    low, high = (float(v) for v in given)
    if low > high or abs(low + high) > 1e-6:
        raise DesignError(
            f"train.ranges.{name} = [{low:g}, {high:g}]; expected a range that is symmetric about 0, because clips are "
            "flipped left to right"
        )
    return low, high


def draw_sets(training: Training, assets_root: Path | None) -> dict[str, list[ClipSpec]]:
    """The training clips and every set that is measured, by its title."""
    design = training.design
    sets = {"train": draw(design, "train", training.azimuth_deg)}
    for azimuth in training.ranges:
        title = f"azimuth {azimuth[0]:g} to {azimuth[1]:g}"
        sets[f"held-out, {title}"] = draw(design, "held", azimuth, clips=training.held_out)
        if assets_root is not None:
            real = draw(design, "cmu", azimuth, clips=training.cmu, assets_root=assets_root)
            sets[f"CMU trials, {title}"] = real
    return sets


def train(
    training: Training,
    sets: Mapping[str, Sequence[ClipSpec]],
    clips: Mapping[str, data.Clips],
    *,
    out: Path,
    checkpoints: Path,
    device: str = "cpu",
    seconds: dict[str, float] | None = None,
    drawn: int = 0,
) -> Path:
    """Fit on `clips["train"]`, measure on every other set, write the model's folder `out`/<name> and its curves.

    seconds: what the stages before took, and drawn: how many clips they rendered anew; both for the card.
    """
    seconds = {"render": 0.0, "read": 0.0} if seconds is None else seconds
    net = build(len(training.design.activities), training.architecture, seed=training.design.seed)
    own = next(name for name in clips if name.startswith("held-out"))
    watch = _watcher(clips[own], training.input, device)
    history = fit(
        net,
        clips["train"],
        training.input,
        training.recipe,
        folder=checkpoints,
        seed=training.design.seed,
        device=device,
        watch=watch,
    )
    seconds["fit"] = sum(record["seconds"] for record in history)
    with _timed(seconds, "measure"):
        scored = {
            name: _measured(net, clips[name], sets[name], training.input, device) for name in clips if name != "train"
        }
    facts = card_facts(training, sets["train"], net, history=history, seconds=seconds, accuracy=scored, device=device)
    facts["data"]["drawn"] = drawn
    folder = write_model(out / training.name, net.to("cpu"), facts)
    write_curves(out, history)
    for name, rows in scored.items():
        log.info("%s: %.1f %% of %d", name, 100 * rows["all"]["accuracy"], rows["all"]["clips"])
    if training.install:
        shutil.copytree(folder, WEIGHTS_DIR / training.name, dirs_exist_ok=True)
    log.info("Model: %s", folder.resolve())
    return folder


def _measured(net, clips: data.Clips, specs: Sequence[ClipSpec], spec: InputSpec, device: str) -> dict:
    right = measure.predict(net, clips, spec, device=device).argmax(1) == clips.labels
    return measure.measure(right, specs)


def _watcher(clips: data.Clips, spec: InputSpec, device: str) -> Callable[..., dict[str, float]]:
    def watch(net) -> dict[str, float]:
        right = measure.predict(net, clips, spec, device=device).argmax(1) == clips.labels
        return {"held_out": float(right.mean())}

    return watch


def _read(training: Training, store: ClipStore, specs: Sequence[ClipSpec], ids: Mapping[ClipSpec, str]) -> data.Clips:
    labels = [training.design.activities.index(spec.motion.activity) for spec in specs]
    return data.read_clips(store, [ids[spec] for spec in specs], labels, training.input)


def _digest(training: Training, specs: Sequence[ClipSpec], known: Identified) -> str:
    """Checkpoints belong to one set of clips, one network and one recipe."""
    parts = [sorted(known.ids[spec] for spec in specs), training.architecture, dataclasses.asdict(training.recipe)]
    return hashlib.sha256(json.dumps([*parts, training.design.seed]).encode()).hexdigest()[:12]


def _log_plan(training: Training, sets: Mapping, known: Identified, store: ClipStore) -> None:
    todo = known.missing(store, ("frames",))
    cost = estimate(todo, store)
    sizes = "; ".join(f"{name}: {len(specs)}" for name, specs in sets.items())
    low, high = training.azimuth_deg
    log.info("Training %s at azimuths %g to %g. Clips: %s", training.name, low, high, sizes)
    log.info("%d clips to draw, about %.1f minutes, %.2f GB", len(todo), cost["minutes"], cost["gigabytes"])


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start
