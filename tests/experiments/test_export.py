"""conf=export from its config to files: what is planned, what is drawn, and what a user mistook."""

import contextlib
import copy
import json
import re

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from pycocotools.coco import COCO

import experiments.export
from experiments.export import run_export
from experiments.recordings.skeleton_file import read_skeleton
from experiments.run import CONF
from experiments.settings import SettingError
from synth.errors import UnknownName
from synth.export import ExportError, SplitError, VideoError
from synth.randomise import RangeError

SMALL = [
    "conf=export",
    "export.formats=[coco,ntu,kinetics]",
    "export.splits={train: 0.6, val: 0, test: 0.4}",
    "export.clip={fps: 12.5, num_frames: 3, width: 96, height: 96}",
    "export.drawn={activities: [squat, push_up], clips: 10, people: 2, motions: 2, places: 2}",
    "workers=1",
]


@pytest.fixture(scope="module")
def composed() -> dict:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return OmegaConf.to_container(compose("config", overrides=SMALL), resolve=True)


@pytest.fixture
def config(composed, tmp_path) -> dict:
    config = copy.deepcopy(composed)
    config["export"]["randomise"] |= {"appearances": {"ana": 1, "tom": 1}, "environments": {"plane": 1}}
    config["store"]["root"], config["export"]["out"] = str(tmp_path / "store"), str(tmp_path / "out")
    return config


def test_a_drawn_data_set_and_its_ground_truth(config, tmp_path):
    root = run_export(config, tmp_path)
    card = json.loads((root / "card.json").read_text())
    assert {name: row["clips"] for name, row in card["splits"].items()} == {"train": 6, "test": 4}
    assert card["factors"]["appearance"]["values"] == ["ana", "tom"] and card["made"]["seed"] == 0
    for split in ("train", "test"):
        read = COCO(str(root / f"coco/annotations/person_keypoints_{split}.json"))
        for annotation in read.loadAnns(read.getAnnIds()):
            _check_annotation(read, annotation)
    bodies = [read_skeleton(path) for path in root.glob("ntu/*/*.skeleton")]
    assert all(len(frames) == 5 and frames[0][0].joints[:, 2].min() > 1 for frames in bodies), (
        "0.16 s, before the camera"
    )
    assert len(bodies) == len(list(root.glob("kinetics/*/*/*.mp4"))) == 10
    assert run_export(config, tmp_path) == root, "and the same command again finds it done"


def _check_annotation(read, annotation):
    """Most of a body's keypoints that are in the picture lie on its silhouette or hardly beside it."""
    mask = np.pad(read.annToMask(annotation), 3)
    near = np.lib.stride_tricks.sliding_window_view(mask, (7, 7)).max(axis=(2, 3))
    x, y, seen = np.reshape(annotation["keypoints"], (17, 3)).T
    inside = seen > 0
    on = near[np.round(y[inside]).astype(int).clip(0, 95), np.round(x[inside]).astype(int).clip(0, 95)]
    assert on.mean() > 0.9 and (seen == 2).any()


def test_a_study_in_splits_and_a_plan_that_draws_nothing(config, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(experiments.export, "open_engine", lambda **_: contextlib.nullcontext(Unasked()))
    config["export"]["study"], config["plan_only"] = "viewpoint", True
    config["study"] = {"activities": ["squat"], "replicates": 5}
    with caplog.at_level("INFO", logger="ceteris"):
        assert run_export(config, tmp_path) is None
    assert "the study 'viewpoint': azimuth (orbit) at 12 values" in caplog.text
    assert re.search(r"train +144 clips, 3 motions, 3 people", caplog.text), "48 clips a block, shared ones once"
    assert re.search(r"test +96 clips, 2 motions, 2 people", caplog.text) and "left out" not in caplog.text
    assert not (tmp_path / "out").exists()


def test_a_study_that_builds_upon_another_and_crosses_factors(config, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(experiments.export, "open_engine", lambda **_: contextlib.nullcontext(Unasked()))
    config["export"]["study"], config["plan_only"] = "two_factor", True
    config["study"] = {"activities": ["squat"], "replicates": 2}
    with caplog.at_level("INFO", logger="ceteris"):
        run_export(config, tmp_path)
    assert "elevation at 5 values, orbit by elevation; 2 replicates" in caplog.text
    assert "  80 clips," in caplog.text, "8 azimuths by 5 elevations, whose margins are the sweeps"


class Unasked:
    """An engine that is asked for digests alone."""

    size = 1

    def identity(self):
        return {"engine": "none"}

    def digest(self, kind, name):
        return name


@pytest.mark.parametrize(
    ("key", "value", "error", "says"),
    [
        ("formats", "coco", SettingError, r"export.formats=\[coco\]"),
        ("formats", ["coca"], UnknownName, "did you mean 'coco'"),
        ("options", {"ucf101": {}}, SettingError, "export.options.ucf101 is of a format that"),
        ("options", {"coco": {"every": -1}}, ExportError, "every = -1"),
        ("splits", {"train": -1}, SplitError, "export.splits.train = -1"),
        ("designs", ["swept"], UnknownName, "did you mean 'sweep'"),
        ("study", "viewpiont", UnknownName, "did you mean 'viewpoint'"),
        ("video", {"codec": "h263"}, UnknownName, "codec named 'h263'"),
        ("video", {"codek": "h264"}, UnknownName, "did you mean 'codec'"),
        ("randomise", {"azimuth_deg": [3, 1]}, RangeError, "export.randomise.azimuth_deg"),
        ("seed", -1, SettingError, "export.seed = -1"),
        ("shape", {}, UnknownName, "key of export named 'shape'"),
        ("out", None, SettingError, "export.out = None"),
        ("clip", {"width": 95, "height": 96}, VideoError, "95 x 96 pixels"),
    ],
)
def test_a_mistake_is_named(config, tmp_path, key, value, error, says):
    config["export"][key] = value
    if key == "designs":
        config["export"]["study"] = "viewpoint"
    with pytest.raises(error, match=says):
        run_export(config, tmp_path)
