"""A Ray cluster of several nodes on this machine: the same study as here, and one of the nodes is killed."""

import contextlib
import os
import signal
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.models import load
from experiments.models.card import describe
from experiments.pipeline import run_study
from experiments.run import CONF
from experiments.scoring.cache import RowCache
from experiments.scoring.distant import Scorers
from experiments.scoring.forward import Kept, forward
from synth.clips import ClipStore
from synth.cluster import ClusterError, Executor, joined
from synth.engine import EngineError, EngineRefused, StalePose, open_engine
from synth.engine.capture import Engine
from synth.engine.work import WAITING
from synth.errors import UnknownName
from synth.render import identify, render_missing
from tests.synth.engine.test_pool import SPECS

ray = pytest.importorskip("ray")
cluster_utils = pytest.importorskip("ray.cluster_utils")


@pytest.fixture(scope="module")
def cluster():
    """A head without cores and two nodes with one each."""
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    made.nodes = [made.add_node(num_cpus=1) for _ in range(2)]
    yield made
    ray.shutdown()
    made.shutdown()


def files(store):
    return {path.name: path.read_bytes() for path in store.root.glob("clips/*/*/*") if path.name[0] != "."}


@pytest.fixture(scope="module")
def on(cluster):
    return {"kind": "ray", "address": cluster.address, "scorers": 0}


def run(store, out, *options):
    small = ["study.activities=[squat,wave]", "study.replicates=1", "study.effects=null", "study.floor_repeats=1"]
    views = ["study.sweeps.orbit.values=[0,90]", "study.sweeps.elevation.values=[10,40]"]
    rest = ["study.sweeps.orbit_lit=null", "study.sweeps.turntable=null", "study.sweeps.distance=null"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [*small, *views, *rest, f"store.root={store}", *options])
    page = run_study(OmegaConf.to_container(config, resolve=True), out)
    return pd.read_parquet(page.parent / "tables" / "rows.parquet")


def test_a_study_on_a_cluster_has_the_rows_of_one_here(cluster, tmp_path, caplog):
    """Engines and models as actors, and clips scored while others are drawn."""
    here = run(tmp_path / "here", tmp_path / "a", "workers=1")
    address = f"executor.address={cluster.address}"
    there = run(tmp_path / "there", tmp_path / "b", "executor=ray", address)
    pd.testing.assert_frame_equal(here, there)
    assert files(ClipStore(tmp_path / "here")) == files(ClipStore(tmp_path / "there"))


SPECS = [replace(spec, viewpoint=replace(spec.viewpoint, elevation_deg=e)) for spec in SPECS for e in range(5)]


class KillingStore(ClipStore):
    """Calls `kill` before it takes the first clip, when more are left than engines may have waiting."""

    def __init__(self, root, kill):
        super().__init__(root)
        self.kills = [kill]

    def put(self, *arguments, **options):
        if self.kills:
            self.kills.pop()()
        return super().put(*arguments, **options)


@pytest.fixture(scope="module")
def drawn_here(tmp_path_factory):
    store = ClipStore(tmp_path_factory.mktemp("local"))
    with open_engine(workers=1) as pool:
        render_missing(identify(SPECS, pool), store=store, pool=pool)
    return files(store)


def kill_a_node(cluster):
    cluster.remove_node(node := cluster.nodes.pop(), allow_graceful=False)
    while any(known["Alive"] for known in ray.nodes() if known["NodeID"] == node.node_id):
        time.sleep(0.05)


def number_of(actor):
    """Of the process that an actor is."""
    return ray.get(actor.__ray_call__.remote(lambda _: os.getpid()))


def test_a_cluster_leaves_the_same_store_though_a_node_is_killed(cluster, on, tmp_path, drawn_here):
    store = KillingStore(tmp_path, lambda: kill_a_node(cluster))
    with open_engine(executor=on, backoff_s=0.1, start_deadline_s=90) as pool:
        assert len(pool.engines) == 2 and len(SPECS) > 2 * WAITING * len(pool.engines)
        assert render_missing(identify(SPECS, pool), store=store, pool=pool) == len(SPECS)
    assert files(store) == drawn_here
    told = (store.root / "faults.jsonl").read_text()
    assert "lost connection" in told or "straggler" in told, "whichever Ray makes known first"


def test_an_engines_actor_that_is_killed_loses_no_clip(on, tmp_path, drawn_here):
    with open_engine(executor=on, workers=1, backoff_s=0.1, start_deadline_s=90) as pool:
        numbers = [number_of(pool.engines[0].process.actor)]
        store = KillingStore(tmp_path, lambda: os.kill(numbers[0], signal.SIGKILL))
        assert render_missing(identify(SPECS, pool), store=store, pool=pool) == len(SPECS)
        numbers.append(number_of(pool.engines[0].process.actor))
        assert numbers[0] != numbers[1]
        os.kill(numbers[1], signal.SIGKILL)  # between two captures
        assert len(list(pool.capture(SPECS[:2]))) == 2
    assert files(store) == drawn_here
    assert "lost connection" in (store.root / "faults.jsonl").read_text()


def test_a_scorers_actor_that_is_killed_is_asked_again(on, tmp_path):
    card, store = describe("frontal"), ClipStore(tmp_path / "store")
    specs = [replace(spec, num_frames=32, width=64, height=64) for spec in SPECS[:6]]
    with open_engine(workers=1) as pool:
        render_missing(known := identify(specs, pool), store=store, pool=pool)
    here, there = (RowCache(tmp_path / name, len(card.classes)) for name in ("here", "there"))
    clips = {known.ids[spec]: spec for spec in specs}
    forward(load(card), store, clips, Kept(here))
    with joined(Executor(**on)), contextlib.closing(Scorers(Executor(**{**on, "scorers": 1}))) as scorers:
        os.kill(number_of(scorers._actors[0]), signal.SIGKILL)
        scorers.forward(card, store, clips, Kept(there))
    for clip_id in clips:  # Ray gives an actor one thread, which adds up in another order than two do
        np.testing.assert_allclose(here[clip_id], there[clip_id], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"executor": {"kind": "slurm"}}, UnknownName, "executor"),
        ({"executor": {"kind": "ray", "engine_cpus": -1}}, ClusterError, "at least 0"),
        ({"executor": {"kind": "ray", "scorers": 0.5}}, ClusterError, "whole number"),
        ({"executor": {"kind": "ray", "address": 6379}}, ClusterError, "HOST:6379"),
    ],
)
def test_mistakes_are_named_before_a_cluster_is_joined(options, error, says):
    with pytest.raises(error, match=says), open_engine(**options):
        pass


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"engine_cpus": 64}, ClusterError, "start more nodes"),
        ({"engine_gpus": 1}, ClusterError, "0 GPUs"),
        ({"workers": 50}, EngineError, "engines fit the cluster"),
        ({"launch": "remote"}, EngineError, "choose one"),
        ({"gpus": [0]}, EngineError, "executor.engine_gpus"),
    ],
)
def test_what_does_not_fit_the_cluster_is_said_at_once(on, options, error, says):
    own = {name: options[name] for name in options if name in Executor.__dataclass_fields__}
    rest = {name: options[name] for name in options if name not in own}
    with pytest.raises(error, match=says), open_engine(executor=on | own, **rest):
        pass


def test_an_error_of_an_engine_arrives_as_it_was(on):
    with open_engine(executor=on, workers=1) as pool:
        with pytest.raises(EngineRefused) as caught:
            pool._workers[0].ask(lambda engine: engine.digest("motion", "nobody:knows@1"))
        assert caught.value.reply.startswith("error")


def test_errors_keep_what_they_know_on_their_way():
    import pickle

    for error in (EngineRefused("vget /a", "error no"), StalePose("vget /b", "late")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.reply) == (type(error), str(error), error.reply)


def test_nothing_answers_at_the_address():
    with (
        pytest.raises(ClusterError, match=r"ray start --head"),
        open_engine(executor={"kind": "ray", "address": "127.0.0.1:1"}),
    ):
        pass


def test_an_engine_of_a_cluster_can_do_what_a_pool_asks_of_one():
    from synth.engine.distant import DistantEngine

    wanted = {"identity", "digest", "agrees", "shots", "take", "abort", "close"}
    assert all(callable(getattr(kind, name)) for kind in (Engine, DistantEngine) for name in wanted)
