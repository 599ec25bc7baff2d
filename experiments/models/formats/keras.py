"""Weights that Keras 1 or 2 saved in HDF5: a group per layer, listed in `layer_names`, its arrays in `weight_names`.

Names are layer/weight: "convolution1d_3/convolution1d_3_W" (Keras 1), "conv1d_3/kernel:0" (Keras 2). Arrays lie as in
Keras.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from experiments.models.errors import WeightsError
from experiments.models.formats.hdf5 import open_hdf5


def read(path: Path) -> dict[str, torch.Tensor]:
    """Name -> tensor, in the order of the layers."""
    with open_hdf5(path) as file:
        root = file.get("model_weights", file)
        if "layer_names" not in root.attrs:
            raise WeightsError(
                f"{path}: expected weights of Keras 1 or 2 (layer_names); it has {', '.join(root) or 'nothing'}. "
                "Keras 3 writes the older format with model.save('NAME.h5')"
            )
        found = {}
        for layer in map(_text, root.attrs["layer_names"]):
            for weight in map(_text, root[layer].attrs.get("weight_names", ())):
                name = weight if "/" in weight else f"{layer}/{weight}"
                found[name] = torch.from_numpy(np.array(root[layer][weight]))
    return found


def _text(name) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
