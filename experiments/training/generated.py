"""Training on clips that Ceteris renders (`conf=train`): draw, render, fit, measure.

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.models.base import InputSpec, check_device
from experiments.models.card import WEIGHTS_DIR, ModelCard, Options, describe
from experiments.models.families import adapter_class
from experiments.settings import are_numbers, assets_root, clip_store, engine_for, flag, part, plain_name, table, whole
from experiments.training import data, measure
from experiments.training.card import generated_facts
from experiments.training.core import Job, timed, train_job
from experiments.training.design import DesignError, Ranges, TrainingDesign, draw
from experiments.training.recipe import Recipe
from synth.clips import ClipStore
from synth.cost import estimate
from synth.engine import EnginePool, open_engine
from synth.errors import find
from synth.factors import ClipSpec
from synth.render import Identified, identify, render_missing

log = logging.getLogger("ceteris")


@dataclass(frozen=True, kw_only=True)
class Training:
    """The key `train` of a config, checked.

    name: of the model. model: the card whose family, architecture and input are trained, from random weights;
    architecture: what differs from the card's. azimuth_deg: the range trained at. ranges: every range measured at.
    held_out: clips of each held-out set. cmu: real clips of each set, measured when assets.root is given. install: put
    the model among those that ship.
    """

    name: str
    azimuth_deg: tuple[float, float]
    ranges: tuple[tuple[float, float], ...]
    design: TrainingDesign
    recipe: Recipe
    model: str = "r2plus1d"
    architecture: Mapping = field(default_factory=dict)
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
            name=plain_name("train.name", train["name"] or train["azimuths"]),
            azimuth_deg=own,
            ranges=(own, *(other for other in ranges.values() if other != own)),
            design=part("train.design", design, TrainingDesign),
            recipe=part("train.fit", recipe, Recipe),
            model=train["model"],
            architecture=dict(table("train.architecture", train["architecture"] or {})),
            held_out=whole("train.held_out", train["held_out"], least=1),
            cmu=whole("train.cmu", train["cmu"], least=1),
            install=flag("train.install", train["install"]),
        )

    def card(self, device: str = "cpu") -> ModelCard:
        """The untrained model, which is shown the clips as they are drawn."""
        options = Options(device=device, weights="random", seed=self.design.seed, precision="float32")
        plain, side = describe(self.model, options), self.design.size
        shown = dataclasses.replace(
            plain.input, frames=self.design.num_frames, fps=self.design.fps, height=side, width=side, resize="stretch"
        )
        return dataclasses.replace(
            plain,
            name=self.name,
            classes=tuple(self.design.activities),
            input=shown,
            architecture={**plain.architecture, **self.architecture},
        )

    @property
    def input(self) -> InputSpec:
        """What the model is shown."""
        return self.card().input


def run_generated(config: Mapping, out: Path) -> Path | None:
    """Train the model of a composed config; returns its folder under `out` (None for plan_only)."""
    training, device = Training.from_config(config["train"]), check_device(config["device"])
    store, root = clip_store(config), assets_root(config)
    seconds: dict[str, float] = {}
    with timed(seconds, "render"):
        sets = draw_sets(training, root)
        specs = [spec for specs in sets.values() for spec in specs]
        with open_engine(**engine_for(config, specs, ("frames",))) as pool:
            known = identify(specs, pool)
            _log_plan(training, sets, known, store, pool)
            if flag("plan_only", config["plan_only"]):
                return None
            drawn = render_missing(known, store=store, pool=pool, passes=("frames",), label="render training clips")
    with timed(seconds, "read"):
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
    card = training.card(device)
    job = Job(
        adapter=adapter_class(card.family)(card),
        clips=clips,
        recipe=training.recipe,
        seed=training.design.seed,
        checkpoints=checkpoints,
        measure=lambda title, logits: measure.measure(logits.argmax(1) == clips[title].labels, sets[title]),
        facts=lambda: generated_facts(training, sets["train"], drawn),
        seconds={"render": 0.0, "read": 0.0} if seconds is None else seconds,
    )
    made = train_job(job, out)
    if training.install:
        shutil.copytree(made, WEIGHTS_DIR / training.name, dirs_exist_ok=True)
    log.info("Model: %s", made.resolve())
    return made


def _read(training: Training, store: ClipStore, specs: Sequence[ClipSpec], ids: Mapping[ClipSpec, str]) -> data.Clips:
    labels = [training.design.activities.index(spec.motion.activity) for spec in specs]
    return data.read_clips(store, [ids[spec] for spec in specs], labels, training.input, training.design.fps)


def _digest(training: Training, specs: Sequence[ClipSpec], known: Identified) -> str:
    """Checkpoints belong to one set of clips, one network and one recipe."""
    network = [training.model, dict(training.card().architecture)]
    parts = [sorted(known.ids[spec] for spec in specs), network, dataclasses.asdict(training.recipe)]
    return hashlib.sha256(json.dumps([*parts, training.design.seed]).encode()).hexdigest()[:12]


def _log_plan(training: Training, sets: Mapping, known: Identified, store: ClipStore, pool: EnginePool) -> None:
    todo = known.missing(store, ("frames",))
    cost = estimate(todo, store)
    sizes = "; ".join(f"{name}: {len(specs)}" for name, specs in sets.items())
    low, high = training.azimuth_deg
    log.info("Training %s at azimuths %g to %g. Clips: %s", training.name, low, high, sizes)
    log.info("%d clips to draw, about %.1f minutes, %.2f GB", len(todo), cost.minutes(pool.size), cost.gigabytes)
