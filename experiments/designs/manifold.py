"""Which layers' features are followed along which sweeps (*Identity Preserve Transform*, Fig. 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments import settings
from experiments.scoring.features import POOLINGS
from experiments.settings import SettingError
from experiments.sweeps import Sweep
from synth.errors import UnknownName, find

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Manifold:
    """sweeps: names of the study's sweeps. layers: names, the same for every model; a table model -> names; or `auto`,
    `most` of a model's layers from the input to the last. pooling: see `scoring.features.POOLINGS`."""

    sweeps: tuple[str, ...]
    layers: str | tuple[str, ...] | Mapping[str, Sequence[str]] = AUTO
    pooling: str = "mean"
    most: int = 4

    def of(self, model: str, known: Sequence[str]) -> tuple[str, ...]:
        """The layers of a model that has the layers `known`; raises UnknownName for one that it does not have."""
        chosen = self.layers.get(model, AUTO) if isinstance(self.layers, Mapping) else self.layers
        if chosen == AUTO:
            picks = np.unique(np.linspace(0, len(known) - 1, min(self.most, len(known))).round().astype(int))
            return tuple(known[k] for k in picks)
        for name in chosen:
            if name not in known:
                raise UnknownName(f"layer of {model}", name, known)
        return tuple(chosen)


def read_manifold(given, sweeps: Sequence[Sweep]) -> Manifold:
    """`study.manifold` of a config; raises SettingError or UnknownName."""
    settings.known_keys("study.manifold", given, Manifold)
    known = {sweep.name: sweep for sweep in sweeps}
    named = settings.names("study.manifold.sweeps", given.get("sweeps", [sweeps[0].name]))
    for name in named:
        find("sweep among study.sweeps", name, known)
    layers = given.get("layers", AUTO)
    if isinstance(layers, Mapping):
        layers = {model: settings.names(f"study.manifold.layers.{model}", names) for model, names in layers.items()}
    elif layers != AUTO:
        layers = settings.names("study.manifold.layers", layers)
    pooling = given.get("pooling", Manifold.pooling)
    if not isinstance(pooling, str):
        raise SettingError(f"study.manifold.pooling = {pooling!r}; expected one of {', '.join(POOLINGS)}")
    find("pooling", pooling, POOLINGS)
    most = settings.whole("study.manifold.most", given.get("most", Manifold.most), least=1)
    return Manifold(sweeps=named, layers=layers, pooling=pooling, most=most)
