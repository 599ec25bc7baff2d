"""Engine processes: started, waited for, explained when they die, and ended without a trace."""

import os
import sys
import time

import pytest

from synth.engine.errors import StartFailed
from synth.engine.launcher import EngineProcess


def script(text):
    return [sys.executable, "-c", text]


READY = "print('listening on 127.0.0.1:4711'); print('Engine is initialized', flush=True); "


@pytest.fixture
def started():
    processes = []

    def start(text):
        processes.append(EngineProcess(script(text)))
        return processes[-1]

    yield start
    for process in processes:
        process.stop()


def test_ready_is_a_line_of_the_log(started):
    process = started(READY + "import time; time.sleep(60)")
    process.await_ready(10)
    assert process.port == 4711 and process.death(0.01) is None


def test_an_engine_that_ends_at_once_is_explained_by_its_log(started):
    with pytest.raises(StartFailed, match=r"ended with code 2 before it was ready:\n +no such map"):
        started("import sys; print('no such map'); sys.exit(2)").await_ready(10)


def test_an_engine_that_is_never_ready_is_given_up(started):
    with pytest.raises(StartFailed, match=r"not ready within 0.3 s.*engine.start_deadline_s"):
        started("import time; time.sleep(60)").await_ready(0.3)


def test_a_program_that_is_not_there():
    with pytest.raises(StartFailed, match="cannot start /no/such/engine"):
        EngineProcess(["/no/such/engine"])


def test_a_death_is_told_with_its_signal_and_the_end_of_the_log(started):
    process = started(READY + "print('out of memory', flush=True); import os; os.kill(os.getpid(), 9)")
    assert "was killed by SIGKILL" in process.death(10) and "out of memory" in process.death()


def test_stop_ends_children_and_stubborn_processes_and_removes_the_folder(started, monkeypatch):
    monkeypatch.setattr("synth.engine.launcher.STOP_S", 0.3)
    child = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print('child', p.pid, flush=True); "
    process = started("import signal; signal.signal(15, signal.SIG_IGN); " + child + READY + "p.wait()")
    process.await_ready(10)
    number = int(process.log().split("child ")[1].split()[0])
    process.stop()
    assert process.process.poll() is not None and not process.folder.exists()
    assert gone(number)


def gone(pid):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
