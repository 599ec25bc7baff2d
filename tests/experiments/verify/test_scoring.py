"""What models say of recordings: the mean of windows, kept in the store."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from experiments.models import describe
from experiments.models.base import load
from experiments.models.input import InputSpec
from experiments.models.r2plus1d import ARCHITECTURE, build, save
from experiments.settings import SettingError
from experiments.verify import scoring
from experiments.verify.footage import Shape, prepare
from experiments.verify.preparing import Preparing
from experiments.verify.table import read_table
from synth.clips import ClipStore

CLASSES = ["walk", "wave"]
SHOWN = InputSpec(frames=3, fps=12.5, height=16, width=16)
SHAPE = Shape(num_frames=3, fps=12.5)


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """An untrained model."""
    folder = tmp_path_factory.mktemp("models") / "newborn"
    folder.mkdir()
    save(build(len(CLASSES)), folder / "weights.safetensors")
    card = {"family": "r2plus1d", "classes": CLASSES, "architecture": ARCHITECTURE, "input": asdict(SHOWN)}
    (folder / "card.json").write_text(json.dumps(card))
    return describe(str(folder))


@pytest.fixture(scope="module")
def taken(tmp_path_factory, video):
    root = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(0)
    for name, count in (("a", 11), ("b", 5)):
        video(root / f"{name}.mkv", rng.integers(0, 255, (count, 24, 32, 3), np.uint8))
    (root / "recordings.csv").write_text("file,activity,azimuth_deg,person\na.mkv,walk,0,anna\nb.mkv,wave,90,ben\n")
    return prepare(read_table(root, known=CLASSES), SHAPE, Preparing()).taken


@pytest.fixture
def store(tmp_path):
    return ClipStore(tmp_path / "store")


def test_a_recordings_score_is_the_mean_of_its_windows(card, taken, store):
    windows = scoring.score_recordings(taken, [card], store, SHAPE)
    assert windows["file"].tolist() == ["a.mkv", "a.mkv", "b.mkv"] and windows["window"].tolist() == [0, 1, 0]
    assert windows["start_s"].tolist() == pytest.approx([0, 6 / 25, 0])
    rows = scoring.by_recording(taken, windows)
    assert rows["score"].tolist() == pytest.approx([windows["score"][:2].mean(), windows["score"][2]])
    assert rows["score_low"][0] == windows["score"][:2].min() and rows["score_high"][0] == windows["score"][:2].max()
    assert rows["person"].tolist() == ["anna", "ben"] and rows["windows"].tolist() == [2, 1]


def test_scores_are_those_of_the_model_on_these_frames(card, taken, store):
    windows = scoring.score_recordings(taken, [card], store, SHAPE)
    adapter = load(card)
    logits = adapter.logits(adapter.prepare(taken[1].footage(0, 12.5))[None]).detach().numpy()[0]
    expected = np.exp(logits[1]) / np.exp(logits).sum()
    assert windows["score"][2] == pytest.approx(expected, abs=1e-6)


def test_a_second_run_scores_nothing(card, taken, store, monkeypatch):
    first = scoring.score_recordings(taken, [card], store, SHAPE)
    monkeypatch.setattr(scoring, "load", lambda card: pytest.fail("the model was loaded again"))
    assert first.equals(scoring.score_recordings(taken, [card], store, SHAPE))


def test_a_model_that_is_shown_more_than_frames_is_refused():
    card = describe("res_tcn_ntu60_cs", weights_random())
    with pytest.raises(SettingError, match="is shown joints, which rendered clips have"):
        scoring.check_models([card], flow=True)
    flow = describe("i3d_flow_imagenet", weights_random())
    with pytest.raises(SettingError, match=r"recordings\.prepare\.flow=DIR"):
        scoring.check_models([flow])
    scoring.check_models([flow], flow=True)


def weights_random():
    from experiments.models import Options

    return Options(weights="random")
