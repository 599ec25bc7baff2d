"""SAM 2 as a segmenter: the library's own answer to a box and to points, from a small network saved to a folder."""

import json

import numpy as np
import pytest
import torch
import transformers
import yaml
from torch import nn
from torch.nn.functional import interpolate

from experiments.models.errors import WeightsError
from experiments.segmenters import HintMissing, Hints, SegmenterError, load_segmenter
from experiments.segmenters.cards import CARDS
from experiments.segmenters.example import scene
from experiments.segmenters.prompts import of_hints, of_mask

CONFIG = yaml.safe_load((CARDS / "sam2_hiera_tiny.yaml").read_text())["options"]["config"]
SIDE = 64
LEVELS = {"image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.3, 0.25]}
FOOTAGE, HINTS = scene(48, 80, 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network's folder, as the hub has them, and the network."""
    root = tmp_path_factory.mktemp("sam2")
    torch.manual_seed(0)
    net = transformers.Sam2Model(transformers.Sam2Config(**CONFIG)).eval()
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.1)
    net.save_pretrained(root)
    (root / "preprocessor_config.json").write_text(json.dumps(LEVELS))
    return root, net


@pytest.fixture
def sam2(folder):
    return load_segmenter("sam2_hiera_tiny", weights=str(folder[0]))


def own(net, sam2, t, **prompt):
    """The library's masks of frame t: (masks, H, W) logits at the frame's size, and the scores (masks,)."""
    with torch.no_grad():
        out = net(pixel_values=sam2.pixels(FOOTAGE.frames[t]), **prompt)
    logits = interpolate(out.pred_masks[:, 0], size=(48, 80), mode="bilinear", align_corners=False)[0]
    return logits, out.iou_scores[0, 0], out.object_score_logits[0, 0, 0].sigmoid()


def test_a_box(folder, sam2):
    seen = sam2.segment(FOOTAGE, Hints(boxes=HINTS.boxes))
    for t in range(4):
        box = torch.tensor(HINTS.boxes[t] * np.float32([SIDE / 80, SIDE / 48] * 2)).view(1, 1, 4)
        logits, scores, there = own(folder[1], sam2, t, input_boxes=box, multimask_output=False)
        assert np.array_equal(seen.mask[t], (logits[0] > 0).numpy())
        assert seen.confidence[t] == pytest.approx(float(scores[0].clamp(0, 1) * there), abs=1e-6)


def test_one_point_takes_the_best_of_three(folder, sam2):
    seen = sam2.segment(FOOTAGE, Hints(points=HINTS.points))
    point = torch.tensor(HINTS.points[2] * np.float32([SIDE / 80, SIDE / 48])).view(1, 1, 1, 2)
    labels = torch.ones(1, 1, 1, dtype=torch.int64)
    logits, scores, _ = own(folder[1], sam2, 2, input_points=point, input_labels=labels, multimask_output=True)
    assert len(logits) == 3 and np.array_equal(seen.mask[2], (logits[scores.argmax()] > 0).numpy())


def test_box_and_points_together(folder, sam2):
    hints = Hints(boxes=HINTS.boxes[1], points=np.concatenate([HINTS.points[1], [[np.nan, np.nan]]]))
    seen = sam2.segment(FOOTAGE, hints)
    scale = np.float32([SIDE / 80, SIDE / 48])
    told = {
        "input_boxes": torch.tensor(HINTS.boxes[1] * np.tile(scale, 2)).view(1, 1, 4),
        "input_points": torch.tensor(HINTS.points[1] * scale).view(1, 1, 1, 2),
        "input_labels": torch.ones(1, 1, 1, dtype=torch.int64),
    }
    logits, _, _ = own(folder[1], sam2, 1, multimask_output=False, **told)
    assert np.array_equal(seen.mask[1], (logits[0] > 0).numpy())


def test_pixels_are_levels_of_the_file(sam2):
    grey = np.full((30, 50, 3), 102, np.uint8)
    assert sam2.pixels(grey).shape == (1, 3, SIDE, SIDE)
    expected = (0.4 - np.array(LEVELS["image_mean"])) / LEVELS["image_std"]
    assert np.allclose(sam2.pixels(grey).mean((0, 2, 3)), expected, atol=1e-6)


def test_frames_in_which_nobody_is_shown_are_empty(sam2):
    boxes = HINTS.boxes.copy()
    boxes[1] = np.nan
    seen = sam2.segment(FOOTAGE, Hints(boxes=boxes))
    assert not seen.mask[1].any() and seen.confidence[1] == 1


def test_a_segmenter_without_weights_prompts_it(sam2):
    footage, _ = scene(48, 80, 12)
    prompter = load_segmenter("still_camera").segment(footage)
    boxes, points = of_mask(prompter.mask)
    told, own = sam2.segment(footage, Hints(boxes=boxes, points=points)), sam2.segment(footage)
    assert prompter.mask.any() and np.array_equal(told.mask, own.mask)


def test_nobody_prompts(folder, sam2):
    alone = load_segmenter("sam2_hiera_tiny", weights=str(folder[0]), options={"prompter": None})
    with pytest.raises(HintMissing, match="must be shown the person: give the hint boxes"):
        alone.segment(FOOTAGE)
    with pytest.raises(HintMissing, match=r"prompted by still_camera, which says: .*4 frames.* Or give the hint boxes"):
        sam2.segment(FOOTAGE)
    assert alone.fingerprint != sam2.fingerprint


def test_random_weights_say_so():
    one, other = (load_segmenter("sam2_hiera_tiny", weights="random", seed=seed) for seed in (0, 1))
    seen = one.segment(FOOTAGE, HINTS)
    assert seen.confidence.tolist() == [0.0] * 4 and "untrained" in seen.remarks[-1]
    assert one.fingerprint != other.fingerprint
    with pytest.raises(SegmenterError, match="config"):
        load_segmenter("sam2_hiera_tiny", weights="random", options={"config": None})


def test_published_files_call_themselves_video(folder, tmp_path):
    """Their config is that of the network for videos, whose memory has tensors of its own."""
    for file in folder[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    table = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**table, "model_type": "sam2_video", "num_maskmem": 7}))
    same = load_segmenter("sam2_hiera_tiny", weights=str(tmp_path))
    assert np.array_equal(
        same.segment(FOOTAGE, HINTS).mask,
        load_segmenter("sam2_hiera_tiny", weights=str(folder[0])).segment(FOOTAGE, HINTS).mask,
    )
    (tmp_path / "config.json").write_text(json.dumps({**table, "model_type": "segformer"}))
    with pytest.raises(WeightsError, match="segformer"):
        load_segmenter("sam2_hiera_tiny", weights=str(tmp_path))
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(WeightsError, match="damaged"):
        load_segmenter("sam2_hiera_tiny", weights=str(tmp_path))
    (tmp_path / "config.json").unlink()
    with pytest.raises(WeightsError, match=r"no config\.json"):
        load_segmenter("sam2_hiera_tiny", weights=str(tmp_path))


def test_prompts_of_a_mask():
    mask = np.zeros((2, 9, 12), np.uint8)
    mask[0, 2:7, 3:8] = 1
    boxes, points = of_mask(mask)
    assert boxes[0].tolist() == [3, 2, 8, 7] and points[0].tolist() == [[5.5, 4.5]]
    assert np.isnan(boxes[1]).all() and np.isnan(points[1]).all()
    shown = of_hints(Hints(boxes=boxes), np.zeros((2, 9, 12, 3), np.uint8))
    assert shown.there.tolist() == [True, False]
