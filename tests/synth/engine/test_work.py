"""What becomes of shots, with engines that are functions: split, tried again, quarantined, given up, issued twice."""

import dataclasses
import threading
import time
import tokenize

import cv2
import pytest

from synth.engine import EngineDied, EngineRefused, Limits
from synth.engine.errors import BadReply, ClipsQuarantined, StartFailed
from synth.engine.faults import QUARANTINED, REASONS, REISSUED, RETRIED, is_refusal, reason
from synth.engine.pool import EnginePool
from synth.engine.shots import plan_shots
from synth.engine.worker import Way, Worker
from synth.factors import ClipSpec, MotionRef, Viewpoint

BASE = ClipSpec(motion=MotionRef(activity="squat"), num_frames=1, width=8, height=8)
SPECS = [dataclasses.replace(BASE, viewpoint=Viewpoint(azimuth_deg=azimuth)) for azimuth in range(0, 360, 10)]
QUICK = Limits(attempts=3, backoff_s=0.0)


class Engine:
    """Draws what `draw(spec)` returns; counts its tries in `tried`."""

    process = None

    def __init__(self, draw, tried=None):
        self.draw, self.tried = draw, [] if tried is None else tried

    def shots(self, specs, passes, most_clips):
        return list(plan_shots(specs, pixel_bytes=1, shot_bytes=1 << 30, most_clips=most_clips))

    def take(self, shot, passes, prepare):
        for spec in shot.specs:
            self.tried.append(spec)
            yield spec, prepare(spec, self.draw(spec)), None

    def agrees(self, digests, scene):
        """Always."""

    def abort(self):
        """Ends by itself."""

    close = abort


def capture(*draws, specs=SPECS, limits=QUICK, tried=None):
    """Clips, faults, and the reasons of what was quarantined."""
    ways = [Way(lambda: None, lambda _, d=d: Engine(d, tried)) for d in draws]
    pool = EnginePool([Worker(way.attach(None), way, limits) for way in ways], limits)
    clips, faults = {}, []
    try:
        for spec, drawn, _ in pool.capture(specs, ["frames"], faults.append):
            assert spec not in clips
            clips[spec] = drawn
    except ClipsQuarantined as error:
        return clips, faults, error.reasons
    return clips, faults, {}


def test_a_poisonous_clip_takes_no_other_with_it_and_is_tried_so_often():
    tried = []

    def draw(spec):
        if spec == SPECS[3]:
            raise EngineDied("killed")

    clips, faults, lost = capture(draw, tried=tried)
    assert lost == {SPECS[3]: "crash"} and len(clips) == len(SPECS) - 1
    assert tried.count(SPECS[3]) == 3, "once in its shot, twice alone"
    assert [fault.outcome for fault in faults] == [RETRIED, RETRIED, QUARANTINED]
    assert all(tried.count(spec) == 1 for spec in SPECS if spec != SPECS[3]), "what was handed over is not drawn again"


def test_a_refusal_is_tried_alone_once_and_never_again():
    tried = []

    def draw(spec):
        if spec == SPECS[0]:
            raise EngineRefused("vset /x", "error there is no such thing")

    clips, _, lost = capture(draw, tried=tried, specs=SPECS[:1])
    assert not clips and lost == {SPECS[0]: "refused"} and len(tried) == 1


def test_when_nothing_works_the_rest_is_given_up():
    tried = []

    def draw(spec):
        raise EngineDied("no driver")

    _, faults, lost = capture(draw, tried=tried, limits=Limits(attempts=1000, backoff_s=0.0))
    assert set(lost) == set(SPECS) and len(tried) < 40
    assert "24 faults without a clip between them" in faults[-1].text


def test_a_slow_shot_is_issued_twice_and_comes_once(monkeypatch):
    monkeypatch.setattr("synth.engine.work.STRAGGLER_S", 0.05)
    stuck, free = threading.Event(), threading.Event()

    def first(spec):
        if not stuck.is_set():
            stuck.set()
            free.wait(20)
        return "first"

    def second(spec):
        stuck.wait(20)  # for the other to have its shot
        return "second"

    clips, faults, lost = capture(first, second)
    free.set()
    assert set(clips) == set(SPECS) and not lost
    assert [fault.outcome for fault in faults] == [REISSUED] and set(clips.values()) == {"second"}


def test_an_engine_that_gave_its_last_clip_is_left_alone():
    """It has a moment to go until it says that it is done."""

    class Lingering(Engine):
        def take(self, shot, passes, prepare):
            yield from super().take(shot, passes, prepare)
            time.sleep(0.3)

        def abort(self):
            raise AssertionError("its session would have to be opened anew")

    engine = Lingering(lambda spec: "drawn")
    pool = EnginePool([Worker(engine, Way(lambda: None, lambda _: engine), QUICK)], QUICK)
    for _ in range(2):
        assert len(list(pool.capture(SPECS, ["frames"]))) == len(SPECS)
    assert len(engine.tried) == 2 * len(SPECS)


def test_a_slow_consumer_makes_no_engine_a_straggler(monkeypatch):
    monkeypatch.setattr("synth.engine.work.STRAGGLER_S", 0.05)
    monkeypatch.setattr("synth.engine.work.WAITING", 1)
    way, faults = Way(lambda: None, lambda _: Engine(lambda spec: "drawn")), []
    pool = EnginePool([Worker(way.attach(None), way, QUICK) for _ in range(2)], QUICK)
    for number, _ in enumerate(pool.capture(SPECS, ["frames"], faults.append)):
        time.sleep(0.3 if number > len(SPECS) - 6 else 0.001)
    assert not faults


def test_a_fault_waits_longer_each_time():
    limits = Limits(attempts=9, backoff_s=2.0)
    assert [limits.wait_s(failed) for failed in (1, 2, 3, 20)] == [2.0, 4.0, 8.0, 60.0]
    start, limits = time.monotonic(), Limits(attempts=2, backoff_s=0.2)

    def draw(spec):
        raise EngineDied("killed")

    capture(draw, specs=SPECS[:1], limits=limits)
    assert time.monotonic() - start >= 0.2


def test_an_error_of_our_own_is_raised_and_not_tried_again():
    def draw(spec):
        raise ZeroDivisionError("a mistake of ours")

    with pytest.raises(ZeroDivisionError):
        capture(draw, draw)


class Coming:
    """A process that is never ready."""

    def __init__(self):
        self.begun, self.ended = threading.Event(), threading.Event()

    def wait(self):
        self.begun.set()
        assert self.ended.wait(20)
        raise StartFailed("it was stopped before it was ready")

    def stop(self):
        self.ended.set()


def test_closing_ends_an_engine_that_is_starting_and_leaves_no_thread():
    """Ray's library crashes the program where a thread waits for an actor beyond the end of the session."""
    coming = Coming()

    def broken(spec):
        raise EngineDied("killed")

    def sound(spec):
        assert coming.begun.wait(20)
        return "sound"

    ways = [Way(lambda: coming, lambda it: it.wait()), Way(lambda: None, lambda _: Engine(sound))]
    workers = [Worker(Engine(draw), way, QUICK) for draw, way in zip((broken, sound), ways, strict=True)]
    pool = EnginePool(workers, QUICK)
    assert len(list(pool.capture(SPECS, ["frames"], lambda fault: None))) == len(SPECS)
    waiting = [thread for thread in pool._threads if thread.is_alive()]
    assert waiting and not coming.ended.is_set()
    pool.close()
    assert coming.ended.is_set() and not any(thread.is_alive() for thread in waiting)


def test_every_error_has_a_word_and_broken_replies_are_no_refusals():
    assert all(reason(kind.__new__(kind)) == word for kind, word in REASONS)
    assert is_refusal(EngineRefused("x", "error no such motion"))
    assert not is_refusal(EngineRefused("x", "error Internal error, see the engine's log"))
    assert not is_refusal(BadReply("x", "too short")) and not is_refusal(EngineDied("x"))


@pytest.mark.parametrize("error", [tokenize.TokenError("EOF"), SyntaxError("x"), MemoryError(), cv2.error("too large")])
def test_a_reply_that_no_library_can_decode_is_tried_again_and_does_not_end_the_run(error):
    once = iter([error])

    def draw(spec):
        if spec == SPECS[3] and (broken := next(once, None)):
            raise broken

    clips, faults, lost = capture(draw)
    assert not lost and len(clips) == len(SPECS)
    assert {fault.reason for fault in faults} == {"broken reply"}
