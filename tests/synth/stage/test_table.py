"""docs/unrealcv.md has every command of the stage, no other, and every command of the plugin."""

import json
import os
import re
from pathlib import Path

import pytest
import unrealcv

PAGE = Path(__file__).resolve().parents[3] / "docs" / "unrealcv.md"


def templates(cell):
    """The commands of a first cell; `verb ·a` … `verb ·b` is a row of them."""
    codes = re.findall(r"`([^`]+)`", cell)
    if "·" not in codes[0]:
        return codes
    verb, (first, last) = codes[0].split()[0], (int(code.rpartition("·")[2]) for code in codes)
    return [verb + " [str]" * count for count in range(first, last + 1)]


@pytest.fixture(scope="module")
def table():
    """{command: (plugin, stage)}"""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if re.match(r"\| `v", line)]
    return {command: (row[1], row[2].strip(" |")) for row in rows for command in templates(row[0])}


def test_the_table_and_the_running_stage_have_the_same_commands(table, stage):
    client = unrealcv.Client(("127.0.0.1", stage.port))
    assert client.connect()
    has = set(client.request("vget /unrealcv/commands").splitlines())
    client.disconnect()
    said = {command for command, (_, here) in table.items() if here != "no"}
    assert said == has, f"in the table alone: {sorted(said - has)}, in the stage alone: {sorted(has - said)}"


def test_the_table_has_every_command_of_the_plugin(table):
    if not (clone := os.environ.get("CETERIS_UNREALCV_CLONE")):
        pytest.skip("CETERIS_UNREALCV_CLONE names no clone of unrealcv/unrealcv")
    schema = json.loads((Path(clone) / "docs" / "reference" / "command_schema.json").read_text())
    theirs = {
        command[key] for command in schema["commands"] for key in ("uri", "template", "command") if key in command
    }
    assert len(theirs) == 95
    assert theirs == {command for command, (plugin, _) in table.items() if plugin in ("yes", "refused")} - {
        "vbatch [uint]"
    }
