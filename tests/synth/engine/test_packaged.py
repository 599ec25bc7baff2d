"""Packaged binaries: found, started by the plugin's rules, replaced when their one session is lost, ended wholly."""

import dataclasses
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from synth.engine import EngineError, StartFailed, open_engine
from synth.engine.launcher import EngineProcess
from synth.engine.packaged import WARDEN, Package, find_binary
from synth.factors import ClipSpec, Environment, MotionRef, Viewpoint

BASE = ClipSpec(
    motion=MotionRef(activity="squat"), environment=Environment(name="plane"), num_frames=2, width=32, height=32
)
SPECS = [dataclasses.replace(BASE, viewpoint=Viewpoint(azimuth_deg=azimuth)) for azimuth in (0, 90, 180)]


@pytest.fixture
def package(tmp_path):
    """The folder of a package named Street, its program a stand-in."""
    program = tmp_path / "Linux" / "Street" / "Binaries" / "Linux" / "Street"
    program.parent.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("package.py"), program)
    program.write_text(f"#!{sys.executable}\n{program.read_text()}")
    program.chmod(0o755)
    (tmp_path / "Linux" / "Street.sh").write_text("#!/bin/sh\n")
    return tmp_path / "Linux"


@pytest.fixture
def options(package, plain_profile):
    return {
        "launch": "packaged",
        "binary": package,
        "profile": {"profile": "plain", "commands": dict(plain_profile.commands)},
        "session": ["vset /viewmode lit"],
        "warmup_captures": 1,
        "backoff_s": 0.0,
        "gpus": [1],
    }


def test_a_package_draws_what_the_stage_does_and_is_replaced_when_its_session_is_lost(options, package, engine):
    with open_engine(**options) as pool:
        identity = pool.identity()
        first = pool.engines[0].process
        log = first.log()
        assert "-graphicsadapter=1" in log and "-ResX=640" in log and f"-cvport {first.port}" in log
        assert f"Port={first.port}\n" in (package / "Street" / "Binaries" / "Linux" / "unrealcv.ini").read_text()
        pool.engines[0].abort()
        clips = {spec: arrays for spec, arrays, _ in pool.capture(SPECS, ["frames"])}
        second = pool.engines[0].process
        assert second is not first and gone(first.process.pid) and len(group(second.process.pid)) == 3
    assert gone(second.process.pid)
    assert set(clips) == set(SPECS)
    assert {"session", "profile"} <= set(identity), "what is said of the camera is part of a clip's identity"
    for spec, arrays, _ in engine.capture(SPECS, ["frames"]):
        assert np.array_equal(arrays["frames"], clips[spec]["frames"])


def group(pid):
    """The processes of a group."""
    stats = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            stats.append(path.read_text().rpartition(")")[2].split())
        except OSError:
            continue
    return [fields for fields in stats if int(fields[2]) == pid and fields[0] != "Z"]


def gone(pid):
    """Whether a group ends within some seconds."""
    end = time.monotonic() + 5
    while group(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not group(pid)


def test_a_package_that_ends_at_once_is_explained(package, options):
    program = package / "Street" / "Binaries" / "Linux" / "Street"
    program.write_text("#!/bin/sh\necho no vulkan driver\nexit 3\n")
    with pytest.raises(StartFailed, match=r"(?s)ended with code 3.*no vulkan driver"), open_engine(**options):
        pass


def test_a_binary_is_found_by_its_script_and_its_folder(package):
    program = package / "Street" / "Binaries" / "Linux" / "Street"
    assert find_binary(package) == find_binary(package / "Street.sh") == find_binary(str(program)) == program
    with pytest.raises(EngineError, match="no program there; give the path"):
        find_binary(package / "Street")
    program.chmod(0o644)
    with pytest.raises(EngineError, match="chmod"):
        find_binary(program)


@pytest.mark.parametrize(("given", "says"), [({"binary": None}, "engine.binary is not set"), ({"gpus": [-1]}, "gpus")])
def test_options_that_cannot_be_are_said(options, given, says):
    with pytest.raises(EngineError, match=says), open_engine(**options | given):
        pass


def test_a_package_does_not_outlive_a_launcher_that_is_killed(tmp_path):
    code = (
        "import sys, time\n"
        "from synth.engine.launcher import EngineProcess\n"
        f"process = EngineProcess([sys.executable, {str(WARDEN)!r}, 'sh', '-c', 'sleep 600 & sleep 600'], port=1)\n"
        "print(process.process.pid, process.folder, flush=True)\n"
        "time.sleep(60)\n"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid, folder = launcher.stdout.readline().split()
    end = time.monotonic() + 10
    while len(group(int(pid))) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    launcher.kill()
    launcher.wait()
    assert gone(int(pid)) and not os.path.exists(folder)


def test_the_warden_ends_as_its_program_did():
    process = EngineProcess([sys.executable, str(WARDEN), "sh", "-c", "echo out of memory; kill -9 $$"], port=1)
    assert "was killed by SIGKILL" in process.death(10) and "out of memory" in process.tail()
    process.stop()
    assert subprocess.run([sys.executable, str(WARDEN), "/no/such"], stdin=subprocess.PIPE).returncode == 127


def test_a_package_without_a_writable_folder_is_told_its_port_on_the_command_line(tmp_path, caplog):
    package = Package(binary=tmp_path / "gone" / "Street", level="Lawn")
    package.write_ini(4711)
    assert "-cvport alone" in caplog.text
    command = package.command(4711)
    assert command[command.index("-cvport") + 1] == "4711" and command[3] == "Lawn"
