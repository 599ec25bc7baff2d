"""Several engines as one: nothing lost, nothing twice, no orphan."""

import dataclasses
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from synth.engine import CannotConnect, EngineError, StartFailed, open_engine
from synth.errors import UnknownName
from synth.factors import ClipSpec, Environment, MotionRef, Viewpoint
from synth.motion import catalogue

BASE = ClipSpec(
    motion=MotionRef(activity="squat"), environment=Environment(name="plane"), num_frames=2, width=32, height=32
)
SPECS = [
    dataclasses.replace(BASE, motion=MotionRef(activity=name), viewpoint=Viewpoint(azimuth_deg=azimuth))
    for name in ("squat", "wave")
    for azimuth in range(0, 360, 20)
]


@pytest.fixture(scope="module")
def pool():
    with open_engine(workers=2) as pool:
        yield pool


def test_two_engines_draw_every_clip_once_and_as_one_would(pool, engine):
    found = {spec: arrays["frames"] for spec, arrays, _ in pool.capture(SPECS)}
    assert set(found) == set(SPECS)
    alone = {spec: arrays["frames"] for spec, arrays, _ in engine.capture(SPECS)}
    assert all(np.array_equal(found[spec], alone[spec]) for spec in SPECS)


def test_an_empty_study_is_done_at_once(pool):
    assert list(pool.capture([])) == []


def test_engines_that_run_already_are_used_and_left_alone(pool):
    port = pool.engines[0].process.port
    with pytest.raises(CannotConnect, match="one client at a time"), open_engine(launch="remote", port=port):
        pass
    assert pool.identity()["engine"] == "ceteris-stage"


def test_a_running_engine_draws_what_a_started_one_does(pool, stage):
    started = {spec: arrays["frames"] for spec, arrays, _ in pool.capture(SPECS[:2])}
    with open_engine(launch="remote", port=stage.port) as remote:
        assert remote.identity() == pool.identity()
        for spec, arrays, _ in remote.capture(SPECS[:2]):
            assert np.array_equal(arrays["frames"], started[spec])
    assert stage.process.poll() is None, "a session's end must not end an engine that is not ours"


def test_leaving_early_ends_the_sessions_and_the_processes(shared):
    with open_engine(workers=1, assets_root=shared / "data") as pool:
        recorded = catalogue.references("walk", source="cmu", n=1)[0]
        specs = [dataclasses.replace(spec, motion=recorded) for spec in SPECS]
        _, arrays, _ = next(pool.capture(specs, ["mask"]))
        assert arrays["mask"].any()
    assert all(engine.process.process.poll() is not None for engine in pool.engines)


def test_a_death_costs_a_second_try_and_no_clip():
    with open_engine(workers=2, backoff_s=0) as pool:
        done = []
        for spec, _, _ in pool.capture(SPECS):
            done.append(spec)
            if len(done) == 1:
                pool.engines[0].process.process.kill()
        assert len(done) == len(SPECS) and set(done) == set(SPECS)


def test_an_error_of_one_engine_is_raised(pool):
    bad = dataclasses.replace(BASE, motion=MotionRef(activity="sqat"))
    with pytest.raises(EngineError, match="did you mean 'squat'"):
        list(pool.capture([*SPECS, bad]))
    assert len(list(pool.capture(SPECS[:3]))) == 3


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"launch": "embeded"}, UnknownName, "did you mean 'embedded'"),
        ({"profile": "stag"}, UnknownName, "did you mean 'stage'"),
        ({"workers": 0}, EngineError, "neither auto nor a number"),
        ({"launch": "remote", "port": 99999}, EngineError, "99999 is no port"),
        ({"deadline_s": "abc"}, EngineError, "deadline_s = 'abc' is no number above 0"),
        ({"reply_mb": -1}, EngineError, "reply_mb"),
        ({"device": 0}, EngineError, "engine.device = 0 is neither"),
        ({"device": "cuda:7"}, StartFailed, "cuda:7"),
        ({"launch": "remote", "port": 1}, CannotConnect, "no engine answers at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_opened_is_said(options, error, says):
    with pytest.raises(error, match=says), open_engine(**{"workers": 1, **options}):
        pass


def test_a_killed_study_leaves_no_engine():
    code = (
        "from synth.engine import open_engine\n"
        "import time\n"
        "with open_engine(workers=1) as pool:\n"
        "    process = pool.engines[0].process\n"
        "    print(process.process.pid, process.folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    study = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    number, folder = study.stdout.readline().split()
    engine = int(number)
    study.send_signal(signal.SIGKILL)
    study.wait()
    end = time.monotonic() + 10
    while alive(engine):
        assert time.monotonic() < end, "the engine outlives its study"
        time.sleep(0.05)
    assert not os.path.exists(folder), "its log is left behind"


def alive(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
