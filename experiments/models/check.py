"""The public checker of the adapter contract: `python -m experiments.models.check model=NAME` (or `--all`).

After Gymnasium's `utils/env_checker.py`: one small function per rule, and an error that says which rule broke, what
was found, what was expected and how to mend it. It runs over every registered model in the tests, and over any model
that a user brings.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable

import numpy as np
import torch

from experiments.models.base import CARD, InputSpec, ModelAdapter, load, model_names
from synth.clips import ClipStore
from synth.errors import CeterisError, UnknownName
from synth.factors import ClipSpec, MotionRef

# float32 sums in another order (batch size, convolution algorithm) differ by this much and no more.
TOLERANCE = 1e-4
USAGE = "usage: python -m experiments.models.check model=NAME [device=cpu] | --all\n"


class ModelContractError(CeterisError):
    """A model that breaks the adapter contract: the rule, what was found, what was expected, how to mend it."""

    def __init__(self, model: str, *, rule: str, got: object, expected: str, mend: str):
        self.rule = rule
        super().__init__(f"{model} breaks the rule '{rule}': got {got}; expected {expected}. {mend}")


def check_model(adapter: ModelAdapter) -> list[str]:
    """Tests every rule of the contract on random clips; the names of the rules that hold, in order.

    Raises ModelContractError at the first that does not.
    """
    missing = [m for m in ("name", "classes", "input", "fingerprint", *_METHODS) if not hasattr(adapter, m)]
    if missing:
        raise ModelContractError(
            getattr(adapter, "name", type(adapter).__name__),
            rule="members",
            got=f"no {', '.join(missing)}",
            expected="every member of ModelAdapter",
            mend="See experiments/models/base.py.",
        )
    for rule in RULES:
        rule(adapter)
    return ["members", *(rule.__name__.removeprefix("_check_") for rule in RULES)]


def example(spec: InputSpec, seed: int = 0) -> np.ndarray:
    """uint8 (frames, height, width, 3): a blurred random picture that drifts, with its own brightness."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (spec.height // 8 + 3, spec.width // 8 + 3, 3))
    still = np.kron(coarse, np.ones((8, 8, 1)))
    frames = [np.roll(still, 2 * t, axis=1)[: spec.height, : spec.width] for t in range(spec.frames)]
    return np.stack(frames).astype(np.uint8)


_METHODS = ("prepare", "logits", "layers", "features")


def _batch(adapter: ModelAdapter, size: int = 3) -> torch.Tensor:
    return torch.stack([adapter.prepare(example(adapter.input, seed)) for seed in range(size)])


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
    tensor = adapter.prepare(example(adapter.input))
    _require(
        isinstance(tensor, torch.Tensor)
        and tensor.dtype == torch.float32
        and tuple(tensor.shape) == adapter.input.shape
        and bool(torch.isfinite(tensor).all()),
        adapter,
        rule="prepared input",
        got=f"{type(tensor).__name__} {getattr(tensor, 'dtype', '')} {tuple(getattr(tensor, 'shape', ()))}",
        expected=f"finite float32 {adapter.input.shape}",
        mend="prepare() must follow its InputSpec.",
    )


def _check_normalisation(adapter: ModelAdapter) -> None:
    spec = adapter.input
    for value in (0, 255):
        frames = np.full((spec.frames, spec.height, spec.width, 3), value, np.uint8)
        got = adapter.prepare(frames).mean((1, 2, 3)).tolist()
        want = [(value / 255 - m) / s for m, s in zip(spec.mean, spec.std, strict=True)]
        _require(
            np.allclose(got, want, atol=1e-3),
            adapter,
            rule="normalisation",
            got=f"{np.round(got, 3).tolist()} for pixels of {value}",
            expected=f"{np.round(want, 3).tolist()}, from mean and std",
            mend="Divide by 255 once, subtract mean, divide by std, channels in RGB order.",
        )


def _check_foreign_input_refused(adapter: ModelAdapter) -> None:
    spec = adapter.input
    for wrong in (example(spec).astype(np.float32), example(spec)[:-1]):
        try:
            adapter.prepare(wrong)
        except CeterisError:
            continue
        _require(
            False,
            adapter,
            rule="foreign input refused",
            got=f"no error for {wrong.dtype} {wrong.shape}",
            expected="an InputError for frames that are not uint8 or too few",
            mend="Check dtype and shape first: a silent cast is a confounder.",
        )


def _check_other_sizes(adapter: ModelAdapter) -> None:
    spec = adapter.input
    larger = np.repeat(np.repeat(example(spec), 2, axis=1), 2, axis=2)
    _require(
        tuple(adapter.prepare(larger).shape) == spec.shape,
        adapter,
        rule="other sizes",
        got=tuple(adapter.prepare(larger).shape),
        expected=f"{spec.shape} for a clip of twice the size",
        mend="prepare() resizes.",
    )


def _check_logits(adapter: ModelAdapter) -> None:
    with torch.inference_mode():
        logits = adapter.logits(_batch(adapter))
    _require(
        tuple(logits.shape) == (3, len(adapter.classes)) and bool(torch.isfinite(logits).all()),
        adapter,
        rule="logits",
        got=f"{tuple(logits.shape)}, finite: {bool(torch.isfinite(logits).all())}",
        expected=f"finite (3, {len(adapter.classes)}): one column per class",
        mend="The class list and the head must agree.",
    )


def _check_determinism(adapter: ModelAdapter) -> None:
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
    batch, names = _batch(adapter, 2), adapter.layers()
    _require(
        len(names) >= 1 and len(set(names)) == len(names),
        adapter,
        rule="layers",
        got=names,
        expected="one or more different names",
        mend="Name every layer once.",
    )
    for layer in names:
        with torch.inference_mode():
            got = adapter.features(batch, layer)
        _require(
            got.ndim >= 2 and len(got) == 2 and bool(torch.isfinite(got).all()),
            adapter,
            rule="features",
            got=f"{tuple(got.shape)} at layer {layer!r}",
            expected="finite (B, channels, ...)",
            mend="features() keeps the batch first.",
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


def _check_gradients(adapter: ModelAdapter) -> None:
    batch = _batch(adapter, 2).requires_grad_(True)
    with torch.enable_grad():
        logits = adapter.logits(batch)
        (gradient,) = torch.autograd.grad(logits.sum(), batch, allow_unused=True) if logits.requires_grad else (None,)
    flows = gradient is not None and bool(torch.isfinite(gradient).all()) and bool(gradient.flatten(1).any(1).all())
    _require(
        flows,
        adapter,
        rule="gradients",
        got="none at the input" if gradient is None else "zero or non-finite gradients",
        expected="finite, non-zero gradients of every clip",
        mend="No inference_mode, detach or argmax inside logits(); the parameters themselves may be frozen.",
    )


def _check_disk_and_memory(adapter: ModelAdapter) -> None:
    """Through the clip store and back; and, where the model has a card, from its weights file once more."""
    frames = example(adapter.input)
    count, height, width, _ = frames.shape
    spec = ClipSpec(motion=MotionRef(activity="squat"), num_frames=count, height=height, width=width)
    with tempfile.TemporaryDirectory() as folder:
        store = ClipStore(folder)
        store.write("0" * 20, spec, {"frames": frames}, digests={}, camera={})
        stored = store.read("0" * 20, ("frames",))["frames"]
    card = getattr(adapter, "card", None)
    again = load(str(card.folder), root=card.folder.parent) if card and (card.folder / CARD).is_file() else adapter
    with torch.inference_mode():
        memory = adapter.logits(adapter.prepare(frames)[None]).cpu()
        disk = again.logits(again.prepare(stored)[None]).cpu()
    gap = float((memory - disk).abs().max())
    _require(
        gap <= TOLERANCE,
        adapter,
        rule="disk and memory",
        got=f"logits that differ by {gap:.2g}",
        expected="the same scores from disk and from memory",
        mend="Frames must stay lossless, and weights must not be changed after loading.",
    )


RULES: tuple[Callable[[ModelAdapter], None], ...] = (
    _check_classes,
    _check_prepared,
    _check_normalisation,
    _check_foreign_input_refused,
    _check_other_sizes,
    _check_logits,
    _check_determinism,
    _check_batch_invariance,
    _check_layers,
    _check_unknown_layer_refused,
    _check_gradients,
    _check_disk_and_memory,
)


def main(arguments: list[str]) -> int:
    """0 when every model asked for keeps the contract; 1 after the first that does not; 2 for bad usage."""
    options = dict(part.split("=", 1) for part in arguments if "=" in part)
    everything = "--all" in arguments
    if not everything and "model" not in options:
        sys.stdout.write(USAGE + f"models: {', '.join(model_names()) or 'none'}\n")
        return 2
    try:
        for name in model_names() if everything else [options["model"]]:
            held = check_model(load(name, options.get("device", "cpu")))
            sys.stdout.write(f"{name}: {len(held)} rules hold ({', '.join(held)})\n")
    except CeterisError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
