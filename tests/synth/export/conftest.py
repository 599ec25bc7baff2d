"""A toy data set, and engines that draw it without drawing."""

from __future__ import annotations

import pytest

from synth.engine import ClipsQuarantined, EngineDied, Fault
from synth.engine.faults import QUARANTINED
from synth.export import FORMATS, DataSet, Job, export, open_format
from synth.export.check import toy_arrays, toy_data
from synth.resolve import resolve


class ToyPool:
    """Answers as an EnginePool with toy clips; dies before clip number `dies_at`, never draws those of `refused`."""

    def __init__(self, dies_at: int = 10_000, refused=()):
        self.dies_at, self.refused, self.drawn = dies_at, set(refused), []

    def capture(self, specs, passes, tell):
        for number, spec in enumerate(specs):
            if number == self.dies_at:
                raise EngineDied("the engine was killed")
            if spec in self.refused:
                continue
            self.drawn.append((spec, tuple(passes)))
            arrays = toy_arrays(spec)
            yield spec, {name: arrays[name] for name in passes}, resolve(spec).camera
        if lost := self.refused & set(specs):
            for spec in lost:
                tell(Fault(reason="crash", text="it died of this one", outcome=QUARANTINED, specs=(spec,)))
            raise ClipsQuarantined(dict.fromkeys(lost, "crash"), "it died of this one")


@pytest.fixture
def pool() -> ToyPool:
    return ToyPool()


@pytest.fixture
def make_pool():
    return ToyPool


@pytest.fixture(scope="session")
def toy() -> DataSet:
    return toy_data()


@pytest.fixture(scope="session")
def exported(toy, tmp_path_factory):
    """The toy data set in all layouts."""
    root = tmp_path_factory.mktemp("exported")
    export(Job(data=toy, formats=[open_format(name) for name in FORMATS], root=root), ToyPool())
    return root
