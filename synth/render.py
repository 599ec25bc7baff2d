"""From recipes to stored clips: plan -> engine -> store (design §1).

A clip's id needs the digests of what its recipe refers to, and only the engine that will draw it knows those; so an
engine is asked first, once per motion, appearance and environment. What the store has already is never drawn again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from synth import cost
from synth.clips import BrokenClip, ClipError, ClipStore
from synth.clips.encoded import encode
from synth.engine import ClipsQuarantined, EnginePool, Fault
from synth.factors import ClipSpec
from synth.ledger import Ledger

DEFAULT_PASSES = ("frames", "mask", "joints")
# What decides the pixels, and the passes made of others, on our side of the wire.
_CLIENT = (
    "resolve", "groundtruth", "engine/capture", "engine/decode", "engine/moments", "engine/passes", "engine/shots",
    "engine/telling",
)  # fmt: skip
_OURS = ((Path(__file__).parent / f"{name}.py").read_bytes().replace(b"\r\n", b"\n") for name in _CLIENT)
CLIENT = hashlib.sha256(b"".join(_OURS)).hexdigest()[:16]
log = logging.getLogger("ceteris")


@dataclass(frozen=True, kw_only=True)
class Identified:
    """Recipes with what their engine says of them. ids and digests by recipe."""

    ids: Mapping[ClipSpec, str]
    digests: Mapping[ClipSpec, Mapping[str, str]]

    def held(self, store: ClipStore, passes: Iterable[str]) -> dict[str, dict]:
        """The manifests, by id, of the clips of which the store has all passes. Those that it holds broken it then
        lacks wholly."""
        wanted = tuple(passes)
        found = {clip_id: _manifest(store, clip_id) for clip_id in self.ids.values()}
        return {i: own for i, own in found.items() if own is not None and all(name in own["passes"] for name in wanted)}

    def missing(self, store: ClipStore, passes: Iterable[str]) -> list[ClipSpec]:
        """The recipes, each once and in order, of which the store lacks a pass; see `held`."""
        held = self.held(store, passes)
        return [spec for spec, clip_id in self.ids.items() if clip_id not in held]


def _manifest(store: ClipStore, clip_id: str) -> dict | None:
    try:
        return store.manifest(clip_id)
    except BrokenClip as error:
        log.warning("a stored clip is broken and is drawn again: %s", error)
        store.discard(clip_id)
        return None


def _has(store: ClipStore, clip_id: str, passes: Iterable[str]) -> bool:
    """For counting after an error, which another one must not stand before."""
    try:
        return store.has(clip_id, passes)
    except ClipError:
        return False


def identify(specs: Iterable[ClipSpec], engine: EnginePool) -> Identified:
    """Ask `engine` for the digests of all that `specs` refer to."""
    common = {**engine.identity(), "client": CLIENT}
    digests = {
        spec: {
            **common,
            "motion": engine.digest("motion", spec.motion.key),
            "appearance": engine.digest("appearance", spec.appearance.name),
            "environment": engine.digest("environment", spec.environment.name),
        }
        for spec in dict.fromkeys(specs)
    }
    return Identified(ids={spec: spec.clip_id(own) for spec, own in digests.items()}, digests=digests)


def render(
    specs: Sequence[ClipSpec],
    known: Identified,
    *,
    store: ClipStore,
    pool: EnginePool,
    passes: Sequence[str] = DEFAULT_PASSES,
    done: Callable[[ClipSpec], object] | None = None,
    tell: Callable[[Fault], None] | None = None,
) -> float:
    """Draw what the store lacks of each clip and keep it as soon as it is done; a pass that is there is not drawn
    again; returns the seconds that keeping them took. done: is told every clip that is in the store. tell: is told
    every fault. Raises ClipsQuarantined, after all others are drawn, for those that cannot be."""
    lacking: dict[tuple[str, ...], list[ClipSpec]] = {}
    for spec in specs:
        if absent := store.lacking(known.ids[spec], passes):
            lacking.setdefault(absent, []).append(spec)
    failed: list[ClipsQuarantined] = []
    writing_s = 0.0
    for absent, members in lacking.items():
        try:
            for spec, files, camera in pool.capture(members, absent, tell, prepare=encode):
                told, start = dataclasses.asdict(camera), time.perf_counter()
                store.put(known.ids[spec], spec, files, digests=known.digests[spec], camera=told)
                writing_s += time.perf_counter() - start
                if done is not None:
                    done(spec)
        except ClipsQuarantined as error:
            failed.append(error)
    if failed:
        raise ClipsQuarantined.of_all(failed)
    return writing_s


def render_missing(
    known: Identified,
    *,
    store: ClipStore,
    pool: EnginePool,
    passes: Sequence[str] = DEFAULT_PASSES,
    label: str = "render",
    done: Callable[[ClipSpec], object] = lambda spec: None,
    missing: Sequence[ClipSpec] | None = None,
) -> int:
    """Draw what the store lacks, with a progress bar in frames; returns how many clips were drawn. done: is told each
    of them. missing: what `known.missing` found, where it was asked already. What went wrong is kept in the store's
    ledger. Raises ClipsQuarantined as `render`."""
    todo = known.missing(store, passes) if missing is None else list(missing)
    if not todo:
        log.info("%s: all %d clips are in the store; nothing to draw", label, len(known.ids))
        return 0
    frames, start = sum(spec.num_frames for spec in todo), time.perf_counter()
    ledger = Ledger(store.root, known.ids)
    try:
        with tqdm(total=frames, desc=label, unit="frame", disable=None, smoothing=0.05) as bar:

            def told(spec: ClipSpec) -> None:
                bar.update(spec.num_frames)
                done(spec)

            writing_s = render(todo, known, store=store, pool=pool, passes=passes, done=told, tell=ledger.note)
    finally:
        drawn = sum(_has(store, known.ids[spec], passes) for spec in todo)
        log.info("%s: %s", label, ledger.end(drawn=drawn, from_store=len(known.ids) - len(todo)))
    store.settle()
    seconds = time.perf_counter() - start
    ids = [known.ids[spec] for spec in todo]
    cost.remember(store, todo, ids, workers=pool.size, seconds=seconds, writing_s=writing_s)
    log.info(
        "%s: drew %d clips (%d frames) in %.0f s, %.0f frames/s", label, len(todo), frames, seconds, frames / seconds
    )
    return len(todo)
