"""A verification from its command line to its page: small recordings, an untrained model, and what a user mistook."""

import copy
import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.labels import NoClass
from experiments.models import InputSpec
from experiments.models.r2plus1d import ARCHITECTURE, build, save
from experiments.recordings.errors import RecordingsError
from experiments.report.build import rebuild
from experiments.run import CONF, written_out
from experiments.settings import SettingError
from experiments.verify.run import run_verification
from synth.errors import UnknownName
from tests.experiments.recordings.conftest import encode
from tests.experiments.report.pages import Page
from tests.experiments.verify.conftest import scene

SMALL = ("study.sweeps.orbit.values=[0,120,240]", "study.replicates=2", "study.floor_repeats=1")
HEADER = "file,activity,azimuth_deg,azimuth_error_deg,elevation_deg,person"
ROWS = [
    f"{k}.mkv,squat,{azimuth},{5 * k},{10 + k},{'ana' if k < 3 else 'ben'}"
    for k, azimuth in enumerate(range(0, 300, 60))
]
SPEC = InputSpec(frames=4, width=32, height=32)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> Path:
    """Five of them."""
    root = tmp_path_factory.mktemp("recordings")
    for k in range(5):
        encode(root / f"{k}.mkv", scene(40, seed=k))
    (root / "recordings.csv").write_text("\n".join([HEADER, *ROWS]))
    return root


@pytest.fixture(scope="module")
def composed(recordings, tmp_path_factory) -> dict:
    """The config with an untrained model."""
    model = tmp_path_factory.mktemp("models") / "newborn"
    model.mkdir()
    save(build(2), model / "weights.safetensors")
    card = {"family": "r2plus1d", "classes": ["squat", "wave"], "architecture": ARCHITECTURE, "input": asdict(SPEC)}
    (model / "card.json").write_text(json.dumps(card))
    asked = ["conf=verify", *written_out([f"recordings={recordings}"]), *SMALL]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = OmegaConf.to_container(compose("config", overrides=asked), resolve=True)
    return {**config, "models": [str(model)], "store": {"root": str(tmp_path_factory.mktemp("store"))}}


@pytest.fixture
def config(composed) -> dict:
    return copy.deepcopy(composed)


@pytest.fixture(scope="module")
def folder(composed, tmp_path_factory) -> Path:
    """The report's."""
    return run_verification(composed, tmp_path_factory.mktemp("run")).parent


def table(folder, name):
    return pd.read_parquet(folder / "tables" / f"{name}.parquet")


def test_a_recording_is_the_mean_of_its_windows_and_counts_once(folder):
    windows, files, found = (table(folder, name) for name in ("windows", "recordings", "agreement"))
    assert len(files) == 5 and len(windows) == files["windows"].sum() > 5
    pd.testing.assert_series_equal(windows.groupby("file")["score"].mean(), files.set_index("file")["score"])
    assert found.set_index("person")["n"].to_dict() == {"everyone": 5, "ana": 3}


def test_rendered_clips_stand_at_the_tables_median(folder):
    assert set(table(folder, "rows")["viewpoint.elevation_deg"]) == {12.0}
    assert set(table(folder, "rows")["viewpoint.distance_m"]) == {3.5}


def test_the_page_says_what_was_done_and_what_is_estimated(folder):
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    text = " ".join(page.text.split())
    assert "verification" in page.ids and len(page.ids) == len(set(page.ids))
    assert "the whole picture" in text and "+12°, the recordings' median (+10° to +14°)" in text
    assert "azimuths of the recordings are estimates: 1 to ± 5°" in text and "1 are given as exact" in text
    assert "5 recordings from 5 viewpoints" in text and "show real people" in text
    assert all((folder / "figures" / f"verification.{kind}").stat().st_size for kind in ("svg", "png"))


def test_the_report_is_made_again_alike(folder):
    before = (folder / "tables" / "agreement.csv").read_bytes()
    rebuild(folder, ["agreement"])
    assert (folder / "tables" / "agreement.csv").read_bytes() == before


def test_a_folder_is_said_in_short():
    assert written_out(["conf=verify", "recordings=a=b"]) == ["conf=verify", "recordings.root=a=b"]
    untouched = ["recordings={root: a}", "recordings.table=b.csv", "plan_only"]
    assert written_out(untouched) == untouched


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"recordings": {"root": None}}, SettingError, "recordings=DIR"),
        ({"recordings": {"root": "nowhere"}}, RecordingsError, "nowhere is no folder"),
        ({"recordings": {"tabel": "a.csv"}}, UnknownName, "did you mean 'table'"),
        ({"recordings": {"azimuth_error_deg": "some"}}, SettingError, "azimuth_error_deg = 'some'"),
        ({"recordings": {"activities": ["sqat"]}}, UnknownName, "did you mean 'squat'"),
        ({"study": {"activities": ["squat"]}}, SettingError, r"recordings\.activities"),
        (
            {"study": {"sweeps": {"up": {"factor": "elevation", "values": [0, 9]}}}},
            SettingError,
            "begins with elevation",
        ),
        ({"study": {"sweeps": {"orbit": {"factor": "azimuth", "values": [0, 90]}}}}, SettingError, "go round from 0"),
    ],
)
def test_a_mistake_is_named_before_anything_is_rendered(config, tmp_path, change, error, says):
    for part, values in change.items():
        config[part] |= values
    with pytest.raises(error, match=says):
        run_verification(config, tmp_path)


def test_an_activity_that_a_model_has_no_class_for(config, recordings, tmp_path):
    (tmp_path / "other.csv").write_text(f"{HEADER}\n0.mkv,walk,0,,,")
    config["recordings"]["table"] = str(tmp_path / "other.csv")
    with pytest.raises(NoClass, match="class of the model 'newborn' for the activity 'walk'"):
        run_verification(config, tmp_path)
