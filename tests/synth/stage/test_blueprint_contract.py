"""The contract of the actor Stage in unreal/README.md is the one that the embedded engine answers."""

import inspect
import json
import re
from pathlib import Path

import pytest
import unrealcv

from synth.stage.stage_commands import Blueprint

PAGE = Path(__file__).resolve().parents[3] / "unreal" / "README.md"
CALLS = {
    "identity": "", "digest": "motion authored/squat/0", "list_appearances": "", "list_backgrounds": "",
    "list_props": "", "set_motion": "Human authored/squat/0", "set_time": "Human 0.5", "set_root": "Human in_place",
    "set_manner": "Human 0 1 0 0 0 none", "set_props": "Human own", "set_appearance": "Human ana",
    "set_background": "plane", "set_sun": "-40 50 1 5600 1",
}  # fmt: skip


@pytest.fixture(scope="module")
def contract():
    """{function: (number of arguments, out-parameters)}"""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\| (.*) \|$", PAGE.read_text(), re.M)
    return {
        name: (len(list(filter(None, words.split("; ")))), re.findall(r"`([A-Z]\w+)`", told))
        for name, words, told in rows
    }


def test_the_table_has_every_function_and_no_other(contract):
    functions = {name for name in vars(Blueprint) if name.startswith(("_set", "_list", "_identity", "_digest"))}
    assert set(contract) == {name.removeprefix("_") for name in functions} == set(CALLS)


def test_arguments_are_counted_as_the_engine_counts_them(contract):
    for name, (count, _) in contract.items():
        assert count == len(inspect.signature(getattr(Blueprint, f"_{name}")).parameters) - 1, name


def test_the_running_stage_answers_as_the_table_says(contract, stage):
    client = unrealcv.Client(("127.0.0.1", stage.port))
    assert client.connect()
    for name, words in CALLS.items():
        answer = json.loads(client.request(f"vbp Stage {name} {words}".strip()))
        assert list(answer) == contract[name][1], name
        assert all(isinstance(value, str) for value in answer.values())
    client.disconnect()


def test_it_is_said_that_no_unreal_was_at_hand():
    assert "No Unreal Engine was at hand" in PAGE.read_text()
    assert "No Unreal binary was at hand" in (PAGE.parents[1] / "docs" / "unrealcv.md").read_text()
