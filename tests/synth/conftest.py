"""One engine process for all tests that need one; sessions with it follow each other."""

import dataclasses

import pytest

from synth.engine import Engine, load_profile
from synth.engine.launcher import EngineProcess, stage_command


@pytest.fixture(scope="session")
def stage():
    """The embedded engine, running."""
    process = EngineProcess(stage_command())
    process.await_ready(300)
    yield process
    process.stop()


@pytest.fixture
def engine(stage):
    """A session with it."""
    engine = Engine(load_profile("stage"), host="127.0.0.1", port=stage.port)
    yield engine
    engine._client.close()


@pytest.fixture
def plain_profile():
    """The stage's profile without its bulk commands: what an Unreal package can do."""
    profile = load_profile("stage")
    commands = {name: line for name, line in profile.commands.items() if not name.startswith("capture")}
    return dataclasses.replace(profile, name="plain", commands=commands)
