"""The stage as a program: help, a taken port, an absent device, and how it ends."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from synth.engine.launcher import EngineProcess, stage_command
from synth.stage.library import build

STAGE = [sys.executable, "-m", "synth.stage"]


def run(*arguments):
    return subprocess.run([*STAGE, *arguments], capture_output=True, text=True, timeout=60)


def test_help_teaches():
    text = run("--help").stdout
    for word in (
        "--port",
        "--device",
        "--assets-root",
        "--write-folder",
        "--expose",
        "vbp Stage set_props",
        "vget /camera/0/lit png",
        "vbp Stage set_motion",
        "Engine is initialized",
    ):
        assert word in text


@pytest.mark.parametrize("arguments", [("--port", "x"), ("--port", "70000"), ("--colour", "red")])
def test_wrong_arguments_are_refused(arguments):
    done = run(*arguments)
    assert done.returncode == 2 and arguments[1] in done.stderr and "Traceback" not in done.stderr


def test_a_taken_port_is_named_without_a_traceback():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = run("--port", port)
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 is in use" in done.stdout and "--port 0" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_an_absent_device_is_named_without_a_traceback():
    done = run("--port", "0", "--device", "cuda:99")
    assert done.returncode == 2 and "cuda:99" in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_an_assets_root_that_is_not_there_is_refused(tmp_path):
    done = run("--assets-root", str(tmp_path / "nothing"))
    assert done.returncode == 2 and "there is no folder" in done.stderr and "nothing" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_other_machines_are_let_in_only_by_who_says_so(host):
    done = run("--host", host, "--port", "0")
    assert done.returncode == 2 and "there is no password" in done.stderr and "--expose" in done.stderr


def test_an_address_of_another_machine_is_refused():
    done = run("--host", "192.0.2.1", "--expose")
    assert done.returncode == 2 and "cannot listen on 192.0.2.1:9000" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to(number):
    process = EngineProcess(stage_command())
    process.await_ready(300)
    os.kill(process.process.pid, number)
    assert process.process.wait(10) == 0
    assert "told to end" in process.log() and "Traceback" not in process.log()
    process.stop()


def test_the_build_is_stable():
    assert build() == build() and len(build()) == 16
