"""A Ray cluster as a place for engines and models: joined by one address, left when the run ends.

Ray itself starts, places and buries processes; what a lost node had under way is drawn again by the same rules as after
any other fault (docs/faults.md). Nodes of a cluster trust each other: Ray sends pickled objects between them.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from synth.errors import CeterisError, UnknownName

REACH_S = 10.0


class ClusterError(CeterisError):
    """A cluster that cannot be joined, or settings that none could have."""


@dataclass(frozen=True, kw_only=True)
class Executor:
    """Where engines and models run; the fields of conf/executor/ray.yaml, of which `local` uses none.

    kind: "local" or "ray". address: of the cluster's head, "auto" for the one that this machine belongs to, None for
    one of its own. engine_cpus, engine_gpus: what one engine takes. scorers: actors that hold the models, 0 for in
    this process. scorer_cpus, scorer_gpus: what one of them takes. Raises UnknownName, ClusterError.
    """

    kind: str = "local"
    address: str | None = "auto"
    engine_cpus: float = 1
    engine_gpus: float = 0
    scorers: int = 1
    scorer_cpus: float = 1
    scorer_gpus: float = 0

    def __post_init__(self):
        if self.kind not in ("local", "ray"):
            raise UnknownName("executor", self.kind, ("local", "ray"))
        if self.address is not None and (not isinstance(self.address, str) or not self.address):
            raise ClusterError(f"executor.address = {self.address!r}; expected HOST:6379, auto or null")
        for name in ("engine_cpus", "engine_gpus", "scorer_cpus", "scorer_gpus"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e4:
                raise ClusterError(f"executor.{name} = {value!r}; expected a number, at least 0")
        if type(self.scorers) is not int or self.scorers < 0:
            raise ClusterError(f"executor.scorers = {self.scorers!r}; expected a whole number, at least 0")
        if not self.engine_cpus and not self.engine_gpus:
            raise ClusterError("executor.engine_cpus and executor.engine_gpus are both 0: an engine takes something")

    @property
    def distant(self) -> bool:
        """Whether engines and models are elsewhere."""
        return self.kind == "ray"

    def room(self) -> int:
        """How many engines fit the whole cluster, which must be joined, beside the scorers; raises ClusterError for
        none."""
        have = ray().cluster_resources()
        cores, adapters = have.get("CPU", 0), have.get("GPU", 0)
        left = (cores - self.scorers * self.scorer_cpus, adapters - self.scorers * self.scorer_gpus)
        fits = [free // size for free, size in zip(left, (self.engine_cpus, self.engine_gpus), strict=True) if size]
        if min(fits) < 1:
            raise ClusterError(
                f"the cluster has {cores:g} cores and {adapters:g} GPUs; an engine asks for {self.engine_cpus:g} and "
                f"{self.engine_gpus:g}, and each of {self.scorers} scorers for {self.scorer_cpus:g} and "
                f"{self.scorer_gpus:g}: start more nodes (`ray start --address=HEAD:6379`), or lower them in executor"
            )
        return int(min(fits))


def ray():
    """The library; raises ClusterError where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        import ray
    except ImportError as error:
        raise ClusterError(f"executor=ray needs Ray ({error}): `make scale` installs it") from error
    return ray


@contextlib.contextmanager
def joined(executor: Executor) -> Iterator[None]:
    """Be part of the cluster meanwhile, if it is one; raises ClusterError where nothing answers at its address."""
    if not executor.distant or ray().is_initialized():
        yield
        return
    _reach(executor.address)
    try:
        ray().init(address=executor.address, namespace="ceteris", log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError, ray().exceptions.RayError) as error:
        raise _unreachable(executor.address, error) from error
    try:
        yield
    finally:
        ray().shutdown()


def _reach(address: str | None) -> None:
    """Ray itself tries for minutes where nobody listens."""
    host, colon, port = (address or "").rpartition(":")
    if not colon:
        return
    try:
        socket.create_connection((host, int(port)), timeout=REACH_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str | None, error: Exception) -> ClusterError:
    return ClusterError(
        f"no Ray cluster answers at executor.address = {address} ({str(error).partition(chr(10))[0]}); start one with "
        "`ray start --head`, or set executor.address=null for one of this machine's own"
    )
