"""Weights files of any format that the published models come in: `read(path)` gives their tensors by name.

A format is known by its content, never by its name alone. Tensors are given as the file holds them, under the file's
own names and in its own layout: what they are called and how they lie in our networks is the business of each
family's `keys`. Only two things are undone here because they carry no meaning: what a trainer wrapped around the
weights (`state_dict`, epoch, optimiser) and the `module.` that `DataParallel` puts before every name.

| format | names | layout |
|---|---|---|
| PyTorch, ZIP or legacy pickle | of the state dict | PyTorch's |
| safetensors, one file or an index of shards | of the tensors | PyTorch's |
| TensorFlow V2 bundle (.index and .data-*) | of the variables | filters (..., in, out); dense (in, out) |
| MatConvNet .mat, v5 or v7.3 | `params` of a DagNN; of a SimpleNN layer + f, b, m | filters (height, width, in, out) |
| Keras 1 and 2, HDF5 | layer/weight | filters (length, in, out), Keras 1 (length, 1, in, out); dense (in, out) |

MatConvNet keeps the moments of a normalisation as (channels, 2): mean and sqrt(variance + epsilon).

Where a format keeps checksums they are compared: of TensorFlow's blocks and tensors, of PyTorch's archives, of
MATLAB's compressed variables. Nothing here runs what a file contains: pickles are read with `weights_only=True`, and
refused where that is not enough.
"""

from __future__ import annotations

import struct
from pathlib import Path

import torch

from experiments.models.errors import WeightsError
from experiments.models.formats.kinds import kind_of
from synth.errors import CeterisError

# What readers that are not ours raise for bytes they did not expect.
_DAMAGED = (
    OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, EOFError, AssertionError, struct.error,
    ArithmeticError, MemoryError,
)  # fmt: skip


def read(path: Path | str) -> dict[str, torch.Tensor]:
    """Name -> contiguous tensor on the CPU, without gradient. path: a file; of a TensorFlow bundle also its prefix.

    Raises WeightsError for a file that is missing, damaged, of an unknown format, or that needs code to be run.
    """
    path = Path(path)
    kind = kind_of(path)
    try:
        tensors = kind.reader()(path)
    except CeterisError:
        raise
    except _DAMAGED as error:
        raise WeightsError(
            f"{path} begins as {kind.title}, but cannot be read: {type(error).__name__}: {error}. Expected a "
            "whole file: fetch it again"
        ) from error
    if not tensors:
        raise WeightsError(f"{path} ({kind.title}) holds no tensors; expected the weights of a network")
    return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
