"""docs/models.md: its example is the one that runs, its names exist, and its commands are taken."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest
import torch
import yaml

from docs.examples import own_model
from experiments.chosen_models import chosen_models, model_facts
from experiments.models import InputSpec, load, model_names
from experiments.models.card import MODEL_DIR
from experiments.models.check import check_model
from experiments.models.families import FAMILIES
from experiments.models.input import CROPS, INTERPOLATIONS, MODALITIES, SAMPLINGS
from experiments.models.own_code import KEYS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_page_shows_the_example_that_runs():
    assert blocks("python")[0] == inspect.getsource(own_model.FrameDifferences)
    assert yaml.safe_load(blocks("yaml")[0]) == yaml.safe_load(own_model.CARD.read_text())


def test_the_example_keeps_the_contract():
    adapter = load(str(own_model.CARD))
    held = check_model(adapter)
    assert len(held) == 15 and adapter.layers() == ["stem", "block"]


def test_the_example_scores_a_rendered_clip():
    scores = own_model.main()
    assert list(scores)[2] == "squat" and sum(scores.values()) == pytest.approx(1.0, abs=1e-5)


def test_a_run_takes_the_card():
    config = {
        "models": [str(own_model.CARD)],
        "weights": None,
        "device": "cpu",
        "scoring": {"precision": None, "compile": False},
        "assets": {"root": None},
    }
    (card,) = chosen_models(config)
    facts = model_facts(card, ["squat", "wave"])
    assert facts["name"] == "own_model" and facts["activities"] == "its classes of the same names"


def test_the_last_code_of_the_page_runs_as_it_stands(monkeypatch):
    monkeypatch.chdir(ROOT)
    names: dict = {}
    exec(blocks("python")[-1], names)
    assert isinstance(names["model"].net.stem, torch.nn.Conv3d)


def test_the_names_on_the_page_exist():
    fields = {field.name for field in dataclasses.fields(InputSpec)}
    table = PAGE.partition("| field | |")[2].partition("\n\n")[0]
    firsts = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for first in firsts for name in re.findall(r"`(\w+)`", first)}
    assert named == {name for name in fields if not name.startswith("flow_")} - {"height", "width"}
    for known in (MODALITIES, SAMPLINGS, CROPS, INTERPOLATIONS):
        assert all(f"`{name}`" in PAGE for name in known)
    assert all(f"`{key}`" in PAGE or f"`{key}: " in PAGE for key in KEYS)
    shown = set(re.findall(r"^family: (\w+)", PAGE, re.MULTILINE))
    assert shown == {"own", "hugging_face"} and shown <= set(FAMILIES)
    for name in ("i3d_rgb_imagenet", "videomae_base_kinetics"):
        assert name in PAGE and name in model_names()


def test_every_card_that_ships_is_of_a_family():
    families = {path.stem: yaml.safe_load(path.read_text())["family"] for path in MODEL_DIR.glob("*.yaml")}
    assert set(families.values()) <= set(FAMILIES)
