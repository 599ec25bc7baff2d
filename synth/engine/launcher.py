"""Starting and ending an engine process, as one would a packaged Unreal binary.

The process gets a group of its own, so that ending it leaves nothing behind; it also ends itself when we die, because
its standard input then closes. Its log goes to a file: readiness is a line in it (connecting as a probe would use up
the one session that a plugin on Linux grants), and its last lines explain a death.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from synth.engine.errors import StartFailed

LOG = logging.getLogger(__name__)
READY = "Engine is initialized"
TAIL_LINES = 15
STOP_S = 5.0
_POLL_S = 0.05
_PORT = re.compile(r"listening on \S+?:(\d+)")
_ROOT = Path(__file__).resolve().parents[2]


def stage_command(*, device: str = "cpu", assets_root: Path | str | None = None) -> list[str]:
    """The command line of the embedded engine on any free port of this machine."""
    line = [sys.executable, "-m", "synth.stage", "--port", "0", "--exit-with-parent", "--device", device]
    return line + ([] if assets_root is None else ["--assets-root", str(Path(assets_root).resolve())])


class EngineProcess:
    """A running engine. `await_ready` before use, `stop` after; `port` is known once it is ready.

    Args:
        command: the command line; its log must say `Engine is initialized`, and before that `listening on host:port`
        unless the port is known. port: where it will listen, 0 where its log says it.
    Raises StartFailed where the program is not there.
    """

    def __init__(self, command: Sequence[str], *, port: int = 0):
        self.folder = Path(tempfile.mkdtemp(prefix="ceteris-engine-"))
        self._log_path = self.folder / "engine.log"
        self.port = port
        self._stopped = False
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        # One engine per core: threads of numerical libraries would only get in each other's way.
        extra = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
        extra["CETERIS_ENGINE_FOLDER"] = str(self.folder)  # removed by the engine where we are killed
        try:
            with open(self._log_path, "wb") as log:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    env=os.environ | extra,
                    start_new_session=True,
                )
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise StartFailed(f"cannot start {command[0]}: {error}") from error

    def await_ready(self, deadline_s: float) -> None:
        """Wait for the line that says so; raises StartFailed with the log's end if it does not come in time."""
        end = time.monotonic() + deadline_s
        while READY not in (log := self.log()):
            if self.process.poll() is not None:
                raise StartFailed(
                    f"the engine ended with code {self.process.returncode} before it was ready:\n{self.tail()}"
                )
            if time.monotonic() > end:
                hint = "raise engine.start_deadline_s, or see why in its log"
                raise StartFailed(f"the engine was not ready within {deadline_s:g} s; {hint}:\n{self.tail()}")
            time.sleep(_POLL_S)
        if self.port:
            return
        if not (found := _PORT.search(log)):
            raise StartFailed(f"the engine's log names no port:\n{self.tail()}")
        self.port = int(found[1])

    def log(self) -> str:
        """Everything that the engine has written so far; nothing once it was stopped."""
        try:
            return self._log_path.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def tail(self) -> str:
        """The last lines of the log, indented."""
        return "\n".join(f"    {line}" for line in self.log().splitlines()[-TAIL_LINES:]) or "    (its log is empty)"

    def death(self, patience_s: float = 5.0) -> str | None:
        """Why the process is gone, with the log's end; None while it runs. A connection ends before its process."""
        try:
            code = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return None
        cause = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"the engine (process {self.process.pid}) {cause}; the end of its log:\n{self.tail()}"

    def resident_mb(self) -> float:
        """Memory that the processes of the group hold, MB; 0 where there is no /proc to tell."""
        return sum(_resident_mb(path) for path in Path("/proc").glob("[0-9]*/stat") if _group(path) == self.process.pid)

    def stop(self) -> None:
        """End the whole group, kindly first, and remove its folder. Harmless when called again."""
        if self._stopped:
            return
        self._stopped = True
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            LOG.warning("the engine (process %d) did not end in %g s and is killed", self.process.pid, STOP_S)
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self.process.wait()
        self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number: int) -> None:
        if os.name == "nt":  # by the same rules; never tried on Windows, which knows no groups of processes
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.process.pid)], capture_output=True)
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            LOG.debug("the engine's group %d is gone", self.process.pid)


def _fields(path: Path) -> list[str]:
    """What a stat file of /proc says after the program's name, which may hold blanks; nothing once it is gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _group(path: Path) -> int:
    fields = _fields(path)
    return int(fields[2]) if fields else 0


def _resident_mb(path: Path) -> float:
    fields = _fields(path)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if fields else 0.0
