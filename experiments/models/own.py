"""Your own network: a Python path to any `nn.Module`, and a card that says what it is shown (docs/models.md).

    family: own
    classes: [push_up, squat]
    architecture:
      module: net.py:Net                # a file beside the card, or package.module:Net; a class or a function
      arguments: { width: 32 }          # what it is called with
      layers: [stem, blocks.0, head]    # modules whose output features() gives; by default all named children
      layout: NCTHW                     # what its forward takes; or NTCHW, frames before channels
    input: { frames: 16, fps: 12.5, height: 112, width: 112 }
    weights: weights.pt                 # of any format that is read (experiments/models/formats), or random

Its forward takes one tensor, normalised as `input` says, and gives logits (N, classes): a tensor, the first item of a
tuple or list, or the field `logits` of what it returns.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import torch
from torch import nn

from experiments.models.adapter import TorchAdapter, called_children
from experiments.models.own_code import OwnModelError, code_files, spot
from synth.errors import UnknownName, find

LAYOUTS = ("NCTHW", "NTCHW")


class OwnAdapter(TorchAdapter):
    """The adapter of any network; see the module."""

    def build(self) -> nn.Module:
        """What `architecture.module` gives for `architecture.arguments`. Raises OwnModelError, UnknownName."""
        table = self.card.architecture
        find("layout", table.get("layout", "NCTHW"), dict.fromkeys(LAYOUTS))
        make, arguments = _factory(table, self.card.origin.parent), table.get("arguments") or {}
        try:
            net = make(**arguments)
        except TypeError as error:
            raise OwnModelError(
                f"{table['module']} cannot be called with architecture.arguments {arguments}: {error}"
            ) from error
        if not isinstance(net, nn.Module):
            raise OwnModelError(f"{table['module']} gives {type(net).__name__}; expected a torch.nn.Module")
        return net

    def bring(self, folder: Path) -> dict:
        """See `TorchAdapter.bring`: files of code are copied, what Python can import stays where it is."""
        table, origin = self.card.architecture, self.card.origin.parent
        (place, name), files = spot(table, origin), code_files(table, origin)
        copied = files if isinstance(place, Path) else files[1:]
        if len({file.name for file in copied}) < len(copied):
            raise OwnModelError(f"files of {self.name} have one name: {', '.join(map(str, copied))}; rename one")
        folder.mkdir(parents=True, exist_ok=True)
        for file in copied:
            shutil.copyfile(file, folder / file.name)
        module = f"{place.name}:{name}" if isinstance(place, Path) else table["module"]
        return {**table, "module": module, "code": [file.name for file in files[1:]]}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, T, H, W) -> (N, classes). Raises OwnModelError for another shape."""
        output = self.net(x.transpose(1, 2) if self.card.architecture.get("layout") == "NTCHW" else x)
        logits = _logits(output)
        got = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        if got == (len(x), len(self.classes)):
            return logits
        raise OwnModelError(
            f"{self.name}: {self.card.architecture['module']} gave {got} for {len(x)} clips; expected "
            f"({len(x)}, {len(self.classes)}), one logit for each class of the card"
        )

    def taps(self) -> dict[str, str]:
        """Those of `architecture.layers`, or all children that are called."""
        wanted = self.card.architecture.get("layers")
        if not wanted:
            return called_children(self.net)
        known = [name for name, _ in self.net.named_modules() if name]
        for path in wanted:
            if path not in known:
                raise UnknownName("module", path, known, "architecture.layers names modules of the network.")
        return {path: path for path in wanted}


def _factory(table, folder: Path) -> Callable[..., nn.Module]:
    """The class or function that the card names."""
    place, name = spot(table, folder)
    module = _from_file(place) if isinstance(place, Path) else _imported(place)
    known = {key: value for key, value in vars(module).items() if callable(value) and not key.startswith("_")}
    return find(f"class or function in {table['module'].rpartition(':')[0]}", name, known)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise OwnModelError(f"the module {name} of architecture.module cannot be imported: {error}") from error


def _from_file(path: Path) -> ModuleType:
    """The file run as a module, with its own folder to import from."""
    name = f"own_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    found = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    try:
        with _importing_from(path.resolve().parent):
            found.loader.exec_module(module)
    except (ImportError, SyntaxError, NameError) as error:
        raise OwnModelError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return module


@contextlib.contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _logits(output):
    """The logits in what a forward returned."""
    output = getattr(output, "logits", output)
    return output[0] if isinstance(output, tuple | list) else output
