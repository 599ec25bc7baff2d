"""The rules of the contract of segmenters, one small function each; `check.py` runs them and tells of them.

A rule takes a segmenter and raises SegmenterContractError with what was found, what was expected and how to mend it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from experiments.models.footage import Footage
from experiments.segmenters.base import LOW, Segmentation, Segmenter
from experiments.segmenters.cards import make
from experiments.segmenters.errors import ClipUnfit, SegmenterError
from experiments.segmenters.example import scene
from synth.clips import ClipStore
from synth.errors import CeterisError
from synth.factors import ClipSpec, MotionRef

HEIGHT, WIDTH, FRAMES = 72, 96, 10


class SegmenterContractError(CeterisError):
    """A segmenter that breaks the contract: the rule, what was found, what was expected, how to mend it."""

    def __init__(self, segmenter: str, *, rule: str, got: object, expected: str, mend: str):
        self.rule = rule
        super().__init__(f"{segmenter} breaks the rule '{rule}': got {got}; expected {expected}. {mend}")


def _require(held: bool, segmenter: Segmenter, **facts) -> None:
    if not held:
        raise SegmenterContractError(segmenter.name, **facts)


def _seen(segmenter: Segmenter, height: int = HEIGHT, width: int = WIDTH, **more) -> Segmentation:
    """What it makes of the example."""
    return segmenter.segment(*scene(height, width, FRAMES, **more))


def _check_name_and_fingerprint(segmenter: Segmenter) -> None:
    card = getattr(segmenter, "card", None)
    again = segmenter.fingerprint if card is None else make(card).fingerprint
    _require(
        isinstance(segmenter.name, str)
        and bool(re.fullmatch("[0-9a-f]{16}", str(segmenter.fingerprint)))
        and again == segmenter.fingerprint,
        segmenter,
        rule="name and fingerprint",
        got=f"{segmenter.name!r}, {segmenter.fingerprint!r}, made again {again!r}",
        expected="a name, and the same 16 hex digits every time",
        mend="Take the card's.",
    )


def _check_masks(segmenter: Segmenter) -> None:
    _require_masks(segmenter, _seen(segmenter), HEIGHT, WIDTH)


def _check_odd_sizes(segmenter: Segmenter) -> None:
    _require_masks(segmenter, _seen(segmenter, 67, 51), 67, 51)


def _require_masks(segmenter: Segmenter, seen: Segmentation, height: int, width: int) -> None:
    mask, sure = np.asarray(seen.mask), np.asarray(seen.confidence)
    _require(
        mask.dtype == np.uint8 and mask.shape == (FRAMES, height, width) and bool((mask <= 1).all()),
        segmenter,
        rule="masks",
        got=f"{mask.dtype} {mask.shape}, values {np.unique(mask)[:5].tolist()}",
        expected=f"uint8 {(FRAMES, height, width)} of 0 and 1, for frames of that size",
        mend="Bring the mask back to the size of the frames.",
    )
    _require(
        sure.dtype == np.float32 and sure.shape == (FRAMES,) and bool(((sure >= 0) & (sure <= 1)).all()),
        segmenter,
        rule="confidence",
        got=f"{sure.dtype} {sure.shape}, {sure.ravel()[:5].tolist()}",
        expected=f"float32 {(FRAMES,)} in [0, 1]: one for every frame",
        mend="Where a method has no word on it, that is a low one.",
    )


def _check_determinism(segmenter: Segmenter) -> None:
    first, second = _seen(segmenter), _seen(segmenter)
    _require(
        _same(first, second),
        segmenter,
        rule="determinism",
        got="other masks or confidences for the same clip",
        expected="the same bytes twice",
        mend="Call eval(), and seed what draws.",
    )


def _check_footage_left_alone(segmenter: Segmenter) -> None:
    footage, hints = scene(HEIGHT, WIDTH, FRAMES)
    before = footage.frames.copy()
    footage.frames.setflags(write=False)
    segmenter.segment(footage, hints)
    _require(
        np.array_equal(before, footage.frames),
        segmenter,
        rule="footage left alone",
        got="frames that were changed",
        expected="the frames as they were",
        mend="Work on a copy.",
    )


def _check_empty_scene(segmenter: Segmenter) -> None:
    try:
        seen = _seen(segmenter, empty=True)
    except ClipUnfit:
        return
    empty = not seen.mask.any()
    low = float(np.median(seen.confidence)) < LOW and len(seen.remarks) > 0
    _require(
        empty or low,
        segmenter,
        rule="empty scene",
        got=f"{int(seen.mask.sum())} pixels at a confidence of {float(np.median(seen.confidence)):.2f}, said by "
        f"{len(seen.remarks)} remarks",
        expected=f"an empty mask; or a confidence under {LOW} that a remark speaks of; or ClipUnfit",
        mend="Nobody is there: say so.",
    )


def _check_foreign_input_refused(segmenter: Segmenter) -> None:
    footage, hints = scene(HEIGHT, WIDTH, FRAMES)
    foreign = {
        "float frames": footage.frames / np.float32(255),
        "a single picture": footage.frames[0],
        "grey frames": footage.frames[..., 0],
        "frames with alpha": footage.frames[..., [0, 1, 2, 0]],
        "no frame": footage.frames[:0],
        "no frames": None,
    }
    for told, frames in foreign.items():
        try:
            segmenter.segment(replace(footage, frames=frames), hints)
        except SegmenterError:
            continue
        _require(
            False,
            segmenter,
            rule="foreign input refused",
            got=f"a mask for {told}",
            expected="SegmenterError",
            mend="Use experiments.segmenters.base.frames_of.",
        )


def _check_disk_and_memory(segmenter: Segmenter) -> None:
    """Through the clip store and back; and, where it is made of a card, made once more."""
    footage, hints = scene(HEIGHT, WIDTH, FRAMES)
    card = getattr(segmenter, "card", None)
    again = segmenter if card is None else make(card)
    _require(
        _same(segmenter.segment(footage, hints), again.segment(_stored(footage), hints)),
        segmenter,
        rule="disk and memory",
        got="other masks or confidences",
        expected="the same masks from disk and from memory",
        mend="Weights must not change after loading, and nothing be kept from one clip to the next.",
    )


def _same(one: Segmentation, other: Segmentation) -> bool:
    return np.array_equal(one.mask, other.mask) and np.array_equal(one.confidence, other.confidence)


def _stored(footage: Footage) -> Footage:
    """The same clip, written to a store and read again."""
    count, height, width, _ = footage.frames.shape
    spec = ClipSpec(motion=MotionRef(activity="squat"), num_frames=count, height=height, width=width, fps=footage.fps)
    with tempfile.TemporaryDirectory() as folder:
        store = ClipStore(folder)
        store.write("0" * 20, spec, {"frames": footage.frames, "mask": footage.mask}, digests={}, camera={})
        return replace(footage, **store.read("0" * 20, ("frames", "mask")))


RULES: tuple[Callable[[Segmenter], None], ...] = (
    _check_name_and_fingerprint,
    _check_masks,
    _check_odd_sizes,
    _check_determinism,
    _check_footage_left_alone,
    _check_empty_scene,
    _check_foreign_input_refused,
    _check_disk_and_memory,
)
