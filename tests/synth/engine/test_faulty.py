"""A run survives every fault of an engine: its clips are those of a sound one bit for bit, or quarantined by name."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

import synth.engine.opening
from synth.body.appearance import FOLDER
from synth.clips import ClipStore
from synth.engine import ClipsQuarantined, EngineChanged, EngineError, StartFailed, open_engine
from synth.engine.faults import QUARANTINED, RECYCLED, REISSUED, RETRIED
from synth.factors import Appearance, ClipSpec, Environment, MotionRef, Viewpoint
from synth.render import identify, render_missing

FAULTY = Path(__file__).with_name("faulty.py")
BASE = ClipSpec(
    motion=MotionRef(activity="squat"), environment=Environment(name="plane"), num_frames=3, width=32, height=32
)
SPECS = [
    dataclasses.replace(BASE, motion=MotionRef(activity=name), viewpoint=Viewpoint(azimuth_deg=azimuth))
    for name in ("squat", "wave")
    for azimuth in (0, 40, 80)
]
PASSES = ("frames", "mask", "joints")
FAST = {"workers": 1, "backoff_s": 0.0, "deadline_s": 60}


@pytest.fixture(scope="module")
def sound_engine():
    with open_engine(workers=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def sound(sound_engine):
    return {spec: arrays for spec, arrays, _ in sound_engine.capture(SPECS, PASSES)}


@pytest.fixture
def faulty(monkeypatch, tmp_path):
    """Lets the engines that are opened from now on have a fault, or each of them one."""

    def inject(*kinds, at=1, once=True, when=""):
        line = [sys.executable, str(FAULTY), ",".join(kinds), "--at", str(at), "--when", when]
        line += ["--once", str(tmp_path)] if once else []
        stage = ["--port", "0", "--exit-with-parent"]
        monkeypatch.setattr(synth.engine.opening, "stage_command", lambda **_: [*line, *stage])

    return inject


def run(specs=SPECS, **options):
    """The clips, the faults and what was quarantined."""
    clips, faults, lost = {}, [], {}
    with open_engine(**FAST | options) as pool:
        pool.identity()
        try:
            for spec, arrays, _ in pool.capture(specs, PASSES, faults.append):
                assert spec not in clips, "a clip came twice"
                clips[spec] = arrays
        except ClipsQuarantined as error:
            lost = error.reasons
    return clips, faults, lost


def same(clips, sound):
    return all(np.array_equal(clips[spec][name], sound[spec][name]) for spec in clips for name in PASSES)


def said(faults):
    return {(fault.reason, fault.outcome) for fault in faults}


def test_a_fault_that_comes_once_costs_a_second_try(faulty, sound):
    words = {
        "crash": "crash",
        "hang": "timeout",
        "late": "timeout",
        "order": "wrong order",
        "truncated": "broken reply",
        "cut": "lost connection",
        "internal": "refused",
    }
    faulty(*words)
    clips, faults, lost = run(attempts=20, deadline_s=2.5)
    assert [fault.reason for fault in faults] == list(words.values()) and not lost
    assert {fault.outcome for fault in faults} == {RETRIED}
    assert set(clips) == set(SPECS) and same(clips, sound)


def test_a_clip_that_kills_every_engine_is_quarantined_and_the_others_are_drawn(faulty, sound):
    poison = [spec for spec in SPECS[:3] if spec.viewpoint.azimuth_deg == 40]
    faulty("crash", once=False, when=yaw(poison[0]))
    clips, faults, lost = run(SPECS[:3], attempts=2)
    assert lost == dict.fromkeys(poison, "crash")
    assert set(clips) == set(SPECS[:3]) - set(poison) and same(clips, sound)
    assert said(faults) == {("crash", RETRIED), ("crash", QUARANTINED)}


def yaw(spec):
    """How the camera's yaw of a clip looks on the wire."""
    from synth.engine.shots import camera_values, plan_shots

    (shot,) = plan_shots([spec], pixel_bytes=1, shot_bytes=1, most_clips=1)
    return f",{camera_values(shot.cameras[0])['yaw']:.4f},"


def test_a_pose_that_stays_behind_is_noticed(faulty, sound, plain_profile):
    profile = {"profile": "plain", "commands": dict(plain_profile.commands)}
    faulty("stale", at=2)
    clips, faults, lost = run(profile=profile)
    assert said(faults) == {("stale pose", RETRIED)} and not lost
    assert set(clips) == set(SPECS)
    assert all(np.array_equal(clips[spec][name], sound[spec][name]) for spec in clips for name in ("frames", "mask"))


def test_a_pose_that_always_stays_behind_is_never_stored(faulty, plain_profile):
    faulty("stale", once=False, when="", at=1)
    clips, _, lost = run(SPECS[:1], profile={"profile": "plain", "commands": dict(plain_profile.commands)}, attempts=1)
    assert not clips and lost == {SPECS[0]: "stale pose"}


def test_a_slow_start_is_said_at_once(faulty):
    faulty("slow")
    with pytest.raises(StartFailed, match=r"engine\.start_deadline_s"), open_engine(**FAST, start_deadline_s=1):
        pass


def test_a_slow_start_in_the_middle_is_tried_again(faulty, sound):
    faulty("crash", "slow", at=2)
    clips, faults, lost = run(start_deadline_s=20)
    assert [fault.reason for fault in faults] == ["crash", "failed start"] and not lost
    assert set(clips) == set(SPECS) and same(clips, sound)


def test_an_engine_that_leaks_is_recycled(faulty, sound, sound_engine):
    plain_mb = sound_engine.engines[0].process.resident_mb()
    faulty("leak", once=False)
    clips, faults, lost = run(SPECS[:2], recycle_mb=plain_mb + 150)
    assert [fault.outcome for fault in faults] == [RECYCLED] and "MB of memory" in faults[0].reason and not lost
    assert set(clips) == set(SPECS[:2]) and same(clips, sound)


def test_an_engine_is_recycled_after_so_many_clips(sound):
    clips, faults, _ = run(recycle_clips=4)
    assert [fault.outcome for fault in faults] == [RECYCLED]
    assert set(clips) == set(SPECS) and same(clips, sound)


def test_a_straggler_is_issued_to_an_idle_engine(faulty, sound, monkeypatch):
    monkeypatch.setattr("synth.engine.work.STRAGGLER_S", 1.0)
    faulty("hang", at=2)
    clips, faults, lost = run(workers=2, deadline_s=300)
    assert said(faults) == {("straggler", REISSUED)} and not lost
    assert set(clips) == set(SPECS) and same(clips, sound)


def test_after_a_capture_that_was_left_engines_are_fresh(sound):
    with open_engine(**FAST) as pool:
        next(pool.capture(SPECS, PASSES))
        assert pool.digest("appearance", "ana")
        clips = {spec: arrays for spec, arrays, _ in pool.capture(SPECS, PASSES)}
    assert set(clips) == set(SPECS) and same(clips, sound)


def test_an_engine_that_cannot_be_had_again_ends_in_quarantine(faulty, sound):
    faulty("crash", at=2)
    with open_engine(**FAST, attempts=2) as pool:
        worker, faults = pool._workers[0], []

        def none():
            raise StartFailed("the disk of its package is gone")

        worker._way = dataclasses.replace(worker._way, start=none)
        with pytest.raises(ClipsQuarantined, match="disk of its package"):
            list(pool.capture(SPECS, PASSES, faults.append))
    assert said(faults) >= {("failed start", RETRIED), ("failed start", QUARANTINED)}


def test_another_engine_in_the_place_of_the_first_is_refused(faulty):
    faulty("crash", at=2)
    with open_engine(**FAST) as pool:
        pool.identity()
        way = pool._workers[0]._way

        def other(process):
            engine = way.attach(process)
            engine.identity = lambda: {"engine": "other"}
            return engine

        pool._workers[0]._way = dataclasses.replace(way, attach=other)
        with pytest.raises(EngineChanged, match="'other'"):
            list(pool.capture(SPECS, PASSES))


def test_a_mistake_is_not_tried_twice(sound):
    wrong = dataclasses.replace(BASE, motion=MotionRef(activity="sqat"))
    clips, faults, lost = run([*SPECS, wrong])
    assert lost == {wrong: "refused"} and [fault.outcome for fault in faults] == [QUARANTINED]
    assert set(clips) == set(SPECS) and same(clips, sound)


@pytest.mark.parametrize(
    "option", [{"attempts": 0}, {"attempts": True}, {"backoff_s": -1}, {"straggler": 0.5}, {"recycle_mb": "x"}]
)
def test_limits_that_cannot_be_are_said(option):
    with pytest.raises(EngineError, match=f"engine.{next(iter(option))} = "), open_engine(workers=1, **option):
        pass


@pytest.mark.parametrize("change", ["removed", "edited"])
def test_an_asset_that_goes_in_the_middle_takes_no_other_clip_with_it(tmp_path, change):
    """A person of one's own whose file is removed, or edited, once clips were identified, and an engine that is lost
    after it: what it would draw is not what the clips' ids say."""
    own = tmp_path / "appearances" / "guest.yaml"
    own.parent.mkdir()
    text = (FOLDER / "ana.yaml").read_text()
    own.write_text(text)
    guests = [dataclasses.replace(spec, appearance=Appearance(name="guest")) for spec in SPECS[:2]]
    store = ClipStore(tmp_path / "store")
    with open_engine(**FAST, assets_root=tmp_path) as pool:
        known = identify([*SPECS[2:], *guests], pool)
        own.unlink() if change == "removed" else own.write_text((FOLDER / "ben.yaml").read_text())
        pool._workers[0].engine.process.process.kill()
        ends = {"removed": (ClipsQuarantined, "2 clips"), "edited": (EngineChanged, "'guest' has changed")}
        error, says = ends[change]
        with pytest.raises(error, match=says):
            render_missing(known, store=store, pool=pool, passes=PASSES)
        held = {known.ids[guest] for guest in guests} & set(store.ids())
        assert not held, "a clip of a person that there is not is stored"
        own.write_text(text)
    with open_engine(**FAST, assets_root=tmp_path) as pool:
        again = identify([*SPECS[2:], *guests], pool)
        assert again.ids == known.ids
        render_missing(again, store=store, pool=pool, passes=PASSES)
        assert set(store.ids()) == set(known.ids.values())
