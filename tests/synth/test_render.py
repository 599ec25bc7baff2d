"""Recipes to stored clips with an engine that draws nothing but its orders: ids, what is missing, what survives."""

import dataclasses

import numpy as np
import pytest

from synth.clips import BrokenClip, ClipStore
from synth.engine import EngineDied
from synth.engine.capture import drawn
from synth.factors import Appearance, ClipSpec, MotionRef, Viewpoint
from synth.frames import Camera
from synth.render import identify, render_missing

BASE = ClipSpec(motion=MotionRef(activity="squat"), num_frames=2, width=8, height=8)
SPECS = [dataclasses.replace(BASE, viewpoint=Viewpoint(azimuth_deg=azimuth)) for azimuth in (0, 90, 180)]


class Pool:
    """Grey clips; dies before clip number `dies_at`."""

    size = 1

    def __init__(self, build="1", dies_at=99):
        self.build, self.dies_at, self.drawn = build, dies_at, []

    def identity(self):
        return {"engine": "fake", "build": self.build, "backend": "cpu"}

    def digest(self, kind, name):
        return f"{kind}:{name}"

    def capture(self, specs, passes, tell=None, prepare=drawn):
        for number, spec in enumerate(specs):
            if number == self.dies_at:
                raise EngineDied("the engine was killed")
            self.drawn.append((spec, tuple(passes)))
            arrays = {"frames": np.full((2, 8, 8, 3), 90, np.uint8), "mask": np.zeros((2, 8, 8), np.uint8)}
            yield spec, prepare(spec, {name: arrays[name] for name in passes}), Camera(position_m=(0, 0, 0))


@pytest.fixture
def store(tmp_path):
    return ClipStore(tmp_path)


def draw(pool, store, passes=("frames",), specs=SPECS):
    return render_missing(identify(specs, pool), store=store, pool=pool, passes=passes)


def test_ids_change_with_the_recipe_the_build_and_what_is_referred_to():
    other = dataclasses.replace(BASE, appearance=Appearance(name="ben"))
    ids = [*identify([*SPECS, other, BASE], Pool()).ids.values(), *identify([BASE], Pool(build="2")).ids.values()]
    assert len(ids) == len(set(ids)) == 5  # BASE is the first of SPECS


def test_what_decides_a_pixel_is_in_the_digests():
    (digests,) = identify([BASE], Pool()).digests.values()
    assert set(digests) == {"engine", "build", "backend", "client", "motion", "appearance", "environment"}
    assert digests["motion"] == "motion:authored/squat/0"


def test_finished_clips_are_not_drawn_again_and_a_new_pass_is_added(store):
    assert draw(Pool(), store) == 3
    again = Pool()
    assert draw(again, store) == 0 and again.drawn == []
    assert draw(again, store, ("frames", "mask")) == 3
    assert {passes for _, passes in again.drawn} == {("mask",)}, "the frames are there and not drawn again"
    assert all(store.has(clip_id, ("frames", "mask")) for clip_id in store.ids())


def test_what_was_finished_before_an_engine_died_stays(store):
    with pytest.raises(EngineDied):
        draw(Pool(dies_at=2), store)
    rest = Pool()
    assert draw(rest, store) == 1 and [spec for spec, _ in rest.drawn] == SPECS[2:]


def test_a_broken_clip_does_not_stand_before_the_error_that_ended_the_run(store):
    class Breaks(Pool):
        def capture(self, specs, passes, tell=None, prepare=drawn):
            yield from super().capture(specs[:1], passes, tell, prepare)
            next(store.root.rglob("manifest.json")).write_text("{")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(Breaks(), store)


def test_a_clip_that_another_run_took_away_is_one_to_be_drawn_again(store):
    """`experiments.run` begins again where a clip is broken."""
    draw(Pool(), store)
    (clip_id, *_) = store.ids()
    ClipStore(store.root).discard(clip_id)
    with pytest.raises(BrokenClip, match=r"is not in .*; render it first") as caught:
        store.read(clip_id)
    assert caught.value.clip_id == clip_id
