"""The client side of the wire: starts or finds engines, says what they should show, and brings the clips home.

    with open_engine(device="cpu", workers=2) as engine:
        for spec, arrays, camera in engine.capture(specs, ["frames", "mask"]):
            ...

`engine.identity()` and `engine.digest(kind, name)` tell what a clip's id is made of.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from synth.engine.capture import Engine
from synth.engine.errors import (
    CannotConnect,
    EngineDied,
    EngineError,
    EngineLacks,
    EngineLost,
    EngineRefused,
    EngineTimeout,
    ProfileError,
    StartFailed,
)
from synth.engine.launcher import EngineProcess, stage_command
from synth.engine.needs import require
from synth.engine.pool import EnginePool
from synth.engine.profile import Profile, load_profile
from synth.errors import UnknownName

__all__ = [
    "CannotConnect",
    "Engine",
    "EngineDied",
    "EngineError",
    "EngineLacks",
    "EngineLost",
    "EnginePool",
    "EngineRefused",
    "EngineTimeout",
    "Profile",
    "ProfileError",
    "StartFailed",
    "load_profile",
    "open_engine",
    "require",
]


@contextlib.contextmanager
def open_engine(
    *,
    launch: str = "embedded",
    profile: str | Path | Mapping = "stage",
    device: str = "cpu",
    workers: int | str = "auto",
    assets_root: Path | str | None = None,
    host: str = "127.0.0.1",
    port: int = 9000,
    deadline_s: float = 120.0,
    start_deadline_s: float = 300.0,
    reply_mb: float = 16.0,
) -> Iterator[EnginePool]:
    """Engines ready for use, ended on leaving.

    Args:
        launch: "embedded" starts engines of ours, "remote" uses the one that listens at host:port.
        profile: the command profile, a name in conf/engine/profile, a YAML file, or its content.
        device: "cpu", or a GPU such as "cuda:0". assets_root: where downloaded motions lie.
        workers: how many engines to start; "auto" is one per core on the CPU and one on a GPU.
        deadline_s: for one reply. start_deadline_s: for the start. reply_mb: the largest reply asked for.
    Raises EngineError for an option that cannot be, StartFailed, CannotConnect, ProfileError, UnknownName.
    """
    _check(port=port, deadline_s=deadline_s, start_deadline_s=start_deadline_s, reply_mb=reply_mb)
    if not isinstance(device, str):
        raise EngineError(f"engine.device = {device!r} is neither cpu nor a GPU such as cuda:0")
    commands = load_profile(profile)
    limits = {"deadline_s": deadline_s, "reply_mb": reply_mb}
    with contextlib.ExitStack() as stack:
        if launch == "embedded":
            line = stage_command(device=device, assets_root=assets_root)
            processes = []
            for _ in range(_count(workers, device)):
                processes.append(EngineProcess(line))
                stack.callback(processes[-1].stop)
            engines = [_attach(process, commands, start_deadline_s, limits) for process in processes]
        elif launch == "remote":
            engines = [Engine(commands, host=host, port=port, **limits)]
        else:
            raise UnknownName("way to launch an engine", launch, ("embedded", "remote"))
        pool = EnginePool(engines)
        stack.callback(pool.close)
        yield pool


def _attach(process: EngineProcess, profile: Profile, start_deadline_s: float, limits: Mapping) -> Engine:
    process.await_ready(start_deadline_s)
    return Engine(profile, host="127.0.0.1", port=process.port, process=process, **limits)


def _check(*, port: int, **positive: float) -> None:
    """Raises EngineError for a port that cannot be, and for limits that are no numbers above 0."""
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise EngineError(f"engine.port = {port!r} is no port (1 to 65535)")
    for name, value in positive.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise EngineError(f"engine.{name} = {value!r} is no number above 0")


def _count(workers: int | str, device: str) -> int:
    if workers == "auto":
        return len(os.sched_getaffinity(0)) if device == "cpu" else 1
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise EngineError(f"engine.workers = {workers!r} is neither auto nor a number of engines above 0")
    return workers
