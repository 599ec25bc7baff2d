"""The trainer on toy clips whose classes are how a disc moves: it learns, resumes, and leaves a sound model."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from experiments.models import load
from experiments.models.check import check_model
from experiments.models.families import adapter_class
from experiments.run import CONF
from experiments.settings import SettingError
from experiments.training.changes import Changes
from experiments.training.data import Clips
from experiments.training.design import DesignError, TrainingDesign
from experiments.training.fit import fit
from experiments.training.generated import Training, train
from experiments.training.recipe import Recipe, TrainingError
from synth.errors import UnknownName
from synth.factors import ClipSpec, MotionRef, Viewpoint

ACTIVITIES = ("squat", "walk", "wave")
PATHS = {"squat": (0, 1), "walk": (1, 0), "wave": (0, 0)}  # down, across, still


def disc(activity, rng, *, side=24, frames=4):
    """uint8 (frames, side, side, 3): a bright disc on noise that moves as its class says."""
    x, y = rng.uniform(8, side - 8, 2)
    dx, dy = PATHS[activity]
    grid = np.mgrid[:side, :side]
    clip = rng.integers(0, 60, (1, side, side, 3)).repeat(frames, 0)
    for t in range(frames):
        step = 4.0 * (t - frames / 2)
        clip[t, np.hypot(grid[1] - x - dx * step, grid[0] - y - dy * step) < 4] = rng.integers(180, 255, 3)
    return clip.astype(np.uint8)


def toy_set(count, seed):
    rng = np.random.default_rng(seed)
    names = [ACTIVITIES[k % 3] for k in range(count)]
    specs = [
        ClipSpec(motion=MotionRef(activity=name), viewpoint=Viewpoint(azimuth_deg=float(rng.uniform(-15, 15))))
        for name in names
    ]
    frames = np.stack([disc(name, rng) for name in names])
    return specs, Clips(frames, np.array([ACTIVITIES.index(name) for name in names]))


def toy_training():
    design = TrainingDesign(activities=ACTIVITIES, num_frames=4, size=24)
    changes = Changes(zoom=0.05, shift=0.05, roll_deg=0.0, grey=0.1)
    return Training(
        name="toy",
        azimuth_deg=(-15.0, 15.0),
        ranges=((-15.0, 15.0),),
        design=design,
        recipe=Recipe(epochs=6, batch=16, learning_rate=1e-2, precision="float32", changes=changes),
        architecture={"stem": 8, "widths": [8, 16]},
    )


@pytest.fixture(scope="module")
def toy():
    """(specs, clips) of a training and a held-out set."""
    trained, held = toy_set(192, 0), toy_set(48, 1)
    title = "held-out, azimuth -15 to 15"
    return {"train": trained[0], title: held[0]}, {"train": trained[1], title: held[1]}


@pytest.fixture(scope="module")
def model(toy, tmp_path_factory):
    """The folder of a model trained on the toy clips, and where its checkpoints lie."""
    out = tmp_path_factory.mktemp("train")
    return train(toy_training(), *toy, out=out, checkpoints=out / "checkpoints"), out


def test_it_learns_what_moves(model):
    folder, _ = model
    facts = json.loads((folder / "card.json").read_text())
    (held,) = facts["accuracy"].values()
    assert held["all"]["accuracy"] >= 0.9
    assert held["all"]["low"] < held["all"]["accuracy"] <= held["all"]["high"]
    assert len((model[1] / "history.csv").read_text().splitlines()) == 7
    assert (model[1] / "curves.png").stat().st_size > 5000
    assert facts["history"][-1]["loss"] < facts["history"][0]["loss"]


def test_its_folder_is_a_model_that_keeps_the_contract(model):
    folder, _ = model
    adapter = load(str(folder))
    check_model(adapter)
    assert adapter.classes == list(ACTIVITIES)


def test_the_card_says_the_planted_bias_and_the_command(model):
    text = (model[0] / "README.md").read_text()
    assert "only at azimuths from -15 to 15 degrees" in text
    assert "experiments.run" in text and "95 %" in text
    assert "Real CMU trials were not measured" in text


def test_a_run_that_stopped_goes_on_to_the_same_weights(toy, model, tmp_path):
    train(toy_training(), *toy, out=tmp_path, checkpoints=_stopped_after(3, toy, tmp_path))
    stopped, whole = load(str(tmp_path / "toy")), load(str(model[0]))
    for key, value in whole.net.state_dict().items():
        assert torch.equal(value, stopped.net.state_dict()[key]), key


def _stopped_after(epochs, toy, folder):
    """Checkpoints of a run that was interrupted while it took the steps of epoch `epochs` + 1."""
    training, (_, clips) = toy_training(), toy
    seen = []

    def stop(_):
        seen.append(1)
        if len(seen) > epochs:
            raise KeyboardInterrupt
        return {"held_out": 0.0}

    card = training.card()
    with pytest.raises(KeyboardInterrupt):
        fit(adapter_class(card.family)(card), clips["train"], training.recipe, folder=folder / "c", watch=stop)
    return folder / "c"


def test_a_damaged_checkpoint_is_named(toy, tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(TrainingError, match=r"checkpoint\.pt"):
        train(toy_training(), *toy, out=tmp_path, checkpoints=tmp_path)


def config(**changes):
    shipped = OmegaConf.to_container(OmegaConf.load(CONF / "conf" / "train.yaml"))["train"]
    return {**shipped, **changes}


def test_the_shipped_config_makes_twins_that_differ_in_azimuth_alone():
    frontal, twin = (Training.from_config(config(azimuths=name)) for name in ("frontal", "allround"))
    assert (frontal.azimuth_deg, twin.azimuth_deg) == ((-15.0, 15.0), (-180.0, 180.0))
    same = {"name": "", "azimuth_deg": (0.0, 0.0), "ranges": ()}
    assert dataclasses.replace(frontal, **same) == dataclasses.replace(twin, **same)
    assert set(frontal.ranges) == set(twin.ranges)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"azimuths": "frontl"}, UnknownName, "'frontal'"),
        ({"ranges": {"frontal": [0, 30]}}, DesignError, "symmetric"),
        ({"ranges": {"frontal": [15, -15]}}, DesignError, "symmetric"),
        ({"ranges": {"frontal": 5}}, DesignError, r"train.ranges.frontal = 5; expected \[low, high\]"),
        ({"design": {"activities": ["squat", "wave"], "clips": "many"}}, SettingError, "train.design.clips = 'many'"),
        ({"design": {"activities": ["squat", 5]}}, SettingError, "train.design.activities"),
        ({"design": {"clips": 10}}, SettingError, "train.design lacks the key 'activities'"),
        ({"draw": {"distance_m": [6, 2]}}, DesignError, "backwards"),
        ({"draw": {"distnce_m": [2, 6]}}, UnknownName, "'distance_m'"),
        ({"fit": {"epochs": 0}}, TrainingError, "epochs"),
        ({"name": "../../x"}, SettingError, r"train.name = '../../x' names files"),
    ],
)
def test_a_bad_config_is_refused(changes, error, says):
    with pytest.raises(error, match=says):
        Training.from_config(config(**changes))
