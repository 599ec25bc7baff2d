"""Recipes become shots: what is shared is set once, nothing is lost, replies stay small."""

import dataclasses
import itertools

import pytest

from synth.engine.shots import camera_values, plan_shots, told
from synth.factors import Appearance, ClipSpec, Manner, MotionRef, Viewpoint
from synth.frames import Camera
from synth.resolve import resolve

BASE = ClipSpec(motion=MotionRef(activity="squat"))


def spec(**changes):
    return dataclasses.replace(BASE, **changes)


def view(sweep, azimuth):
    return spec(viewpoint=Viewpoint(azimuth_deg=azimuth, sweep=sweep))


def shots(specs, *, shot_bytes=1 << 26, most_clips=1000):
    return list(plan_shots(specs, pixel_bytes=6, shot_bytes=shot_bytes, most_clips=most_clips))


def test_an_orbit_is_one_shot_of_many_cameras():
    specs = [view("orbit", azimuth) for azimuth in range(0, 360, 10)]
    (shot,) = shots(specs)
    assert shot.specs == tuple(specs) and len(set(shot.cameras)) == 36


@pytest.mark.parametrize("sweep", ["turntable", "orbit_lit"])
def test_a_turned_person_or_sun_is_another_scene(sweep):
    assert len(shots([view(sweep, azimuth) for azimuth in (0, 90, 180)])) == 3


def test_what_is_slow_to_change_changes_least():
    specs = [
        spec(appearance=Appearance(name=name), motion=MotionRef(activity=activity))
        for activity, name in itertools.product(("squat", "wave"), ("ana", "ben"))
    ]
    names = [shot.scene.appearance for shot in shots(specs)]
    assert names == ["ana", "ana", "ben", "ben"]


def test_no_clip_is_lost_and_no_shot_is_too_large():
    specs = [view("orbit", azimuth) for azimuth in range(50)]
    clip = 6 * BASE.width * BASE.height * BASE.num_frames
    found = shots(specs, shot_bytes=7 * clip)
    assert [len(shot.specs) for shot in found] == [7] * 7 + [1]
    assert [one for shot in found for one in shot.specs] == specs
    assert len(shots(specs, shot_bytes=1)) == 50
    assert len(shots(specs, most_clips=25)) == 2


def test_repeats_start_at_their_own_moments():
    assert len(shots([spec(), spec(repeat=1), spec(repeat=2)])) == 3


def test_another_manner_or_other_props_are_another_scene():
    changes = [{"manner": Manner(mirror=True)}, {"manner": Manner(phase=0.25)}, {"props": "ladder"}, {}]
    found = shots([spec(**change) for change in changes])
    assert {(shot.scene.manner, shot.scene.props) for shot in found} == {
        (Manner(mirror=True), "own"), (Manner(phase=0.25), "own"), (Manner(), "ladder"), (Manner(), "own"),
    }  # fmt: skip


def test_a_manner_is_rounded_as_the_wire_rounds_it_and_has_no_tempo():
    (shot,) = shots([spec(manner=Manner(tempo=2.0, phase=0.9999999, amplitude=1.00004, noise_deg=1.23456))])
    assert shot.scene.manner == Manner(phase=0.0, amplitude=1.0, noise_deg=1.2346)
    assert shot.scene.times_s[1] == 0.08


def test_the_camera_told_is_the_camera_meant_to_a_micrometre():
    camera = resolve(spec(repeat=3, viewpoint=Viewpoint(azimuth_deg=123.456789))).camera
    used = told(camera)
    assert used.position_m == pytest.approx(camera.position_m, abs=1e-6)
    assert used.axes().ravel() == pytest.approx(camera.axes().ravel(), abs=2e-6)
    assert told(used) == used


def test_camera_values_are_unreals():
    values = camera_values(Camera(position_m=(1.0, 2.0, 3.0), yaw_deg=90.0, pitch_deg=-10.0, fov_deg=60.0))
    assert values == {"x": 100.0, "y": -200.0, "z": 300.0, "pitch": -10.0, "yaw": -90.0, "roll": 0.0, "fov": 60.0}
