"""Models behind one contract: an adapter per family, weights as data, a public checker.

`model_names()` lists what ships, `describe(name)` reads a model's card without importing a deep-learning library,
`load(name)` gives the adapter itself, `experiments.models.check` tests the contract.
"""

from experiments.models.base import (
    DeviceError,
    Footage,
    InputSpec,
    ModelAdapter,
    ModelCard,
    Options,
    Output,
    WeightsError,
    describe,
    load,
    model_names,
)
from experiments.models.input import ClipTooShort, InputError

__all__ = [
    "ClipTooShort",
    "DeviceError",
    "Footage",
    "InputError",
    "InputSpec",
    "ModelAdapter",
    "ModelCard",
    "Options",
    "Output",
    "WeightsError",
    "describe",
    "load",
    "model_names",
]
