"""A toy data set, and engines that draw it without drawing."""

from __future__ import annotations

import pytest

from synth.engine import EngineDied
from synth.export import FORMATS, DataSet, Job, export, open_format
from synth.export.check import toy_arrays, toy_data
from synth.resolve import resolve


class ToyPool:
    """Answers as an EnginePool with toy clips; dies before clip number `dies_at`."""

    def __init__(self, dies_at: int = 10_000):
        self.dies_at, self.drawn = dies_at, []

    def capture(self, specs, passes):
        for number, spec in enumerate(specs):
            if number == self.dies_at:
                raise EngineDied("the engine was killed")
            self.drawn.append((spec, tuple(passes)))
            arrays = toy_arrays(spec)
            yield spec, {name: arrays[name] for name in passes}, resolve(spec).camera


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
