"""Engines by the way they are had: started here, started from a package, or running already."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from synth.cluster import Executor, joined
from synth.engine.capture import Engine
from synth.engine.errors import EngineError
from synth.engine.faults import Limits
from synth.engine.launcher import EngineProcess, stage_command
from synth.engine.packaged import Package, attach, find_binary
from synth.engine.pool import EnginePool
from synth.engine.profile import Profile, load_profile
from synth.engine.worker import Way, Worker
from synth.errors import UnknownName


@contextlib.contextmanager
def open_engine(
    *,
    executor: Mapping | None = None,
    workers: int | str = "auto",
    start_deadline_s: float = 300.0,
    attempts: int = Limits.attempts,
    backoff_s: float = Limits.backoff_s,
    straggler: float = Limits.straggler,
    recycle_clips: int | None = None,
    recycle_mb: float | None = None,
    **how,
) -> Iterator[EnginePool]:
    """Engines ready for use, ended on leaving.

    Args:
        executor: where they run, fields of `synth.cluster.Executor`; by default on this machine.
        workers: how many engines to start; "auto" is one per core on the CPU, one on a GPU, one per entry of gpus; on a
            cluster as many as fit.
        start_deadline_s: for the start.
        attempts, backoff_s, straggler, recycle_clips, recycle_mb: see `Limits`.
        how: which engines, and how to speak to them: see `local_ways`.
    Raises EngineError for an option that cannot be, StartFailed, CannotConnect, ProfileError, UnknownName,
    ClusterError.
    """
    where = Executor(**executor or {})
    limits = Limits(
        attempts=attempts, backoff_s=backoff_s, straggler=straggler, recycle_clips=recycle_clips, recycle_mb=recycle_mb
    )
    with contextlib.ExitStack() as stack:
        if where.distant:
            stack.enter_context(joined(where))
            ways = _distant_ways(where, workers, start_deadline_s, how)
        else:
            ways = local_ways(workers=workers, start_deadline_s=start_deadline_s, **how)
        pool = _open(ways, limits, stack)
        stack.callback(pool.close)
        yield pool


def local_ways(
    *,
    launch: str = "embedded",
    profile: str | Path | Mapping | Profile = "stage",
    device: str = "cpu",
    workers: int | str = "auto",
    assets_root: Path | str | None = None,
    binary: Path | str | None = None,
    level: str = "",
    gpus: Sequence[int] = (),
    arguments: Sequence[str] = (),
    session: Sequence[str] = (),
    warmup_captures: int = 0,
    host: str = "127.0.0.1",
    port: int = 9000,
    deadline_s: float = 120.0,
    start_deadline_s: float = 300.0,
    reply_mb: float = 16.0,
) -> list[Way]:
    """How each of the engines is had.

    Args:
        launch: "embedded" starts engines of ours, "packaged" an Unreal binary, "remote" uses the engine that listens
            at host:port.
        profile: the command profile, a name in conf/engine/profile, a YAML file, or its content.
        device: "cpu", or a GPU such as "cuda:0". assets_root: where downloaded motions lie.
        binary, level, gpus, arguments: of a package; see `Package`. Engines take turns at gpus.
        session, warmup_captures: see `Engine`.
        deadline_s: for one reply. reply_mb: the largest reply asked for.
    """
    _check(device, port, deadline_s=deadline_s, start_deadline_s=start_deadline_s, reply_mb=reply_mb)
    speaks = {"deadline_s": deadline_s, "reply_mb": reply_mb, "session": session, "warmup_captures": warmup_captures}
    commands = load_profile(profile)
    if launch == "embedded":
        line = stage_command(device=device, assets_root=assets_root)
        ready = partial(_attach, profile=commands, start_deadline_s=start_deadline_s, options=speaks)
        return [Way(partial(EngineProcess, line), ready)] * _count(workers, device)
    if launch == "packaged":
        ready = partial(attach, profile=commands, start_deadline_s=start_deadline_s, options=speaks)
        return [Way(package.start, ready) for package in _packages(binary, level, gpus, arguments, workers)]
    if launch == "remote":
        return [Way(lambda: None, lambda _: Engine(commands, host=host, port=port, **speaks))]
    raise UnknownName("way to launch an engine", launch, ("embedded", "packaged", "remote"))


def _distant_ways(where: Executor, workers: int | str, start_deadline_s: float, how: Mapping) -> list[Way]:
    from synth.engine import distant  # imports nothing of Ray before it is wanted

    if how.get("launch") == "remote":
        raise EngineError("engine=remote is one engine that runs already; executor=ray starts its own: choose one")
    if how.get("gpus"):
        raise EngineError("engine.gpus numbers the adapters of one machine; on a cluster say executor.engine_gpus=1")
    fit = where.room()
    count = fit if workers == "auto" else _count(workers, "cpu")
    if count > fit:
        raise EngineError(f"workers = {workers}, but {fit} engines fit the cluster; start more nodes or ask for fewer")
    options = {**how, "start_deadline_s": start_deadline_s, "profile": load_profile(how.get("profile", "stage"))}
    ready = partial(distant.attach, start_deadline_s=start_deadline_s)
    return [Way(partial(distant.Seat, options, where), ready)] * count


def _open(ways: Sequence[Way], limits: Limits, stack: contextlib.ExitStack) -> EnginePool:
    """All processes are started before the first is waited for."""
    processes = []
    for way in ways:
        processes.append(way.start())
        if processes[-1] is not None:
            stack.callback(processes[-1].stop)
    pairs = zip(ways, processes, strict=True)
    return EnginePool([Worker(way.attach(process), way, limits) for way, process in pairs], limits)


def _attach(process: EngineProcess, profile: Profile, start_deadline_s: float, options: Mapping) -> Engine:
    try:
        process.await_ready(start_deadline_s)
        return Engine(profile, host="127.0.0.1", port=process.port, process=process, **options)
    except EngineError:
        process.stop()
        raise


def _packages(binary, level: str, gpus: Sequence[int], arguments: Sequence[str], workers: int | str) -> list[Package]:
    if not binary:
        raise EngineError("engine.binary is not set; give the path of a packaged Unreal binary, engine.binary=PATH")
    if not all(isinstance(gpu, int) and not isinstance(gpu, bool) and gpu >= 0 for gpu in gpus):
        raise EngineError(f"engine.gpus = {gpus!r}; expected a list of the numbers of graphics adapters, as [0,1]")
    count = max(1, len(gpus)) if workers == "auto" else _count(workers, "cpu")
    program = find_binary(binary)
    return [
        Package(binary=program, level=level, arguments=arguments, gpu=gpus[number % len(gpus)] if gpus else None)
        for number in range(count)
    ]


def _check(device: str, port: int, **positive: float) -> None:
    """Raises EngineError for a device or a port that cannot be, and for limits that are no numbers above 0."""
    if not isinstance(device, str):
        raise EngineError(f"engine.device = {device!r} is neither cpu nor a GPU such as cuda:0")
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise EngineError(f"engine.port = {port!r} is no port (1 to 65535)")
    for name, value in positive.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise EngineError(f"engine.{name} = {value!r} is no number above 0")


def _count(workers: int | str, device: str) -> int:
    if workers == "auto":
        return len(os.sched_getaffinity(0)) if device == "cpu" else 1
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise EngineError(f"workers = {workers!r} is neither auto nor a number of engines above 0")
    return workers
