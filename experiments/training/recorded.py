"""Training on recordings of a data set (`conf=train_recordings`): read, fit, measure.

    lists -> fit (frames are decoded when their turn comes) -> measure -> card

Any reader of `experiments.recordings` and any card of `conf/model` go together whose modality is the same. A card may
hold its authors' recipe under `training`; `train.fit` says what differs from it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments import settings
from experiments.models.base import check_device
from experiments.models.card import WEIGHTS_DIR, ModelCard, Options, describe
from experiments.models.families import adapter_class
from experiments.models.footage import Footage
from experiments.models.input import InputSpec
from experiments.recordings import Recording, Recordings, open_recordings
from experiments.settings import SettingError, flag, folder, part, plain_name, table, whole
from experiments.training.changes import Changes
from experiments.training.core import TRAIN, Job, train_job
from experiments.training.measure import accuracy, f1
from experiments.training.recipe import Recipe

log = logging.getLogger("ceteris")
UNCHANGED = Changes(**dict.fromkeys((field.name for field in dataclasses.fields(Changes)), 0.0))


@dataclass(frozen=True)
class Recorded:
    """Clips of a reader, decoded when they are asked for; a `TrainingSet`."""

    reader: Recordings
    clips: Sequence[Recording]
    shown: InputSpec

    @property
    def labels(self) -> np.ndarray:
        """int64 (N,), indices into the reader's classes."""
        return np.array([clip.label for clip in self.clips], np.int64)

    def footage(self, index: int) -> Footage:
        """The frames of one clip that the model is shown, and no more of a long one; a whole skeleton."""
        clip = self.clips[index]
        if self.reader.modality == "skeleton":
            joints, fps = self.reader.read(clip)
            return Footage(joints=joints.reshape(len(joints), -1, 3).astype(np.float32), fps=fps)
        facts = self.reader.facts(clip)
        first, last = clip.frames or (0, facts.num_frames - 1)
        picks = self.shown.indices(last - first + 1, facts.fps)[0]
        paced = self.shown.sampling in ("stride", "centre")
        wanted = range(picks.min(), picks.max() + 1) if paced else picks.tolist()
        frames, fps = self.reader.read(clip, list(wanted))
        return Footage(frames=frames, fps=fps)


@dataclass(frozen=True, kw_only=True)
class RecordedTraining:
    """The key `train` of a config, checked.

    recordings: dataset, root, the splits to train on and to measure (the first of them after every epoch), and further
    options of the reader. name: of the model made. model: the card that is fitted from random weights; architecture and
    input: what differs from the card's. limit: clips of each split, evenly taken, 0 for all.
    """

    recordings: Mapping
    name: str
    model: str
    architecture: Mapping
    input: Mapping
    recipe: Recipe
    seed: int
    limit: int
    install: bool

    @classmethod
    def from_config(cls, train: Mapping) -> RecordedTraining:
        """Raises UnknownName, SettingError, TrainingError."""
        given = table("train.recordings", train["recordings"])
        for key in ("dataset", "root", "train", "measure"):
            if not given.get(key):
                raise SettingError(f"train.recordings.{key} = {given.get(key)!r}; expected its name, as {key}=...")
        recipe = {**_published(train["model"]), **table("train.fit", train["fit"] or {})}
        changes = {**vars(UNCHANGED), **table("train.changes", train["changes"] or {})}
        own = f"{Path(train['model']).stem}_{given['dataset']}"
        return cls(
            recordings=given,
            name=plain_name("train.name", train["name"]) if train["name"] else own,
            model=train["model"],
            architecture=table("train.architecture", train["architecture"] or {}),
            input=table("train.input", train["input"] or {}),
            recipe=part("train.fit", {**recipe, "changes": part("train.changes", changes, Changes)}, Recipe),
            seed=whole("train.seed", train["seed"], least=0),
            limit=whole("train.limit", train["limit"], least=0),
            install=flag("train.install", train["install"]),
        )

    def reader(self) -> Recordings:
        """The data set's reader."""
        own = ("dataset", "root", "train", "measure")
        options = {key: value for key, value in self.recordings.items() if key not in own}
        root = folder("train.recordings.root", self.recordings["root"])
        return open_recordings(self.recordings["dataset"], root, **options)

    def card(self, classes: Sequence[str], device: str) -> ModelCard:
        """The untrained model for the data set's classes."""
        options = Options(device=device, weights="random", seed=self.seed, precision="float32")
        plain = describe(self.model, options)
        settings.known_keys("train.input", self.input, InputSpec)
        return dataclasses.replace(
            plain,
            name=self.name,
            classes=tuple(classes),
            input=dataclasses.replace(plain.input, **self.input),
            architecture={**plain.architecture, **self.architecture},
        )


def _published(model: str) -> dict:
    """The recipe of a card's authors, empty where it has none."""
    facts = describe(model, Options(weights="random")).facts
    return dict(table(f"training of the card {model}", facts.get("training") or {}))


def run_recorded(config: Mapping, out: Path) -> Path | None:
    """Train the model of a composed config; returns its folder under `out` (None for plan_only)."""
    training, device = RecordedTraining.from_config(config["train"]), check_device(config["device"])
    reader = training.reader()
    card = training.card(reader.classes, device)
    if (card.input.modality == "skeleton") != (reader.modality == "skeleton") or "flow" in card.input.passes:
        raise SettingError(
            f"train.model = {training.model} is shown {' and '.join(card.input.passes)}; {reader.title} holds "
            f"{'skeletons' if reader.modality == 'skeleton' else 'pictures'}. Take another model, or for flow "
            "train.input.flow_from=tvl1"
        )
    splits = training.recordings
    measured = splits["measure"] if isinstance(splits["measure"], list) else [splits["measure"]]
    sets = {TRAIN: Recorded(reader, _taken(reader, splits["train"], training.limit), card.input)}
    sets |= {split: Recorded(reader, _taken(reader, split, training.limit), card.input) for split in measured}
    sizes = ", ".join(f"{title}: {len(clips.clips)}" for title, clips in sets.items())
    log.info("Training %s on %s (%s)", training.name, reader.title, sizes)
    if flag("plan_only", config["plan_only"]):
        return None
    store = folder("store.root", config["store"]["root"])
    job = Job(
        adapter=adapter_class(card.family)(card),
        clips=sets,
        recipe=training.recipe,
        seed=training.seed,
        checkpoints=store / "training" / f"{training.name}-{_digest(training, card, sets[TRAIN])}",
        measure=lambda title, logits: measure(logits, sets[title], reader.classes),
        facts=lambda: _facts(training, reader, sets),
    )
    made = train_job(job, out)
    if training.install:
        shutil.copytree(made, WEIGHTS_DIR / training.name, dirs_exist_ok=True)
    log.info("Model: %s", made.resolve())
    return made


def _taken(reader: Recordings, split: str, limit: int) -> list[Recording]:
    """The labelled clips of a split, evenly thinned to `limit`."""
    clips = [clip for clip in reader.clips(split) if clip.label is not None]
    if not clips:
        raise SettingError(f"the split {split!r} of {reader.title} has no labelled clip under {reader.root}")
    if not limit or len(clips) <= limit:
        return clips
    return [clips[int(at)] for at in np.linspace(0, len(clips) - 1, limit)]


def measure(logits: np.ndarray, clips: Recorded, classes: Sequence[str]) -> dict:
    """Accuracy over all clips, per class and per group (people, source videos), and the mean F1 of classes; intervals
    are Wilson's, and count clips of one group as independent, which they are not."""
    labels, said = clips.labels, logits.argmax(1)
    right, groups = said == labels, np.array([clip.group for clip in clips.clips])
    present = [index for index in range(len(classes)) if (labels == index).any()]
    return {
        "all": {**accuracy(right), "f1": round(f1(labels, said), 4), "groups": len(set(groups.tolist()))},
        "class": {classes[index]: accuracy(right[labels == index]) for index in present},
        "group": {name: accuracy(right[groups == name]) for name in sorted(set(groups.tolist()))},
    }


def _digest(training: RecordedTraining, card: ModelCard, clips: Recorded) -> str:
    """Checkpoints belong to one set of clips, one network and one recipe."""
    names = [f"{clip.name} {clip.label} {clip.frames}" for clip in clips.clips]
    network = [training.model, dict(card.architecture), dataclasses.asdict(card.input)]
    text = json.dumps([names, network, dataclasses.asdict(training.recipe), training.seed], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _facts(training: RecordedTraining, reader: Recordings, sets: Mapping[str, Recorded]) -> dict:
    """What the card says of the recordings."""
    trained = sets[TRAIN].clips
    return {
        "card": "recorded",
        "licence": f"that of {reader.title}; see the data set's terms",
        "summary": f"{training.model}, fitted by Ceteris on {reader.title}.",
        "data": {
            "dataset": reader.name,
            "title": reader.title,
            "split": training.recordings["train"],
            "clips": len(trained),
            "groups": len({clip.group for clip in trained}),
            "classes": {
                name: sum(clip.class_name == name for clip in trained)
                for name in reader.classes
                if any(clip.class_name == name for clip in trained)
            },
        },
    }
