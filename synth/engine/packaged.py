"""A packaged Unreal binary with the UnrealCV plugin, started as its source says that it must be.

The real program is run and not the script beside it, so that ending it ends it; `-cvport` has its value after a blank,
since the plugin reads it without an equals sign; `unrealcv.ini` lies beside the program. A port is chosen here, because
the plugin takes no "any". Nothing probes it: on Linux the plugin speaks TCP with the first client alone, so that the
first connection must be the session itself, and an engine whose session was lost is started anew, never called again.
Written after the plugin's source (1.0.1) and tried with a program that behaves as that says; no Unreal binary was at
hand, and nothing was tried on Windows.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth.engine.capture import Engine
from synth.engine.errors import CannotConnect, EngineError, EngineLost, StartFailed
from synth.engine.launcher import EngineProcess
from synth.engine.profile import Profile
from synth.whole import whole

LOG = logging.getLogger(__name__)
WARDEN = Path(__file__).with_name("warden.py")
FLAGS = ("-RenderOffScreen", "-windowed", "-unattended", "-nosplash", "-nosound")
PLATFORMS = ("Linux", "Win64")
INI = """[UnrealCV.Core]
Port={port}
Width={width}
Height={height}
FOV=90.000000
EnableInput=False
EnableRightEye=False
"""
_POLL_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Package:
    """binary: the program. level: the map it opens, its own default where empty. gpu: the graphics adapter's number,
    None for the driver's choice. width, height: of its window. arguments: whatever else it is told."""

    binary: Path
    level: str = ""
    gpu: int | None = None
    width: int = 640
    height: int = 480
    arguments: Sequence[str] = ()

    def command(self, port: int) -> list[str]:
        """The command line, its warden before it."""
        line = [sys.executable, str(WARDEN), str(self.binary), *filter(None, [self.level]), *FLAGS]
        line += [f"-ResX={self.width}", f"-ResY={self.height}"]
        line += [] if self.gpu is None else [f"-graphicsadapter={self.gpu}"]
        return [*line, "-cvport", str(port), *self.arguments]

    def write_ini(self, port: int) -> None:
        """`unrealcv.ini` beside the program; where it cannot be written, the command line alone must do."""
        path = self.binary.with_name("unrealcv.ini")
        try:
            with whole(path) as partial:
                partial.write_text(INI.format(port=port, width=self.width, height=self.height))
        except OSError as error:
            LOG.warning("%s cannot be written (%s); the engine is told its port by -cvport alone", path, error)

    def start(self) -> EngineProcess:
        """The engine, starting on a free port; raises StartFailed."""
        port = free_port()
        self.write_ini(port)
        return EngineProcess(self.command(port), port=port)


def find_binary(given: str | Path) -> Path:
    """The program of a package: itself, its `Project.sh`, or the package's folder. Raises EngineError."""
    path = Path(given).expanduser().resolve()
    if path.is_dir():
        found = [p for name in PLATFORMS for p in path.glob(f"*/Binaries/{name}/*") if _is_program(p)]
    elif path.suffix == ".sh":
        found = [p for p in [path.parent / path.stem / "Binaries" / "Linux" / path.stem] if p.is_file()]
    else:
        found = [path] if path.is_file() else []
    if len(found) != 1:
        seen = f"{len(found)} programs: {', '.join(p.name for p in found)}" if found else "no program"
        raise EngineError(f"engine.binary = {given}: {seen} there; give the path of PROJECT/Binaries/Linux/PROJECT")
    if not os.access(found[0], os.X_OK):
        raise EngineError(f"engine.binary = {found[0]} may not be executed; `chmod +x` it")
    return found[0]


def _is_program(path: Path) -> bool:
    return path.is_file() and path.suffix in ("", ".exe") and os.access(path, os.X_OK)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def attach(process: EngineProcess, profile: Profile, start_deadline_s: float, options: Mapping) -> Engine:
    """A session with a package that is starting.

    The port opens long before the level is loaded, and requests wait until then: the first one has the whole deadline
    of the start. Raises StartFailed.
    """
    end = time.monotonic() + start_deadline_s
    try:
        engine = _connect(process, profile, end, options)
        engine.await_answer(max(1.0, end - time.monotonic()))
    except EngineLost as error:
        process.stop()
        raise StartFailed(f"the engine listened but was not ready within {start_deadline_s:g} s: {error}") from error
    except StartFailed:
        process.stop()
        raise
    return engine


def _connect(process: EngineProcess, profile: Profile, end: float, options: Mapping) -> Engine:
    while True:
        try:
            return Engine(profile, host="127.0.0.1", port=process.port, process=process, **options)
        except CannotConnect as error:
            if death := process.death(_POLL_S):
                raise StartFailed(death) from error
            if time.monotonic() > end:
                raise StartFailed(f"{error}; the end of its log:\n{process.tail()}") from error
