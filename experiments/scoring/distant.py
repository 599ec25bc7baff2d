"""Models as actors of a Ray cluster: clips go to them as the files that the store keeps, and logits come back.

Ray starts an actor that was lost again, elsewhere, and gives it the same clips once more; what a model says of a clip
does not depend on who asks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from experiments.models.base import ModelAdapter, ModelCard, load
from experiments.scoring.forward import Kept, forward
from synth.clips import ClipStore
from synth.clips.encoded import Encoded
from synth.cluster import Executor, ray
from synth.errors import CeterisError
from synth.factors import ClipSpec

PARCEL = 64  # clips that travel together
TRIES = 3  # of a parcel, and of an actor


@dataclass(frozen=True)
class Tap:
    """A layer whose pooled features are wanted; root: their name."""

    layer: str
    pooling: str
    root: str


@dataclass
class Said:
    """Results that travel: clip id -> logits, and root of a tap -> clip id -> features. Filled as `forward.Kept` is."""

    features: Sequence[Tap]
    logits: dict[str, np.ndarray] = field(default_factory=dict)
    taps: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def add(self, ids: Sequence[str], logits: np.ndarray, taps: Mapping[str, np.ndarray]) -> None:
        """Results of one batch."""
        self.logits.update(zip(ids, logits, strict=True))
        for name, rows in taps.items():
            self.taps.setdefault(name, {}).update(zip(ids, rows, strict=True))

    def flush(self) -> None:
        """Nothing is kept here."""


@dataclass(frozen=True)
class Parcel:
    """One clip on its way: its recipe, the passes that the model is made of, and the rest of its manifest."""

    spec: ClipSpec
    files: Mapping[str, Encoded]
    digests: Mapping[str, str]
    camera: Mapping[str, object]


class Scorer:
    """What runs on the node: every model that it was asked about, loaded once."""

    def __init__(self):
        self._adapters: dict[str, ModelAdapter] = {}

    def score(
        self, card: ModelCard, parcels: Mapping[str, Parcel], taps: Sequence[Tap], batch: int | None, flipped: bool
    ) -> Said:
        """What a model says of clips (id -> parcel)."""
        if card.fingerprint not in self._adapters:
            self._adapters[card.fingerprint] = load(card)
        said = Said(taps)
        with tempfile.TemporaryDirectory(prefix="ceteris-scorer-") as folder:
            store = ClipStore(folder)
            for clip_id, parcel in parcels.items():
                store.put(clip_id, parcel.spec, parcel.files, digests=parcel.digests, camera=parcel.camera)
            specs = {clip_id: parcel.spec for clip_id, parcel in parcels.items()}
            forward(self._adapters[card.fingerprint], store, specs, said, batch=batch, flipped=flipped)
        return said


class Scorers:
    """The actors of a study, `executor.scorers` of them, each for all models."""

    def __init__(self, executor: Executor):
        given, options = executor, {"max_restarts": TRIES, "max_task_retries": TRIES}
        kind = ray().remote(Scorer).options(num_cpus=given.scorer_cpus, num_gpus=given.scorer_gpus, **options)
        self._actors = [kind.remote() for _ in range(executor.scorers)]

    def forward(
        self,
        card: ModelCard,
        store: ClipStore,
        specs: Mapping[str, ClipSpec],
        kept: Kept,
        *,
        batch: int | None = None,
        flipped: bool = False,
    ) -> None:
        """As `experiments.scoring.forward.forward`."""
        taps = [Tap(tap.layer, tap.pooling, str(tap.root)) for tap in kept.features]

        def send(actor, parcels: Mapping[str, Parcel]):
            return actor.score.remote(card, parcels, taps, batch, flipped)

        from ray.util import ActorPool

        exceptions, pool = ray().exceptions, ActorPool(self._actors)
        try:
            with tqdm(total=len(specs), desc=f"score {card.name}", unit="clip", disable=None) as bar:
                for said in pool.map_unordered(send, _parcels(card, store, specs)):
                    ids = list(said.logits)
                    features = {name: np.stack([rows[i] for i in ids]) for name, rows in said.taps.items()}
                    kept.add(ids, np.stack([said.logits[i] for i in ids]), features)
                    bar.update(len(ids))
        except exceptions.RayTaskError as error:
            raise error.cause from error
        except exceptions.RayError as error:
            raise CeterisError(
                f"{card.name} could not be asked on the cluster, {TRIES} times over: {str(error).splitlines()[0]}; "
                "what was scored is kept"
            ) from error
        finally:
            kept.flush()

    def close(self) -> None:
        """End them all."""
        for actor in self._actors:
            ray().kill(actor)


def _parcels(card: ModelCard, store: ClipStore, specs: Mapping[str, ClipSpec]) -> Iterator[dict[str, Parcel]]:
    ids = list(specs)
    for start in range(0, len(ids), PARCEL):
        yield {clip_id: _parcel(card, store, clip_id, specs[clip_id]) for clip_id in ids[start : start + PARCEL]}


def _parcel(card: ModelCard, store: ClipStore, clip_id: str, spec: ClipSpec) -> Parcel:
    manifest = store.require(clip_id, card.input.passes)
    entries = {name: manifest["passes"][name] for name in card.input.passes}
    files = {name: Encoded(store.content(clip_id, entry), entry) for name, entry in entries.items()}
    return Parcel(spec, files, manifest["digests"], manifest["camera"])
