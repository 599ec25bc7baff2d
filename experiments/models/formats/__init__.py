"""Weights files of any format that the published models come in: `read(path)` gives their tensors by name.

A format is known by its content, never by its name alone. Tensors are given as the file holds them, under the file's
own names and in its own layout: what they are called and how they lie in our networks is the business of each
family's `keys`. Only two things are undone here because they carry no meaning: what a trainer wrapped around the
weights (`state_dict`, epoch, optimiser) and the `module.` that `DataParallel` puts before every name.

| format | names | layout |
|---|---|---|
| PyTorch, zip or legacy pickle | of the state dict | PyTorch's |
| safetensors, one file or an index of shards | of the tensors | PyTorch's |
| TensorFlow V2 bundle (.index and .data-*) | of the variables | (..., in, out) |
| MatConvNet .mat, v5 or v7.3 | `params` of a DagNN; of a SimpleNN layer + f, b, m | (height, width, in, out) |
| Keras 1 and 2, HDF5 | layer/weight | (length, [1,] in, out) |

Nothing here runs what a file contains: pickles are read with `weights_only=True`, and refused where that is not enough.
"""

from __future__ import annotations

from pathlib import Path

import torch

from experiments.models.errors import WeightsError
from experiments.models.formats.kinds import kind_of
from synth.errors import CeterisError


def read(path: Path | str) -> dict[str, torch.Tensor]:
    """Name -> tensor on the CPU. path: a file; of a TensorFlow bundle also its prefix.

    Raises WeightsError for a file that is missing, damaged, of an unknown format, or that needs code to be run.
    """
    path = Path(path)
    kind = kind_of(path)
    try:
        tensors = kind.reader()(path)
    except CeterisError:
        raise
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError) as error:
        raise WeightsError(
            f"{path} begins as {kind.title}, but cannot be read: {type(error).__name__}: {error}"
        ) from error
    if not tensors:
        raise WeightsError(f"{path} ({kind.title}) holds no tensors; is it a card or an optimiser's state?")
    return tensors
