"""Engines on the nodes of a Ray cluster, each an actor that starts an engine beside it and draws what it is told.

To the pool such an engine is one like any other: what Ray says of a node or an actor that is gone is an EngineLost,
and the next start puts an engine wherever there is room. Clips are encoded on the node, a tenth of what was drawn goes
over the network, and the one who runs the study writes them to the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from synth.cluster import Executor, ray
from synth.engine.capture import MANY, Clip, Engine, Prepare, drawn
from synth.engine.errors import EngineChanged, EngineError, EngineLost, StartFailed
from synth.engine.shots import Scene, Shot
from synth.factors import ClipSpec

CLOSE_S = 10.0


class Post:
    """What runs on the node: an engine with its process. options: as of `synth.engine.opening.local_ways`."""

    def __init__(self, options: Mapping):
        self._options, self._engine = dict(options), None

    def start(self) -> str:
        """Have the engine; returns the digest of the code that draws with it."""
        from synth.engine.opening import local_ways
        from synth.render import CLIENT

        way = local_ways(**self._options, workers=1)[0]
        self._engine = way.attach(way.start())
        return CLIENT

    def ask(self, method: str, *arguments):
        """What the engine's method returns."""
        return getattr(self._engine, method)(*arguments)

    def take(self, shot: Shot, passes: Sequence[str], prepare: Prepare) -> Iterator[Clip]:
        """As `Engine.take`."""
        yield from self._engine.take(shot, passes, prepare)

    def resident_mb(self) -> float:
        """As `EngineProcess.resident_mb`."""
        return self._engine.process.resident_mb()

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.close()


class Seat:
    """An actor that is on its way, or there; to a worker it is the engine's process."""

    def __init__(self, options: Mapping, executor: Executor):
        kind = ray().remote(Post).options(num_cpus=executor.engine_cpus, num_gpus=executor.engine_gpus)
        self.actor = kind.remote(options)
        self._started = self.actor.start.remote()

    def await_ready(self, deadline_s: float) -> None:
        """Wait until there was room on a node and the engine answers; raises StartFailed, EngineChanged."""
        try:
            client = _result(self._started, deadline_s)
        except EngineLost as error:
            raise StartFailed(f"the engine's node was lost before it was ready: {error}") from error
        from synth.render import CLIENT

        if client != CLIENT:
            raise EngineChanged("a node of the cluster has another version of Ceteris; install the same on all of them")

    def resident_mb(self) -> float:
        """Memory of the engine's processes, MB."""
        return _result(self.actor.resident_mb.remote())

    def stop(self) -> None:
        """End the actor, and with it its engine."""
        if ray().is_initialized():
            ray().kill(self.actor)


class DistantEngine:
    """An engine behind an actor; the methods are those of `Engine`."""

    def __init__(self, seat: Seat):
        self.process = seat

    def identity(self) -> dict[str, str]:
        """As `Engine.identity`."""
        return self._ask("identity")

    def digest(self, kind: str, name: str) -> str:
        """As `Engine.digest`."""
        return self._ask("digest", kind, name)

    def agrees(self, digests: Mapping[tuple[str, str], str], scene: Scene) -> None:
        """As `Engine.agrees`."""
        self._ask("agrees", digests, scene)

    def shots(self, specs: Sequence[ClipSpec], passes: Sequence[str], most_clips: int = MANY) -> list[Shot]:
        """As `Engine.shots`."""
        return self._ask("shots", specs, passes, most_clips)

    def take(self, shot: Shot, passes: Sequence[str], prepare: Prepare = drawn) -> Iterator[Clip]:
        """As `Engine.take`."""
        for reference in self.process.actor.take.options(num_returns="streaming").remote(shot, passes, prepare):
            yield _result(reference)

    def abort(self) -> None:
        """As `Engine.abort`."""
        self.process.stop()

    def close(self) -> None:
        """As `Engine.close`."""
        try:
            if ray().is_initialized():
                _result(self.process.actor.close.remote(), CLOSE_S)
        except EngineError:
            pass  # gone already, or about to be
        self.process.stop()

    def _ask(self, method: str, *arguments):
        return _result(self.process.actor.ask.remote(method, *arguments))


def attach(seat: Seat, start_deadline_s: float) -> Engine:
    """The engine of a seat, once it is ready; raises StartFailed."""
    try:
        seat.await_ready(start_deadline_s)
        return DistantEngine(seat)
    except EngineError:
        seat.stop()
        raise


def _result(reference, timeout_s: float | None = None):
    """What an actor answered. Its own errors are raised as they were; EngineLost where it, or its node, is gone."""
    exceptions = ray().exceptions
    try:
        return ray().get(reference, timeout=timeout_s)
    except exceptions.GetTimeoutError as error:
        free = ray().available_resources()
        raise StartFailed(
            f"no answer within {timeout_s:g} s; the cluster has {free.get('CPU', 0):g} cores and "
            f"{free.get('GPU', 0):g} GPUs free"
        ) from error
    except exceptions.RayTaskError as error:
        raise error.cause from error
    except exceptions.RayError as error:
        raise EngineLost(f"an engine of the cluster is gone: {str(error).strip().splitlines()[0]}") from error


__all__ = ["DistantEngine", "Seat", "attach"]
