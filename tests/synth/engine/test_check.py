"""The conformance checker holds for the stage, and finds each fault of an engine that has one."""

import contextlib
import io
import re
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest

from synth.engine import check
from synth.engine.probe import HEIGHT
from synth.engine.session import EngineClient
from synth.stage.encoding import npy, png
from synth.stage.server import Server


def table(port, *options):
    """Exit code, and {clause: state}."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = check.main(["--port", str(port), "--appearance", "ana", "--environment", "plane", *options])
    rows = re.findall(r"^(\S.*?) {2,}(holds|FAILS|lacks|not run)  ", printed.getvalue(), re.M)
    return code, dict(rows)


def test_the_stage_keeps_every_clause(stage):
    code, states = table(stage.port)
    assert code == 0 and set(states.values()) == {"holds"} and len(states) == len(check.CHECKS)


def test_what_a_profile_has_no_command_for_is_told_apart(stage):
    code, states = table(stage.port, "--profile", "ipt2019")
    assert code == 0 and set(states.values()) == {"holds", "lacks"}
    assert states["pose applied"] == "holds" and states["exact time"] == "lacks"


def test_as_a_program(stage):
    line = [sys.executable, "-m", "synth.engine.check", "--port", str(stage.port)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and f"{len(check.CHECKS)} holds" in done.stdout, done.stdout + done.stderr


def test_nobody_there(capsys):
    assert check.main(["--port", "1"]) == 2
    assert "no engine answers at 127.0.0.1:1" in capsys.readouterr().err
    assert check.main(["--profile", "stge"]) == 2


class Broken:
    """An engine with a fault: the stage behind it does the work, the fault is in what is passed on."""

    def __init__(self, port):
        self.client = EngineClient("127.0.0.1", port)
        self.client.connect()

    def execute(self, line):
        reply = self.answer(line)
        return reply if isinstance(reply, bytes) else reply.encode()

    def answer(self, line):
        return self.client.ask([line], deadline_s=60)[0]


class StalePose(Broken):
    """A time is applied only when the next one is set."""

    waiting = "vbp Stage set_time Human 0"

    def answer(self, line):
        if "set_time" not in line:
            return super().answer(line)
        super().answer(self.waiting)
        self.waiting = line
        return f'{{"Result": "ok", "Time": "{line.split()[-1]}"}}'


class FrozenPose(Broken):
    def answer(self, line):
        if "set_time" in line:
            return f'{{"Result": "ok", "Time": "{line.split()[-1]}"}}'
        return super().answer(line)


class CoarseTime(Broken):
    """Times are those of frames at 30 a second."""

    def answer(self, line):
        if "set_time" in line:
            head, _, seconds = line.rpartition(" ")
            line = f"{head} {round(float(seconds) * 30) / 30:.6f}"
        return super().answer(line)


class DepthInMetres(Broken):
    def answer(self, line):
        reply = super().answer(line)
        return npy(np.load(io.BytesIO(reply)) / np.float32(100)) if "/depth" in line else reply


class DepthToTheEye(Broken):
    """Distances, as if the lens had 75 degrees."""

    def answer(self, line):
        reply = super().answer(line)
        if "/depth" not in line:
            return reply
        depth = np.load(io.BytesIO(reply))
        rows, columns = np.indices(depth.shape) + 0.5
        focal = depth.shape[1] / 2 / np.tan(np.radians(75 / 2))
        across = np.hypot(columns - depth.shape[1] / 2, rows - depth.shape[0] / 2)
        return npy((depth * np.hypot(1, across / focal)).astype(np.float32))


class VerticalFov(Broken):
    def answer(self, line):
        if "/fov" in line:
            head, _, fov = line.rpartition(" ")
            half = np.tan(np.radians(float(fov) / 2)) * 160 / HEIGHT
            line = f"{head} {2 * np.degrees(np.arctan(half)):.4f}"
        return super().answer(line)


class Signs(Broken):
    """One number of a command has the other sign."""

    where = ("", 0)

    def answer(self, line):
        words = line.split()
        if self.where[0] in line and words[0] == "vset":
            words[2 + self.where[1]] = f"{-float(words[2 + self.where[1]]):.4f}"
        return super().answer(" ".join(words))


class WrongYaw(Signs):
    where = ("/camera/1/rotation", 1)


class WrongPitch(Signs):
    where = ("/camera/1/rotation", 0)


class WrongRoll(Signs):
    where = ("/camera/1/rotation", 2)


class WrongTurn(Signs):
    where = ("/object/Human/rotation", 1)


class RightHanded(Signs):
    where = ("/object/Human/location", 1)


class FixedColour(Broken):
    def answer(self, line):
        return "ok" if "/object/Human/color" in line else super().answer(line)


class Noisy(Broken):
    """No two pictures are the same."""

    count = 0

    def answer(self, line):
        reply = super().answer(line)
        if "/lit" not in line:
            return reply
        image = cv2.cvtColor(cv2.imdecode(np.frombuffer(reply, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        self.count += 1
        image[0, 0] = self.count
        return png(image)


class SmallPictures(Broken):
    def answer(self, line):
        return super().answer(line.replace("/size 160 120", "/size 120 160"))


class Obliging(Broken):
    """Takes any name."""

    def answer(self, line):
        reply = super().answer(line)
        return '{"Result": "ok"}' if "no/such/name" in line else reply


@pytest.mark.parametrize(
    ("fault", "clauses"),
    [
        (StalePose, {"pose applied", "determinism", "joints move"}),
        (FrozenPose, {"pose applied", "joints move"}),
        (CoarseTime, {"exact time"}),
        (DepthInMetres, {"depth scale"}),
        (DepthToTheEye, {"depth planar"}),
        (VerticalFov, {"camera: focal length, right", "joints on the person"}),
        (WrongYaw, {"camera: yaw"}),
        (WrongPitch, {"camera: pitch"}),
        (WrongRoll, {"camera: roll"}),
        (WrongTurn, {"person's turn"}),
        (RightHanded, {"camera: focal length, right"}),
        (FixedColour, {"mask colours"}),
        (Noisy, {"determinism"}),
        (SmallPictures, {"picture size"}),
        (Obliging, {"unknown names"}),
    ],
)
def test_a_fault_is_found_by_its_clause(stage, fault, clauses):
    engine, server = fault(stage.port), Server(port=0)
    thread = threading.Thread(target=server.serve, args=(engine.execute,), daemon=True)
    thread.start()
    try:
        code, states = table(server.port)
    finally:
        server.stop()
        thread.join(5)
        engine.client.close()
    failed = {name for name, state in states.items() if state != "holds"}
    assert code == 1 and clauses <= failed, failed
