"""Clips from the running engine: what they show is what was asked for."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest

from synth.engine import Engine, EngineDied, EngineRefused
from synth.engine.launcher import EngineProcess, stage_command
from synth.engine.profile import load_profile
from synth.errors import UnknownName
from synth.factors import Appearance, ClipSpec, Environment, MotionRef, Viewpoint

ALL = ("frames", "mask", "depth", "joints")
BASE = ClipSpec(
    motion=MotionRef(activity="squat"), environment=Environment(name="plane"), num_frames=3, width=64, height=64
)


def seen_from(azimuth_deg, sweep="orbit", **changes):
    return dataclasses.replace(BASE, viewpoint=Viewpoint(azimuth_deg=azimuth_deg, sweep=sweep), **changes)


def shoot(engine, *specs, passes=ALL):
    """{spec: (arrays, camera)}"""
    return {spec: (arrays, camera) for spec, arrays, camera in engine.capture(specs, passes)}


def digest(arrays):
    return {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()}


def bone(engine, name):
    bones = json.loads(engine.ask(["vget /object/Human/bones world"])[0])
    return [one["name"] for one in bones].index(name)


def test_every_pass_has_its_shape_and_range(engine):
    ((arrays, camera),) = shoot(engine, BASE).values()
    assert {name: (array.shape[:3], array.dtype) for name, array in arrays.items() if name != "joints"} == {
        "frames": ((3, 64, 64), np.uint8),
        "mask": ((3, 64, 64), np.uint8),
        "depth": ((3, 64, 64), np.float32),
    }
    assert arrays["joints"].shape[0] == 3 and arrays["joints"].shape[2] == 3
    assert set(np.unique(arrays["mask"])) == {0, 1} and 0.03 < arrays["mask"].mean() < 0.5
    person = arrays["depth"][arrays["mask"] == 1]
    assert 2.5 < person.min() and person.max() < 4.5
    assert (camera.width, camera.height, camera.fov_deg) == (64, 64, 45.0)


def test_the_same_recipe_gives_the_same_bytes(engine, stage):
    spec = seen_from(37.0)
    first = shoot(engine, spec, seen_from(200.0, appearance=Appearance(name="ben")))[spec][0]
    assert digest(shoot(engine, spec)[spec][0]) == digest(first)


def test_bulk_and_single_capture_give_the_same_frames(engine, stage, plain_profile):
    specs = [seen_from(20.0), seen_from(140.0), seen_from(90.0, "turntable"), seen_from(250.0, "orbit_lit", repeat=2)]
    bulk = shoot(engine, *specs)
    engine._client.close()
    single = Engine(plain_profile, host="127.0.0.1", port=stage.port)
    one_by_one = shoot(single, *specs)
    single._client.close()
    for spec in specs:
        for name in ("frames", "mask", "depth"):
            assert np.array_equal(bulk[spec][0][name], one_by_one[spec][0][name]), name
        assert np.allclose(bulk[spec][0]["joints"], one_by_one[spec][0]["joints"], atol=2e-6)
        assert bulk[spec][1] == one_by_one[spec][1]


def test_small_replies_change_nothing(engine):
    specs = [seen_from(10.0), seen_from(20.0)]
    whole = shoot(engine, *specs)
    engine._reply_bytes = 64 * 64 * 10
    parts = shoot(engine, *specs)
    assert all(digest(parts[spec][0]) == digest(whole[spec][0]) for spec in specs)


def test_joints_lie_within_the_person_as_the_camera_sees_it(engine):
    specs = [seen_from(azimuth, appearance=Appearance(name="mei")) for azimuth in (0.0, 75.0, 200.0)]
    for arrays, camera in shoot(engine, *specs).values():
        pixels = camera.project(arrays["joints"])
        column, row = pixels[..., 0].astype(int), pixels[..., 1].astype(int)
        assert (pixels[..., 2] > 1).all() and column.min() >= 0 and column.max() < 64
        near = np.stack([np.roll(arrays["mask"], (y, x), (1, 2)) for y in (-1, 0, 1) for x in (-1, 0, 1)]).max(axis=0)
        inside = np.take_along_axis(near.reshape(3, -1), row * 64 + column, axis=1)
        assert inside.mean() > 0.97


def test_azimuth_0_is_the_front_and_90_the_left(engine):
    views = shoot(engine, *[seen_from(azimuth) for azimuth in (0.0, 90.0, 180.0, 270.0)])
    left, right = bone(engine, "wrist.L"), bone(engine, "wrist.R")
    depth = {
        spec.viewpoint.azimuth_deg: camera.project(arrays["joints"])[..., 2].mean(axis=0)
        for spec, (arrays, camera) in views.items()
    }
    assert depth[90.0][left] < depth[90.0][right] - 0.2
    assert depth[270.0][left] > depth[270.0][right] + 0.2
    toes = [bone(engine, "toe1-1.L"), bone(engine, "toe1-1.R")]
    heels = [bone(engine, "foot.L"), bone(engine, "foot.R")]
    assert (depth[0.0][toes] < depth[0.0][heels] - 0.03).all()
    assert (depth[180.0][toes] > depth[180.0][heels] + 0.03).all()
    front = next(arrays for spec, (arrays, _) in views.items() if spec.viewpoint.azimuth_deg == 0.0)
    camera = next(camera for spec, (_, camera) in views.items() if spec.viewpoint.azimuth_deg == 0.0)
    columns = camera.project(front["joints"])[..., 0].mean(axis=0)
    assert columns[left] > columns[right], "seen from the front, the left hand is on the right of the picture"


def test_what_another_client_left_behind_does_not_show(engine, stage):
    clean = digest(shoot(engine, BASE)[BASE][0])
    left = ["location 50 20 10", "rotation 0 30 5", "color 9 9 9", "hide"]
    assert engine.ask([f"vset /object/Human/{line}" for line in left]) == ["ok"] * 4
    engine.ask(["vbp Stage set_manner Human 0.25 1.0 1 0.0 0 none", "vbp Stage set_props Human basketball"])
    engine._client.close()
    other = Engine(engine.profile, host="127.0.0.1", port=stage.port)
    assert digest(shoot(other, BASE)[BASE][0]) == clean
    other._client.close()


@pytest.mark.parametrize("azimuth", [40.0, 90.0, 215.0])
def test_orbit_and_turntable_show_the_same_side(engine, azimuth):
    aim = {"look_at_m": (0.3, -0.2, 0.9)}
    orbit, turntable = seen_from(azimuth, **aim), seen_from(azimuth, "turntable", **aim)
    other = seen_from(-azimuth, **aim)
    views = shoot(engine, orbit, turntable, other, passes=["mask"])
    side = {spec: arrays["mask"].astype(bool) for spec, (arrays, _) in views.items()}
    assert overlap(side[orbit], side[turntable]) > 0.97
    assert azimuth % 180 == 90 or overlap(side[orbit], side[other]) < 0.97


def overlap(a, b):
    """Intersection over union."""
    return (a & b).sum() / (a | b).sum()


def test_orbit_lit_turns_the_light_and_nothing_else(engine):
    plain, lit = seen_from(120.0), seen_from(120.0, "orbit_lit")
    views = shoot(engine, plain, lit)
    assert np.array_equal(views[plain][0]["mask"], views[lit][0]["mask"])
    assert not np.array_equal(views[plain][0]["frames"], views[lit][0]["frames"])


def test_in_place_keeps_a_walker_before_the_camera(engine):
    walk = dataclasses.replace(BASE, motion=MotionRef(activity="walk"), num_frames=10, fps=5.0)
    world = dataclasses.replace(walk, root="world")
    views = shoot(engine, walk, world, passes=["joints"])
    centre = {spec.root: arrays["joints"][..., :2].mean(axis=1) for spec, (arrays, _) in views.items()}
    assert np.ptp(centre["world"][:, 0]) > 1.0
    assert np.ptp(centre["in_place"], axis=0).max() < 0.15
    heights = {spec.root: arrays["joints"][..., 2] for spec, (arrays, _) in views.items()}
    assert np.allclose(heights["world"], heights["in_place"], atol=1e-5)


def test_frames_follow_the_clock(engine):
    whole = dataclasses.replace(BASE, num_frames=6)
    later = dataclasses.replace(BASE, num_frames=3, start_s=3 / 25)
    views = shoot(engine, whole, later)
    assert np.array_equal(views[whole][0]["frames"][3:], views[later][0]["frames"])
    assert not np.array_equal(views[whole][0]["frames"][0], views[whole][0]["frames"][5])


def test_what_the_engine_refuses_is_shown(engine):
    with pytest.raises(EngineRefused, match="did you mean 'squat'"):
        shoot(engine, dataclasses.replace(BASE, motion=MotionRef(activity="sqat")))
    with pytest.raises(EngineRefused, match="did you mean 'lawn'"):
        engine.digest("environment", "lawnn")
    with pytest.raises(UnknownName, match="did you mean 'frames'"):
        shoot(engine, BASE, passes=["frame"])
    assert shoot(engine, BASE), "the session goes on"


def test_identity_and_digests(engine):
    identity = engine.identity()
    assert identity["engine"] == "ceteris-stage" and identity["backend"] == "cpu" and len(identity["build"]) == 16
    assert (
        engine.digest("appearance", "ana") == engine.digest("appearance", "ana") != engine.digest("appearance", "ben")
    )


def test_an_engine_killed_in_the_middle_is_explained():
    process = EngineProcess(stage_command())
    process.await_ready(300)
    engine = Engine(load_profile("stage"), host="127.0.0.1", port=process.port, process=process, reply_mb=0.1)
    clips = engine.capture([seen_from(azimuth) for azimuth in range(0, 360, 10)], ALL)
    next(clips)
    process.process.kill()
    with pytest.raises(EngineDied, match=r"(?s)was killed by SIGKILL; the end of its log:.*Engine is initialized"):
        list(clips)
    engine.close()
