"""The stages of a study in order: what a user mistook is said before an engine is started."""

import copy
import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.labels import NoClass
from experiments.models import DeviceError, InputSpec
from experiments.models.r2plus1d import ARCHITECTURE, build, save
from experiments.pipeline import run_study
from experiments.settings import SettingError
from synth.clips import ClipError
from synth.engine import EngineError, EngineLacks
from synth.errors import UnknownName

CONF = Path(__file__).resolve().parents[2] / "conf"
ACTIVITIES = ["squat", "wave"]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """An untrained model."""
    folder = tmp_path_factory.mktemp("models") / "newborn"
    folder.mkdir()
    save(build(len(ACTIVITIES)), folder / "weights.safetensors")
    card = {"family": "r2plus1d", "classes": ACTIVITIES, "architecture": ARCHITECTURE, "input": asdict(InputSpec())}
    (folder / "card.json").write_text(json.dumps(card | {"planted_bias": "It knows nothing at all."}))
    return folder


@pytest.fixture(scope="module")
def composed() -> dict:
    values = [f"study.sweeps.{name}.values=[0,90]" for name in ("orbit", "turntable")]
    small = ["study.sweeps.elevation.values=[10,40]", "study.sweeps.distance.values=[2.5,3.5]", "study.floor_repeats=1"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose(
            "config",
            overrides=[*values, *small, "study.activities=[squat,wave]", "study.replicates=2", "study.effects=null"],
        )
    return OmegaConf.to_container(config, resolve=True)


@pytest.fixture
def config(composed, model, tmp_path) -> dict:
    return {**copy.deepcopy(composed), "models": [str(model)], "store": {"root": str(tmp_path / "store")}}


def test_a_model_given_by_its_path_has_its_curves_and_its_card_on_the_page(config, tmp_path):
    page = run_study(config, tmp_path).read_text()
    assert "newborn" in page and "It knows nothing at all." in page


def test_everything_that_a_study_can_ask_beside_its_curves(config, tmp_path):
    asked = {"mirrored": ["orbit"], "manifold": {"sweeps": ["orbit"], "most": 2}, "cross": [["orbit", "elevation"]]}
    config["study"] |= asked | {"flip": {"elevation": 15}, "everyone": True, "replicates": 1, "activities": ["squat"]}
    config["study"]["appearances"] = ["ana", "ben"]
    tables = run_study(config, tmp_path).parent / "tables"

    def table(name):
        return pd.read_parquet(tables / f"{name}.parquet")

    rows = table("rows")
    assert set(rows["design"]) == {"sweep", "cross"} and set(rows["appearance"]) == {"ana", "ben"}
    assert (rows["mirrored_score"].notna() == (rows["sweep"] == "orbit")).all()
    assert table("manifold")["layer"].tolist() == ["stem", "pool"] and table("manifold")["mirrored"].notna().all()
    assert len(table("manifold_points")) == 2 * 2 and len(table("people")) == 2
    assert set(table("flips").columns) >= {"way", "kept", "lost", "step"} and "symmetry" in {
        p.stem for p in tables.iterdir()
    }


@pytest.mark.parametrize(
    ("key", "value", "error", "says"),
    [
        ("models", "frontal", SettingError, r"models=\[frontal\]"),
        ("models", [], SettingError, "models is empty"),
        ("device", "cuda:7", DeviceError, "cuda:7"),
        ("store", {"root": None}, SettingError, "store.root = None"),
        ("store", {"root": __file__}, ClipError, "set store.root to another folder"),
        ("assets", {"root": 3}, SettingError, "assets.root = 3"),
        ("engine", {"lunch": "remote"}, UnknownName, "did you mean 'launch'"),
        ("engine", {"launch": "remote", "port": 0}, EngineError, "engine.port = 0"),
        ("engine", {"profile": "unrealzoo"}, EngineLacks, "show an exact time: no command 'set_time'"),
    ],
)
def test_a_mistake_is_named(config, tmp_path, key, value, error, says):
    with pytest.raises(error, match=says):
        run_study({**config, key: value}, tmp_path)


def test_an_activity_that_a_model_has_no_class_for(config, tmp_path):
    config["study"]["activities"] = ["squat", "walk"]
    with pytest.raises(NoClass, match="class of the model 'newborn' for the activity 'walk'"):
        run_study(config, tmp_path)
