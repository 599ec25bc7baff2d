"""Any video classifier of Hugging Face's transformers: VideoMAE, TimeSformer, ViViT, V-JEPA 2, and what is added there.

    family: hugging_face
    weights: FOLDER | OWNER/NAME        # a folder with config.json, or an id of the hub that is in the local cache
    input: { sampling: centre, fps: 7.5 }

The network is the library's own; classes and preprocessing come from the model's files (`hugging_face_card.py`).
Nothing is fetched, and code that a folder holds is never run. Layers: "embeddings", "layer1" to "layerN" (the library's
hidden states), and "pooled", which the classifier reads. Tokens are given as (N, channels, T', H', W'), without the
class token.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import nn

from experiments.models.adapter import GIVEN, TorchAdapter
from experiments.models.errors import MissingPackage, WeightsError
from experiments.models.hub import ZOO

SHOWN = 6


class HuggingFaceAdapter(TorchAdapter):
    """The adapter of `AutoModelForVideoClassification`; see the module."""

    memory_format = torch.contiguous_format

    def build(self) -> nn.Module:
        """The network, with the weights of the card's folder if it has one. Raises WeightsError, MissingPackage."""
        library, file = transformers(), self.card.file
        with quiet(library):
            self.config = _config(library, self.card.architecture["config"], self.classes)
            kind = _kind(library, self.config)
            if file is None or not file.is_dir():
                return kind._from_config(self.config, dtype=torch.float32)
            return pretrained(kind, file, self.config, self.card.architecture.get("ignore") or ())

    def fill(self, file: Path) -> None:
        """A folder's weights are in the network already, another file's are put in by their names."""
        if not file.is_dir():
            super().fill(file)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, T, H, W) -> (N, classes); the library takes frames before channels."""
        return self.net(**{self.net.main_input_name: x.transpose(1, 2)}).logits

    def taps(self) -> dict[str, str]:
        """See the module."""
        paths = [path for path, _ in self.net.base_model.named_modules(prefix=self.net.base_model_prefix)]
        found = next((path for path in paths if path.rpartition(".")[2] == "embeddings"), None)
        embeddings = {} if found is None else {"embeddings": found}
        blocks = {f"layer{index}": path for index, path in enumerate(self._blocks(), 1)}
        pooled = {"pooled": f"{GIVEN}classifier"} if hasattr(self.net, "classifier") else {}
        return {**embeddings, **blocks, **pooled}

    def _blocks(self) -> list[str]:
        """Paths of the transformer's blocks: the first list of modules that is as long as the network is deep."""
        depth = getattr(self.config, "num_hidden_layers", None)
        for path, module in self.net.named_modules():
            if isinstance(module, nn.ModuleList) and len(module) == depth:
                return [f"{path}.{index}" for index in range(depth)]
        return []

    def _shaped(self, layer: str, value: torch.Tensor, views: int) -> torch.Tensor:
        """Tokens (N, tokens, channels) as (N, channels, T', H', W'); (N, channels, tokens) where they are no grid."""
        if value.ndim != 3 or len(value) != views:
            return super()._shaped(layer, value, views)
        times, rows, columns = self._grid()
        tokens, channels = value.shape[1], value.transpose(1, 2)
        if tokens - times * rows * columns not in (0, 1):
            return channels
        channels = channels[:, :, tokens - times * rows * columns :]  # the class token comes first
        if self.config.model_type == "timesformer":  # whose tokens run through time at each place
            return channels.unflatten(2, (rows, columns, times)).permute(0, 1, 4, 2, 3)
        return channels.unflatten(2, (times, rows, columns))

    def _grid(self) -> tuple[int, int, int]:
        """How many tokens a clip is cut into: in time, down, across."""
        tubelet, patch = getattr(self.config, "tubelet_size", 1), getattr(self.config, "patch_size", None)
        time, *space = tubelet if isinstance(tubelet, list | tuple) else (tubelet,)
        down, across = space or (patch if isinstance(patch, list | tuple) else (patch or 1, patch or 1))
        return self.input.frames // time, self.input.height // down, self.input.width // across


def transformers():
    """The library. Raises MissingPackage."""
    try:
        import transformers as library
        import transformers.modeling_utils  # the library imports its parts on demand, and this one may break
    except (ImportError, RuntimeError, OSError) as error:
        if "torchvision" in str(error):
            mend = "it takes up torchvision, which does not fit this torch; mend it with: pip uninstall -y torchvision"
            raise MissingPackage(f"transformers does not work here ({error}): {mend}") from error
        raise MissingPackage(f"models of Hugging Face need the package transformers ({error}): {ZOO}") from error
    return library


def _config(library, table: Mapping, classes: list[str]):
    """The library's config of a table, for these classes."""
    given = {key: value for key, value in table.items() if key != "model_type"}
    names = dict(enumerate(classes))
    try:
        return library.AutoConfig.for_model(
            table["model_type"], **given, id2label=names, label2id={name: index for index, name in names.items()}
        )
    except (ValueError, TypeError) as error:
        raise WeightsError(f"config of a {table['model_type']} cannot be used by transformers: {error}") from error


def _kind(library, config) -> type:
    """The class of video classifiers for a config."""
    known = library.AutoModelForVideoClassification._model_mapping
    if type(config) not in known:
        types = ", ".join(sorted(kind.model_type for kind in known))
        raise WeightsError(f"transformers has no video classifier of type {config.model_type}; it has {types}")
    return known[type(config)]


def pretrained(kind: type, folder: Path, config, ignore) -> nn.Module:
    """The network with a folder's weights, every tensor accounted for. Raises WeightsError."""
    try:
        net, told = kind.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            local_files_only=True,
            ignore_mismatched_sizes=True,  # they are told below, with the others
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise WeightsError(f"{folder} cannot be loaded as {kind.__name__}: {error}") from error
    _refuse(folder, kind, told, ignore)
    return net


def _refuse(folder: Path, kind: type, told: Mapping, ignore) -> None:
    """Raises WeightsError for tensors that are missing, misshapen or left over."""
    extra = [key for key in sorted(told["unexpected_keys"]) if not any(re.search(pattern, key) for pattern in ignore)]
    wrong = [f"missing {key}" for key in sorted(told["missing_keys"])]
    wrong += [f"{key} is {tuple(got)}, expected {tuple(own)}" for key, got, own in sorted(told["mismatched_keys"])]
    wrong += [f"unexpected {key}" for key in extra]
    if not wrong:
        return
    shown = "; ".join(wrong[:SHOWN]) + (f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else "")
    hint = (
        "Is it a model that was only pre-trained, without its classifier? "
        if any("classifier" in w for w in wrong)
        else ""
    )
    raise WeightsError(
        f"{folder} does not fit {kind.__name__}: {shown}. {hint}Tensors that the network does without can be named in "
        "architecture: {ignore: [...]} of a card"
    )


@contextlib.contextmanager
def quiet(library) -> Iterator[None]:
    """No progress bars and no warnings of the library: what it finds wrong is raised."""
    log = library.utils.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()
