"""The rules of the adapter contract, one small function each; `check.py` runs them and tells of them.

A rule takes an adapter and raises ModelContractError with what was found, what was expected and how to mend it.
"""

from __future__ import annotations

import copy
import dataclasses
import tempfile
from collections.abc import Callable

import numpy as np
import torch

from experiments.models.adapter import TorchAdapter
from experiments.models.base import ModelAdapter, load
from experiments.models.example import example
from experiments.models.footage import Footage
from experiments.models.preprocess import collate
from synth.clips import ClipStore
from synth.errors import CeterisError, UnknownName
from synth.factors import ClipSpec, MotionRef

# float32 sums in another order (batch size, convolution algorithm) differ by this much and no more.
TOLERANCE = 1e-4


class ModelContractError(CeterisError):
    """A model that breaks the adapter contract: the rule, what was found, what was expected, how to mend it."""

    def __init__(self, model: str, *, rule: str, got: object, expected: str, mend: str):
        self.rule = rule
        super().__init__(f"{model} breaks the rule '{rule}': got {got}; expected {expected}. {mend}")


def _batch(adapter: ModelAdapter, size: int = 2) -> torch.Tensor:
    return collate([adapter.prepare(example(adapter.input, seed)) for seed in range(size)])


def _one_view(adapter: ModelAdapter) -> ModelAdapter:
    """The adapter itself, or where it averages several views a twin that is shown one and shares its network: what is
    tapped of 250 pictures, and their gradients, are more than a machine holds."""
    if adapter.input.views == 1 or not isinstance(adapter, TorchAdapter):
        return adapter
    twin = copy.copy(adapter)
    twin.input = dataclasses.replace(adapter.input, clips=1, crop="centre")
    return twin


def _require(held: bool, adapter: ModelAdapter, **facts) -> None:
    if not held:
        raise ModelContractError(adapter.name, **facts)


def _check_classes(adapter: ModelAdapter) -> None:
    names = adapter.classes
    _require(
        len(names) >= 2 and len(set(names)) == len(names) and all(isinstance(n, str) and n.strip() for n in names),
        adapter,
        rule="classes",
        got=names,
        expected="two or more different, non-empty names",
        mend="Write the label list in the order of the logits.",
    )


def _check_prepared(adapter: ModelAdapter) -> None:
    tensor, shape = adapter.prepare(example(adapter.input)), tuple(adapter.input.shape)
    dtype = torch.uint8 if adapter.input.modality == "rgb" else torch.float32
    _require(
        isinstance(tensor, torch.Tensor)
        and tensor.dtype == dtype
        and tuple(tensor.shape) == shape
        and bool(torch.isfinite(tensor.float()).all()),
        adapter,
        rule="prepared input",
        got=f"{type(tensor).__name__} {getattr(tensor, 'dtype', '')} {tuple(getattr(tensor, 'shape', ()))}",
        expected=f"finite {dtype} {shape}",
        mend="prepare() must follow its InputSpec: pictures stay uint8, in 0..255, RGB.",
    )


def _check_normalisation(adapter: ModelAdapter) -> None:
    spec = adapter.input
    if spec.modality != "rgb":
        return
    for value in (0, 255):
        pixels = torch.full((1, *spec.shape[1:]), value, dtype=torch.uint8)
        got = adapter.normalise(pixels).mean((0, 2, 3, 4)).tolist()
        want = [(value / spec.scale - m) / s for m, s in zip(spec.mean, spec.std, strict=True)]
        _require(
            np.allclose(got, want, rtol=1e-4, atol=1e-3),
            adapter,
            rule="normalisation",
            got=f"{np.round(got, 3).tolist()} for pixels of {value}",
            expected=f"{np.round(want, 3).tolist()}, from scale, mean and std",
            mend="Divide by scale once, subtract mean, divide by std, channels in the declared order.",
        )


def _check_channel_order(adapter: ModelAdapter) -> None:
    spec = adapter.input
    if spec.modality != "rgb":
        return
    red = torch.zeros((1, *spec.shape[1:]), dtype=torch.uint8)
    red[:, 0] = 255
    level = (adapter.normalise(red) - adapter.normalise(torch.zeros_like(red))).mean((0, 2, 3, 4))
    _require(
        int(level.argmax()) == spec.channels.index("R"),
        adapter,
        rule="channel order",
        got=f"red in channel {int(level.argmax())}",
        expected=f"red in channel {spec.channels.index('R')}, as input.channels = {spec.channels} says",
        mend="prepare() gives RGB; normalise() turns it into the network's own order.",
    )


def _check_foreign_input_refused(adapter: ModelAdapter) -> None:
    sound = example(adapter.input)
    first = adapter.input.passes[0]
    for wrong in (_with(sound, first, getattr(sound, first).astype(np.float16)), _with(sound, first, None)):
        try:
            adapter.prepare(wrong)
        except CeterisError:
            continue
        _require(
            False,
            adapter,
            rule="foreign input refused",
            got=f"no error for {first} as {getattr(getattr(wrong, first), 'dtype', None)}",
            expected="a CeterisError",
            mend="Call footage.require() first: a silent cast is a confounder.",
        )


def _with(footage: Footage, name: str, value) -> Footage:
    return Footage(**{**vars(footage), name: value})


def _check_other_sizes(adapter: ModelAdapter) -> None:
    spec = adapter.input
    if spec.modality == "skeleton" or spec.resize == "none":
        return
    shape = tuple(adapter.prepare(example(spec, zoom=2)).shape)
    _require(
        shape == tuple(spec.shape),
        adapter,
        rule="other sizes",
        got=shape,
        expected=f"{tuple(spec.shape)} for a clip of twice the size",
        mend="prepare() resizes.",
    )


def _check_more_frames(adapter: ModelAdapter) -> None:
    spec = adapter.input
    shape = tuple(adapter.prepare(example(spec, more=5)).shape)
    _require(
        shape == tuple(spec.shape),
        adapter,
        rule="longer clips",
        got=shape,
        expected=f"{tuple(spec.shape)} for a clip of more frames than are needed",
        mend="prepare() picks frames by input.indices().",
    )


def _check_logits(adapter: ModelAdapter) -> None:
    with torch.inference_mode():
        logits = adapter.logits(_batch(adapter))
    _require(
        tuple(logits.shape) == (2, len(adapter.classes))
        and logits.dtype == torch.float32
        and bool(torch.isfinite(logits).all()),
        adapter,
        rule="logits",
        got=f"{tuple(logits.shape)}, finite: {bool(torch.isfinite(logits).all())}",
        expected=f"finite float32 (2, {len(adapter.classes)}): one column per class",
        mend="The class list and the head must agree.",
    )


def _check_determinism(adapter: ModelAdapter) -> None:
    adapter = _one_view(adapter)
    batch = _batch(adapter)
    with torch.inference_mode():
        first, second = adapter.logits(batch), adapter.logits(batch)
    _require(
        torch.equal(first, second),
        adapter,
        rule="determinism",
        got=f"logits that differ by {float((first - second).abs().max()):.2g} on the same batch",
        expected="the same bytes twice",
        mend="Call eval(); no dropout, no batch statistics, no random crops.",
    )


def _check_batch_invariance(adapter: ModelAdapter) -> None:
    adapter = _one_view(adapter)
    batch = _batch(adapter)
    with torch.inference_mode():
        together = adapter.logits(batch)
        alone = torch.cat([adapter.logits(clip[None]) for clip in batch])
    gap = float((together - alone).abs().max())
    _require(
        gap <= TOLERANCE * max(1.0, float(together.abs().max())),
        adapter,
        rule="batch invariance",
        got=f"logits that differ by {gap:.2g} between a batch and single clips",
        expected=f"at most {TOLERANCE:g}, relative",
        mend="A clip's score must not depend on its neighbours: batch statistics are still on.",
    )


def _check_layers(adapter: ModelAdapter) -> None:
    adapter = _one_view(adapter)
    batch, names = _batch(adapter), adapter.layers()
    _require(
        len(names) >= 1 and len(set(names)) == len(names),
        adapter,
        rule="layers",
        got=names,
        expected="one or more different names",
        mend="Name every layer once.",
    )
    with torch.inference_mode():
        alone = adapter.features(batch, names[-1])
        together = adapter.run(batch, names)
    for layer in names:
        got = together.features[layer]
        _require(
            got.ndim >= 2 and len(got) == 2 and bool(torch.isfinite(got).all()),
            adapter,
            rule="features",
            got=f"{tuple(got.shape)} at layer {layer!r}",
            expected="finite (B, channels, ...)",
            mend="features() keeps the batch first.",
        )
    same = alone.shape == together.features[names[-1]].shape and torch.allclose(
        alone, together.features[names[-1]], atol=TOLERANCE, rtol=TOLERANCE
    )
    _require(
        same,
        adapter,
        rule="features",
        got=f"other values at layer {names[-1]!r} from run() than from features()",
        expected="the same activations, whatever else is tapped",
        mend="Clone what is tapped: a later layer may work in place.",
    )


def _check_unknown_layer_refused(adapter: ModelAdapter) -> None:
    try:
        adapter.features(_batch(adapter, 1), "no-such-layer")
    except UnknownName:
        return
    _require(
        False,
        adapter,
        rule="unknown layer refused",
        got="features for the layer 'no-such-layer'",
        expected="UnknownName",
        mend="Use synth.errors.find.",
    )


def _gradient(adapter: ModelAdapter, clip: torch.Tensor) -> torch.Tensor | None:
    """Of the sum of one clip's logits; a large transformer's activations are gigabytes a clip."""
    clip = clip.float().requires_grad_(True)
    with torch.enable_grad():
        logits = adapter.logits(clip)
        return torch.autograd.grad(logits.sum(), clip, allow_unused=True)[0] if logits.requires_grad else None


def _check_gradients(adapter: ModelAdapter) -> None:
    adapter = _one_view(adapter)
    gradients = [_gradient(adapter, clip[None]) for clip in _batch(adapter)]
    _require(
        all(g is not None and bool(torch.isfinite(g).all()) and bool(g.any()) for g in gradients),
        adapter,
        rule="gradients",
        got="none at the input" if any(g is None for g in gradients) else "zero or non-finite gradients",
        expected="finite, non-zero gradients of every clip",
        mend="No inference_mode, detach or argmax inside logits(); the parameters themselves may be frozen.",
    )


def _check_disk_and_memory(adapter: ModelAdapter) -> None:
    """Through the clip store and back; and, where the model has weights in a file, from them once more."""
    memory, disk = example(adapter.input), _stored(example(adapter.input))
    card = getattr(adapter, "card", None)
    again = (
        load(str(card.origin.parent if card.origin.suffix == ".json" else card.origin), card.options)
        if card
        else adapter
    )
    with torch.inference_mode():
        first = adapter.logits(collate([adapter.prepare(memory)])).cpu()
        second = again.logits(collate([again.prepare(disk)])).cpu()
    gap = float((first - second).abs().max())
    _require(
        gap <= TOLERANCE * max(1.0, float(first.abs().max())),
        adapter,
        rule="disk and memory",
        got=f"logits that differ by {gap:.2g}",
        expected="the same scores from disk and from memory",
        mend="Frames must stay lossless, and weights must not be changed after loading.",
    )


def _stored(footage: Footage) -> Footage:
    """The same clip, written to a store and read again."""
    passes = {name: getattr(footage, name) for name in ("frames", "flow", "joints")}
    count, height, width, _ = footage.frames.shape
    spec = ClipSpec(motion=MotionRef(activity="squat"), num_frames=count, height=height, width=width, fps=footage.fps)
    with tempfile.TemporaryDirectory() as folder:
        store = ClipStore(folder)
        store.write("0" * 20, spec, passes, digests={}, camera={})
        return Footage(**{**vars(footage), **store.read("0" * 20, tuple(passes))})


RULES: tuple[Callable[[ModelAdapter], None], ...] = (
    _check_classes,
    _check_prepared,
    _check_normalisation,
    _check_channel_order,
    _check_foreign_input_refused,
    _check_other_sizes,
    _check_more_frames,
    _check_logits,
    _check_determinism,
    _check_batch_invariance,
    _check_layers,
    _check_unknown_layer_refused,
    _check_gradients,
    _check_disk_and_memory,
)
