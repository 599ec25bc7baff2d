"""Two factors crossed: every replicate at every pair of values of two of the study's sweeps.

The row and the column through the reference are the two sweeps themselves, so that they cost no clip of their own.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence

from experiments.planned import BY, CROSS, PlannedClip, level_text
from experiments.settings import SettingError
from experiments.sweeps import Sweep
from synth import axes
from synth.errors import UnknownName
from synth.factors import ClipSpec


def read_crosses(given, sweeps: Sequence[Sweep]) -> tuple[tuple[str, str], ...]:
    """Pairs of names of sweeps from `study.cross`; raises SettingError or UnknownName."""
    known = {sweep.name: sweep for sweep in sweeps}
    if not isinstance(given, list | tuple):
        raise SettingError(f"study.cross = {given!r}; expected a list of pairs of sweeps, as [[azimuth, elevation]]")
    for pair in given:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise SettingError(f"study.cross holds {pair!r}; expected two names of study.sweeps")
        for name in pair:
            if name not in known:
                raise UnknownName("sweep among study.sweeps", str(name), known)
        if (factor := known[pair[0]].factor) == known[pair[1]].factor:
            raise SettingError(f"study.cross holds {list(pair)}, which both move {factor}; take two factors")
    return tuple((str(first), str(second)) for first, second in given)


def crossed(pair: tuple[Sweep, Sweep], reference: ClipSpec, common: Mapping[str, str]) -> Iterator[PlannedClip]:
    """The clips of one block. common: its activity, block and cluster."""
    first, second = pair
    azimuth = next((sweep for sweep in pair if sweep.factor == "azimuth"), first)
    held = dataclasses.replace(reference, viewpoint=dataclasses.replace(reference.viewpoint, sweep=azimuth.mode))
    for cell, levels in enumerate(itertools.product(first.values, second.values)):
        spec = axes.set_value(axes.set_value(held, first.factor, levels[0]), second.factor, levels[1])
        yield PlannedClip(
            spec=spec,
            sweep=BY.join((first.name, second.name)),
            factor=BY.join((first.factor, second.factor)),
            value=float(cell),
            level=", ".join(map(level_text, levels)),
            design=CROSS,
            **common,
        )
