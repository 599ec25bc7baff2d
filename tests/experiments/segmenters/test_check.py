"""The contract of segmenters: all that ship, breakages that the checker finds, cards, and the hints."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from experiments.models.errors import MissingPackage, WeightsError
from experiments.models.footage import Footage
from experiments.segmenters import Hints, NoMask, Segmentation, Segmenter, SegmenterError, iou, load_segmenter
from experiments.segmenters.base import NO_HINTS, frames_of
from experiments.segmenters.cards import KINDS, RANDOM, segmenter_names
from experiments.segmenters.check import check_named, check_segmenter, main
from experiments.segmenters.example import scene
from experiments.segmenters.rules import SegmenterContractError
from synth.errors import UnknownName


class Told:
    """The ground truth without a card; its result is passed through `spoil`."""

    name, fingerprint = "told", "0123456789abcdef"

    def __init__(self, spoil=lambda seen, calls: seen):
        self.spoil, self.calls = spoil, 0

    def segment(self, footage: Footage, hints: Hints = NO_HINTS) -> Segmentation:
        self.calls += 1
        count = len(frames_of(footage))
        return self.spoil(Segmentation(mask=footage.mask.copy(), confidence=np.ones(count, np.float32)), self.calls)


def changed(**fields):
    return lambda seen, calls: dataclasses.replace(seen, **{key: make(seen) for key, make in fields.items()})


@pytest.mark.parametrize("name", segmenter_names())
def test_all_that_ship_keep_the_contract(name):
    if name == "mask_rcnn_coco":
        pytest.importorskip("torchvision", exc_type=ImportError)
    assert "9 rules hold" in check_named(name, fall_back=True)


def test_every_kind_has_a_card():
    kinds = {load_segmenter(name, weights=RANDOM).card.kind for name in segmenter_names() if name != "mask_rcnn_coco"}
    assert kinds | {"mask_rcnn"} == set(KINDS)


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        ("masks", changed(mask=lambda seen: seen.mask * 255)),
        ("masks", changed(mask=lambda seen: seen.mask > 0)),
        ("masks", changed(mask=lambda seen: seen.mask[:-1])),
        ("confidence", changed(confidence=lambda seen: 0.9)),
        ("confidence", changed(confidence=lambda seen: seen.confidence * 2)),
        ("determinism", lambda seen, calls: dataclasses.replace(seen, confidence=seen.confidence / calls)),
        ("empty scene", changed(mask=lambda seen: np.ones_like(seen.mask))),
    ],
)
def test_what_breaks_the_contract(rule, spoil):
    with pytest.raises(SegmenterContractError, match="told breaks the rule") as error:
        check_segmenter(Told(spoil))
    assert error.value.rule == rule


def test_what_keeps_the_contract():
    assert isinstance(Told(), Segmenter) and check_segmenter(Told())[0] == "members"


def test_more_that_breaks_the_contract():
    told = Told()
    told.fingerprint = "short"
    with pytest.raises(SegmenterContractError, match="16 hex digits"):
        check_segmenter(told)
    with pytest.raises(SegmenterContractError, match="no name, fingerprint, segment"):
        check_segmenter(object())

    class Lax(Told):
        def segment(self, footage, hints=NO_HINTS):
            frames = np.atleast_1d(footage.frames)
            known = footage.frames is not None and frames.shape == (*footage.mask.shape, 3)
            mask = footage.mask if known else np.zeros(3, np.uint8)
            return Segmentation(mask=mask, confidence=np.ones(len(mask), np.float32))

    with pytest.raises(SegmenterContractError, match="a mask for float frames"):
        check_segmenter(Lax())

    class Painter(Told):
        def segment(self, footage, hints=NO_HINTS):
            frames_of(footage)
            footage.frames.setflags(write=True)
            footage.frames[:] = 0
            return super().segment(footage)

    with pytest.raises(SegmenterContractError, match="frames that were changed"):
        check_segmenter(Painter())


def test_the_command(capsys):
    assert main(["segmenter=ground_truth"]) == 0
    assert capsys.readouterr().out.startswith("ground_truth: 9 rules hold (members, ")
    assert main([]) == 2 and "still_camera" in capsys.readouterr().out
    assert main(["segmenter=ground_truth", "colour=red"]) == 2
    assert main(["segmenter=ground_thruth"]) == 1 and "ground_truth" in capsys.readouterr().out
    assert main(["segmenter=sam2_hiera_tiny"]) == 1 and "hf download" in capsys.readouterr().out


def test_the_ground_truth_is_handed_on():
    footage, _ = scene(40, 52, 3)
    truth = load_segmenter("ground_truth")
    seen = truth.segment(dataclasses.replace(footage, mask=footage.mask * 7))
    assert np.array_equal(seen.mask, footage.mask) and seen.confidence.tolist() == [1.0] * 3
    with pytest.raises(NoMask, match="still_camera"):
        truth.segment(dataclasses.replace(footage, mask=None))
    with pytest.raises(SegmenterError, match=r"expected uint8 \(3, 40, 52\)"):
        truth.segment(dataclasses.replace(footage, mask=footage.mask[:2]))


def test_intersection_over_union():
    one, other = np.zeros((2, 4), np.uint8), np.zeros((2, 4), np.uint8)
    assert iou(one, other) == 1.0
    one[0], other[0, 2:], other[1, 2:] = 1, 1, 1
    assert iou(one, other) == pytest.approx(2 / 6)


def test_hints_for_all_frames_or_for_each():
    frames = np.zeros((3, 4, 5, 3), np.uint8)
    assert Hints(boxes=[0, 0, 2, 2]).per_frame("boxes", frames, (4,)).shape == (3, 4)
    assert Hints(points=np.zeros((2, 2))).per_frame("points", frames, (None, 2)).shape == (3, 2, 2)
    assert Hints().per_frame("boxes", frames, (4,)) is None
    with pytest.raises(SegmenterError, match=r"boxes is \(2, 4\); expected \(3, 4\)"):
        Hints(boxes=np.zeros((2, 4))).per_frame("boxes", frames, (4,))


@pytest.mark.parametrize(
    ("card", "error", "says"),
    [
        ("kind: ground_trut", UnknownName, "ground_truth"),
        ("kind: ground_truth\ncolour: red", UnknownName, "colour"),
        ("kind: ground_truth\noptions: {colour: red}", UnknownName, "colour"),
        ("- kind", SegmenterError, "keys and values"),
        ("kind: [", SegmenterError, "no card"),
        ("kind: mask_rcnn", SegmenterError, "names no weights"),
        ("kind: mask_rcnn\nweights: not/there.pth", WeightsError, "weights=PATH"),
    ],
)
def test_cards_that_are_none(card, error, says, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(card)
    with pytest.raises(error, match=says):
        load_segmenter(str(path))


def test_options_and_code_are_in_the_fingerprint():
    one, other = load_segmenter("still_camera"), load_segmenter("still_camera", options={"side": 128})
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == load_segmenter("still_camera").fingerprint


def test_naming_them_imports_no_deep_learning_library():
    code = (
        "import sys; from experiments.segmenters import segmenter_names, load_segmenter;"
        "segmenter_names(); load_segmenter('ground_truth'); print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_missing_packages_are_told_and_nothing_else_fails(capsys, monkeypatch):
    def missing(name, **_):
        raise MissingPackage(f"{name} needs a package: install it")

    monkeypatch.setattr("experiments.segmenters.check.load_segmenter", missing)
    assert main(["--all"]) == 0 and "not checked" in capsys.readouterr().out
    assert main(["segmenter=mask_rcnn_coco"]) == 1
