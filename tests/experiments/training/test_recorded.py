"""Training on recordings: small videos in folders, a skeleton data set, what does not go together."""

import json
from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.models import load
from experiments.models.check import check_model
from experiments.models.input import InputSpec
from experiments.recordings import open_recordings
from experiments.run import CONF
from experiments.settings import SettingError
from experiments.train import run_training
from experiments.training.measure import f1
from experiments.training.recipe import TrainingError
from experiments.training.recorded import Recorded, RecordedTraining
from synth.errors import UnknownName

SMALL = "train.input={frames: 4, fps: 12.5, height: 24, width: 24}"
NET = "train.architecture={stem: 8, widths: [8, 12]}"


def video(path, colour, rng, frames=9, fps=25):
    """A disc on noise that moves right (red class) or down (blue class)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(fps))
        stream.height = stream.width = 24
        stream.pix_fmt = "bgr0"
        start = rng.uniform(4, 10, 2)
        grid = np.mgrid[:24, :24]
        for t in range(frames):
            picture = rng.integers(0, 60, (24, 24, 3)).astype(np.uint8)
            at = start + (np.array([0, 1.2 * t]) if colour == "right" else np.array([1.2 * t, 0]))
            picture[np.hypot(grid[0] - at[0], grid[1] - at[1]) < 4] = rng.integers(150, 255, 3)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """train/ and test/ with two classes each."""
    root, rng = tmp_path_factory.mktemp("videos"), np.random.default_rng(0)
    for split, count in (("train", 24), ("test", 8)):
        for name in ("down", "right"):
            for k in range(count):
                video(root / split / name / f"{k:02d}.mkv", name, rng, frames=9 + k % 3)
    return root


def config(folder, tmp_path, *overrides):
    own = [
        "conf=train_recordings",
        "train.recordings.dataset=folders",
        f"train.recordings.root={folder}",
        "train.recordings.train=train",
        "train.recordings.measure=test",
        SMALL,
        NET,
        "train.fit={epochs: 8, batch: 8, learning_rate: 0.01, precision: float32}",
        f"store.root={tmp_path / 'store'}",
    ]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config", overrides=[*own, *overrides])
    return OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)


@pytest.fixture(scope="module")
def model(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return run_training(config(folder, out), out)


def test_it_learns_and_its_folder_is_a_model(model):
    facts = json.loads((model / "card.json").read_text())
    test = facts["accuracy"]["test"]
    assert test["all"]["accuracy"] >= 0.8 and test["all"]["clips"] == 16 and 0 < test["all"]["f1"] <= 1
    assert facts["data"]["clips"] == 48 and facts["classes"] == ["down", "right"]
    adapter = load(str(model))
    assert adapter.classes == ["down", "right"] and adapter.input.frames == 4
    check_model(adapter)


def test_its_card_for_people_says_what_it_saw(model):
    text = (model / "README.md").read_text()
    assert "48 clips" in text and "plain folders" in text and "down 24, right 24" in text
    assert (model.parent / "curves.png").stat().st_size > 5000


def test_a_stopped_run_goes_on_to_the_same_weights(folder, model, tmp_path):
    fewer = config(folder, tmp_path)
    keep = fewer["train"]["fit"]["epochs"]

    def stop_after(epochs):
        from experiments.training import fit as loop

        close = loop._Run.close

        def closing(self, record, place):
            close(self, record, place)
            if len(self.history) == epochs:
                raise KeyboardInterrupt

        return loop._Run, closing

    kind, closing = stop_after(3)
    before = kind.close
    kind.close = closing
    try:
        with pytest.raises(KeyboardInterrupt):
            run_training(fewer, tmp_path / "a")
    finally:
        kind.close = before
    (tmp_path / "b").mkdir()
    again = load(str(run_training(fewer, tmp_path / "b")))
    whole = load(str(model))
    assert keep == 8
    assert all(torch.equal(v, again.net.state_dict()[k]) for k, v in whole.net.state_dict().items())


def test_only_the_frames_that_are_shown_are_read_and_they_are_the_right_ones(folder):
    reader = open_recordings("folders", folder)
    clip = reader.clips("train")[2]
    whole, fps = reader.read(clip)
    for spec in (
        InputSpec(frames=3, fps=12.5, sampling="centre"),
        InputSpec(frames=4, fps=25.0, sampling="stride"),
        InputSpec(frames=4, fps=None, sampling="uniform"),
        InputSpec(frames=3, fps=None, sampling="segments"),
    ):
        shown = Recorded(reader, [clip], spec).footage(0)
        picked = shown.frames[spec.indices(len(shown), shown.fps)[0]]
        assert np.array_equal(picked, whole[spec.indices(len(whole), fps)[0]]), spec.sampling
        assert len(shown) <= len(whole)


def test_a_skeleton_model_is_trained_by_its_authors_recipe(shared, tmp_path):
    own = [
        "conf=train_recordings",
        "train.model=res_tcn_ntu60_cs",
        "train.recordings.dataset=ntu60",
        f"train.recordings.root={shared / 'data' / 'recordings' / 'ntu'}",
        "train.recordings.train=cross_subject_train",
        "train.recordings.measure=cross_subject_test",
        "train.fit={epochs: 1, batch: 2}",
        f"store.root={tmp_path / 'store'}",
    ]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        settings = OmegaConf.to_container(compose("config", overrides=own), resolve=True)
    recipe = RecordedTraining.from_config(settings["train"]).recipe
    assert (recipe.optimiser, recipe.nesterov, recipe.learning_rate, recipe.batch) == ("sgd", True, 0.01, 2)
    facts = json.loads((run_training(settings, tmp_path) / "card.json").read_text())
    assert facts["data"]["clips"] == 4 and facts["accuracy"]["cross_subject_test"]["all"]["clips"] == 2
    assert len(facts["classes"]) == 60 and facts["family"] == "res_tcn"


@pytest.mark.parametrize(
    ("override", "error", "says"),
    [
        ("train.recordings.dataset=null", SettingError, "train.recordings.dataset"),
        ("train.recordings.dataset=folder", UnknownName, "'folders'"),
        ("train.recordings.train=trian", UnknownName, "'train'"),
        ("train.model=res_tcn_ntu60_cs", SettingError, "holds pictures"),
        ("train.model=r2plus1", UnknownName, "'r2plus1d'"),
        ("+train.input.frmes=4", UnknownName, "'frames'"),
        ("train.fit={batch: 512}", TrainingError, "fewer than one batch"),
        ("+train.fit.optimizer=adam", UnknownName, "'optimiser'"),
        ("train.changes={flipp: 0.5}", UnknownName, "'flip'"),
        ("train.limit=-1", SettingError, "train.limit"),
    ],
)
def test_a_mistake_is_named_before_anything_is_fitted(folder, tmp_path, override, error, says):
    with pytest.raises(error, match=says):
        run_training(config(folder, tmp_path, override), tmp_path)
    assert not list(tmp_path.glob("*/card.json"))


def test_plan_only_stops_before_the_first_epoch(folder, tmp_path):
    assert run_training(config(folder, tmp_path, "plan_only=true"), tmp_path) is None
    assert not (tmp_path / "store").exists()


def test_f1_by_hand():
    labels, said = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert f1(labels, said) == pytest.approx((4 / 5 + 2 / 3) / 2)
