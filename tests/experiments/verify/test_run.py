"""The verification of a config from its table to its page, and what is said before anything is rendered."""

import copy
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.labels import NoClass
from experiments.models import describe
from experiments.models.input import InputSpec
from experiments.models.r2plus1d import ARCHITECTURE, build, save
from experiments.run import run, written_out
from experiments.settings import SettingError
from experiments.verify.errors import RowError
from experiments.verify.footage import Shape, prepare
from experiments.verify.preparing import Preparing
from experiments.verify.run import describe as describe_recordings
from experiments.verify.run import run_verification, verified_study
from experiments.verify.table import read_table
from synth.errors import UnknownName

CONF = Path(__file__).resolve().parents[3] / "conf"
AZIMUTHS = (0, 60, 130, 200)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "newborn"
    folder.mkdir()
    save(build(2), folder / "weights.safetensors")
    shown = asdict(InputSpec(frames=4, height=32, width=32))
    card = {"family": "r2plus1d", "classes": ["squat", "wave"], "architecture": ARCHITECTURE, "input": shown}
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture(scope="module")
def recordings(tmp_path_factory, video) -> Path:
    """Four recordings of noise, from four viewpoints."""
    root, rng = tmp_path_factory.mktemp("recordings"), np.random.default_rng(0)
    rows = ["file,activity,azimuth_deg,azimuth_error_deg,elevation_deg,person"]
    for number, azimuth in enumerate(AZIMUTHS):
        video(root / f"{number}.mkv", rng.integers(0, 255, (40, 24, 32, 3), np.uint8))
        rows.append(f"{number}.mkv,squat,{azimuth},{20 * (number % 2)},{number},anna")
    (root / "recordings.csv").write_text("\n".join(rows))
    return root


@pytest.fixture(scope="module")
def composed() -> dict:
    small = ["study.sweeps.orbit.values={start:0,stop:360,step:90}", "study.replicates=1", "study.floor_repeats=1"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", overrides=["conf=verify", *small])
    return OmegaConf.to_container(config, resolve=True)


@pytest.fixture
def config(composed, model, recordings, tmp_path) -> dict:
    config = copy.deepcopy(composed) | {"models": [str(model)], "store": {"root": str(tmp_path / "store")}}
    config["recordings"]["root"] = str(recordings)
    return config


def test_recordings_come_onto_the_page_and_four_of_them_conclude_nothing(config, tmp_path):
    run(config, tmp_path)
    folder = tmp_path / "report"
    text = (folder / "report.html").read_text().replace("\u00a0", " ")
    assert "at least 5 viewpoints are needed" in text and "no p under 1/24" in text
    assert "2 to ± 20°; 2 are given as exact" in text
    assert "real people" in text and "no real person is shown" not in text
    agreement = pd.read_parquet(folder / "tables" / "agreement.parquet")
    assert agreement[["n", "viewpoints", "needed"]].to_numpy().tolist() == [[4, 4, 5]]
    scored = pd.read_csv(folder / "tables" / "recordings.csv")
    assert scored["azimuth_deg"].tolist() == list(AZIMUTHS) and scored["score"].between(0, 1).all()
    rows = pd.read_parquet(folder / "tables" / "rows.parquet")
    assert set(rows["viewpoint.elevation_deg"]) == {1.5} and set(rows["viewpoint.distance_m"]) == {3.5}


def test_what_was_found_is_told_before_anything_is_rendered(recordings):
    table = read_table(recordings, known=["squat"])
    shape = Shape(num_frames=4, fps=6.25)
    text = describe_recordings(table, prepare(table, shape, Preparing()), shape)
    assert "squat         4 recordings, 1 people, 12 windows" in text and "4 frames at 6.25 per second" in text


@pytest.mark.parametrize(
    ("key", "value", "error", "says"),
    [
        ("root", None, SettingError, "recordings=DIR"),
        ("azimuth_error_deg", "ten", SettingError, "azimuth_error_deg = 'ten'"),
        ("prepair", {}, UnknownName, "did you mean 'prepare'"),
        ("prepare", {"crop": "persn"}, UnknownName, "did you mean 'person'"),
        ("prepare", {"crop": "person", "segmenter": "still_cam"}, UnknownName, "did you mean 'still_camera'"),
        ("activities", ["sqat"], UnknownName, "did you mean 'squat'"),
    ],
)
def test_a_mistake_is_named(config, tmp_path, key, value, error, says):
    config["recordings"][key] = value
    with pytest.raises(error, match=says):
        run_verification(config, tmp_path)


def table_of(recordings, tmp_path, *lines):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["file,activity,azimuth_deg", *lines]))
    return str(path)


def test_an_activity_that_the_model_has_no_class_for(config, recordings, tmp_path):
    config["recordings"]["table"] = table_of(recordings, tmp_path, "0.mkv,walk,0")
    with pytest.raises(NoClass, match="for the activity 'walk'"):
        run_verification(config, tmp_path)


def test_a_row_that_cannot_be_used_is_named_before_anything_is_rendered(config, recordings, tmp_path):
    config["recordings"]["table"] = table_of(recordings, tmp_path, "0.mkv,squat,0", "1.mkv,squat,right")
    with pytest.raises(RowError, match=r"mine\.csv, line 3: azimuth_deg = 'right'"):
        run_verification(config, tmp_path)
    assert not (tmp_path / "store" / "clips").exists()


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("activities", ["squat"], r"recordings\.activities"),
        ("sweeps", {"elevation": {"factor": "elevation", "values": [10, 20]}}, "begins with elevation"),
        ("sweeps", {"orbit": {"factor": "azimuth", "values": [0, 90, 100]}}, "even steps"),
        ("clip", {"loop": True}, "set it to false"),
    ],
)
def test_a_study_that_recordings_cannot_be_held_against(config, recordings, part, value, says):
    config["study"][part] = value
    with pytest.raises(SettingError, match=says):
        verified_study(config, read_table(recordings, known=["squat"]), [describe(config["models"][0])])


def test_recordings_and_a_folder_are_the_words_of_the_command_line():
    assert written_out(["conf=verify", "recordings=DIR", "recordings.table=T"]) == [
        "conf=verify",
        "recordings.root=DIR",
        "recordings.table=T",
    ]
    assert written_out(["recordings={root: DIR}"]) == ["recordings={root: DIR}"]
