"""Mask R-CNN as a segmenter: who counts as a person, of a detector that stands in; the library's own where it is."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from experiments.models.errors import MissingPackage, WeightsError
from experiments.segmenters import load_segmenter, mask_rcnn
from experiments.segmenters.example import scene
from synth.errors import UnknownName

FOOTAGE, _ = scene(40, 60, 2)


class Detector(nn.Module):
    """Sees a person at the left (0.9), one at the right (0.6), a dog at the top (0.99), and tells it as the library."""

    def __init__(self, **arguments):
        super().__init__()
        self.arguments, self.weight = arguments, nn.Parameter(torch.zeros(1))

    def forward(self, pictures):
        (picture,) = pictures
        assert picture.shape == (3, 40, 60) and picture.dtype == torch.float32 and picture.max() <= 1
        masks = torch.zeros(3, 1, 40, 60)
        masks[0, 0, :, :20], masks[0, 0, :, 20:25], masks[1, 0, :, 50:], masks[2, 0, :5] = 0.8, 0.4, 0.7, 1.0
        return [{"labels": torch.tensor([1, 1, 18]), "scores": torch.tensor([0.9, 0.6, 0.99]), "masks": masks}]


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(mask_rcnn, "_detection", lambda: type("D", (), {"maskrcnn_resnet50_fpn": Detector}))


def made(**options):
    return load_segmenter("mask_rcnn_coco", weights="random", options=options)


@pytest.mark.parametrize(("threshold", "columns"), [(0.5, [*range(20), *range(50, 60)]), (0.7, range(20)), (0.95, [])])
def test_people_are_those_above_the_threshold(stand_in, threshold, columns, tmp_path):
    torch.save({"weight": torch.ones(1)}, tmp_path / "own.pth")
    found = load_segmenter("mask_rcnn_coco", weights=str(tmp_path / "own.pth"), options={"threshold": threshold})
    assert float(found.net.weight) == 1 and found.net.arguments["num_classes"] == 91
    seen = found.segment(FOOTAGE)
    expected = np.zeros((40, 60), np.uint8)
    expected[:, list(columns)] = 1
    assert np.array_equal(seen.mask, [expected] * 2)
    assert seen.confidence == pytest.approx([0.9 if len(columns) else 0.1] * 2)


def test_random_weights_say_so(stand_in):
    seen = made().segment(FOOTAGE)
    assert seen.confidence.tolist() == [0.0, 0.0] and "untrained" in seen.remarks[0]


def test_files_that_do_not_fit(stand_in, tmp_path):
    torch.save({"weights": torch.ones(1)}, tmp_path / "own.pth")
    with pytest.raises(WeightsError, match="is it weight"):
        load_segmenter("mask_rcnn_coco", weights=str(tmp_path / "own.pth"))
    with pytest.raises(WeightsError, match="weights=PATH"):
        load_segmenter("mask_rcnn_coco")
    with pytest.raises(UnknownName, match="maskrcnn_resnet50_fpn_v2"):
        made(model="maskrcnn_resnet50_v2")


def test_without_torchvision(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(MissingPackage, match=r"torchvision.*pip install"):
        made()


def test_the_librarys_own():
    pytest.importorskip("torchvision", exc_type=ImportError)
    seen = made(side=64, threshold=0.2).segment(FOOTAGE)
    assert seen.mask.shape == (2, 40, 60) and seen.mask.dtype == np.uint8 and seen.mask.max() <= 1
