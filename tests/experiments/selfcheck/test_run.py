"""A small self-check from pool to page: a planted place is found, and models that are mixed up fail."""

import copy

import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.effects import SHARES
from experiments.run import CONF
from experiments.selfcheck.__main__ import main
from experiments.selfcheck.design import SelfCheck
from experiments.selfcheck.run import run_selfcheck
from experiments.selfcheck.verdict import SelfCheckFailed, judge

SMALL = {
    "activities": ["squat", "jumping_jack"],
    "environments": ["lawn", "plane"],
    "appearances": ["ana", "ben"],
    "lighting": ["noon", "evening"],
    "plants": ["environment"],
    "doses": [0.95],
    "pool": 128,
    "clips": 64,
    "styles": 4,
    "rows": 16,
    "ratio": 1,
    "margin": 0.4,
    "size": 48,
    "num_frames": 2,
}


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> dict:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = OmegaConf.to_container(compose("config", overrides=["conf=selfcheck"]), resolve=True)
    config["selfcheck"] |= SMALL
    config["selfcheck"]["fit"] |= {"epochs": 12, "batch": 16}
    return {**config, "store": {"root": str(tmp_path_factory.mktemp("store"))}}


@pytest.fixture(scope="module")
def done(config, tmp_path_factory):
    """The folder of a small self-check. So few clips teach the clean model little, so that its own criteria are not
    met, which the run must say."""
    out = tmp_path_factory.mktemp("selfcheck")
    with pytest.raises(SelfCheckFailed, match="clean"):
        run_selfcheck(config, out)
    return out


def table(done, name):
    return pd.read_parquet(done / "report" / "tables" / f"{name}.parquet")


def test_a_planted_place_is_found_and_a_clean_model_that_learnt_nothing_does_not_pass(done):
    criteria = table(done, "criteria")
    first = (criteria["planted"] == "environment") & (criteria["criterion"] == "first by far")
    assert criteria.loc[first, "passed"].tolist() == [True]
    assert not criteria.loc[criteria["planted"] == "clean", "passed"].all()
    assert sorted(path.name for path in (done / "models").iterdir()) == ["clean", "environment-95"]


def test_models_that_are_not_what_they_are_said_to_be_fail(done, config):
    """The planted model under the clean one's name."""
    shares = table(done, SHARES)
    mixed = shares["model"].replace({"clean": "environment-95", "environment-95": "clean"})
    verdict = judge(SelfCheck.from_config(config["selfcheck"]), shares.assign(model=mixed))
    with pytest.raises(SelfCheckFailed, match="clean, no environment"):
        verdict.require()


def test_a_page_is_made_again_and_what_is_not_there_is_named(done, tmp_path, caplog):
    report = done / "report"
    assert main([str(report), "--only", "doses", "shares"]) == 0
    assert main([str(report), "--only", "dose"]) == 2 and "did you mean 'doses'" in caplog.text
    assert main([str(tmp_path)]) == 2 and "holds no self-check" in caplog.text


def test_a_misspelt_key_is_named_before_anything_is_drawn(config, tmp_path):
    bad = copy.deepcopy(config)
    bad["selfcheck"]["margn"] = 0.1
    with pytest.raises(Exception, match="did you mean 'margin'"):
        run_selfcheck(bad, tmp_path)
