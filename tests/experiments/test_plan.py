"""Plans: matched blocks, the floor, and a control proof that can fail."""

import dataclasses

import pytest

from experiments.control import ControlError, _moved_in_resolved, _told, check_control, control_proof
from experiments.plan import plan, with_ids
from experiments.settings import SettingError
from experiments.study import ClipShape, Study, Sweep
from synth import axes
from synth.aim import aim
from synth.errors import UnknownName
from synth.factors import Appearance, Lighting, Manner, Viewpoint
from synth.resolve import resolve

STUDY = Study(
    name="toy",
    title="Toy",
    question="?",
    activities=("squat", "wave"),
    sweeps=(
        Sweep(name="orbit", factor="azimuth", values=(0.0, 90.0)),
        Sweep(name="turntable", factor="azimuth", mode="turntable", values=(0.0, 90.0)),
        Sweep(name="distance", factor="distance", values=(2.0, 3.5, 5.0)),
    ),
    reference=Viewpoint(elevation_deg=10.0),
    replicates=3,
    appearances=("ana", "ben"),
    floor_repeats=2,
)
DIGESTS = {"engine": "stage", "build": "1", "backend": "cpu", "motion": "m", "appearance": "a", "environment": "e"}


@pytest.fixture(scope="module")
def clips():
    return plan(STUDY)


def manifests(clips) -> dict:
    return {c.id: {"digests": DIGESTS, "camera": dataclasses.asdict(resolve(c.spec).camera)} for c in clips}


@pytest.fixture
def identified(clips):
    return with_ids(clips, {clip.spec: clip.spec.clip_id({}) for clip in clips})


def test_the_design_is_complete_and_shared_clips_have_one_recipe(clips):
    assert len(clips) == 2 * 3 * (2 + 2 + 3 + 2)
    assert len({clip.spec for clip in clips}) == 2 * 3 * (2 + 2 + 3 + 2 - 1), "orbit at 0 and distance 3.5 are one"
    assert sum(clip.spec.repeat > 0 for clip in clips) == 2 * 3 * 2


def test_planning_twice_gives_the_same_and_another_seed_other_phases(clips):
    assert plan(STUDY) == clips
    other = plan(dataclasses.replace(STUDY, seed=1))
    assert {c.spec.start_s for c in other}.isdisjoint({c.spec.start_s for c in clips})


def test_blocks_differ_in_the_swept_factor_alone(identified):
    assert check_control(identified, manifests(identified)) == 2 * 3 * 3


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"appearance": Appearance(name="ben")}, "appearance.name"),
        ({"start_s": 0.123}, "start_s"),
        ({"lighting": Lighting(intensity=0.5)}, "lighting.intensity"),
        ({"viewpoint": Viewpoint(azimuth_deg=90, elevation_deg=11)}, "viewpoint.elevation_deg"),
        ({"look_at_m": (0, 0, 1.1)}, "look_at_m.z"),
    ],
)
def test_the_proof_names_whatever_else_moved(clips, change, names):
    pair = [c.spec for c in clips if c.sweep == "orbit" and c.spec.repeat == 0][:2]
    assert control_proof(pair, "azimuth") == []
    assert names in control_proof([pair[0], dataclasses.replace(pair[1], **change)], "azimuth")


def test_a_camera_that_was_not_the_one_asked_for_is_found(identified):
    record = manifests(identified)
    victim = next(c for c in identified if c.sweep == "orbit" and c.value == 90)
    record[victim.id]["camera"]["yaw_deg"] += 0.5
    with pytest.raises(ControlError, match="camera told at azimuth = 90"):
        check_control(identified, record)


def test_clips_of_two_builds_are_not_compared(identified):
    record = manifests(identified)
    victim = next(c for c in identified if c.sweep == "orbit" and c.value == 90)
    record[victim.id] = {**record[victim.id], "digests": {**DIGESTS, "build": "2"}}
    with pytest.raises(ControlError, match="digest of build"):
        check_control(identified, record)


def test_a_sweep_without_its_reference_is_refused_before_anything_is_drawn():
    with pytest.raises(SettingError, match=r"distance.values do not hold the reference distance, 3"):
        plan(dataclasses.replace(STUDY, reference=Viewpoint(distance_m=3.0)))


def test_a_turntable_whose_camera_moved_is_no_turntable(clips):
    pair = [resolve(c.spec) for c in clips if c.sweep == "turntable" and c.block == clips[0].block]
    assert pair[0].camera == pair[1].camera
    camera = dataclasses.replace(pair[1].camera, yaw_deg=pair[1].camera.yaw_deg + 1)
    moved = [pair[0], dataclasses.replace(pair[1], camera=camera)]
    assert _moved_in_resolved([_told(it) for it in moved], ["azimuth"], {"turntable"}) == ["camera.yaw_deg"]


def test_a_recording_too_short_for_the_clips_is_named(shared):
    study = dataclasses.replace(STUDY, source="cmu", clip=ClipShape(num_frames=60))
    with pytest.raises(SettingError, match=r"cmu/squat/14_14a lasts 2.53 s, too short"):
        plan(study, assets_root=shared / "data")


@pytest.mark.parametrize("reference", ["cmu", "authored"])
def test_no_frame_lies_outside_its_motion(shared, reference):
    study = dataclasses.replace(STUDY, source=reference, replicates=2)
    for clip in plan(study, assets_root=shared / "data"):
        motion = aim(clip.spec.motion, root="in_place", assets_root=shared / "data")
        times = resolve(clip.spec).times_s
        assert times[0] >= 0 and (motion.cyclic or times[-1] <= motion.duration_s)


@pytest.mark.parametrize(
    ("change", "nearest"), [({"activities": ("squad",)}, "squat"), ({"appearances": ("anna",)}, "ana")]
)
def test_misspelt_names_are_found_before_anything_is_loaded(change, nearest):
    with pytest.raises(UnknownName, match=nearest):
        plan(dataclasses.replace(STUDY, **change))


EVERYTHING = {
    "azimuth": (0.0, 45.0),
    "elevation": (10.0, -20.0),
    "distance": (3.5, 5.0),
    "fov": (45.0, 60.0),
    "appearance": ("ana", "ben"),
    "environment": ("lawn", "plane"),
    "sun_azimuth": (40.0, 100.0),
    "sun_elevation": (50.0, 20.0),
    "intensity": (1.0, 0.5),
    "temperature": (5600.0, 3000.0),
    "ambient": (1.0, 0.5),
    "tempo": (1.0, 2.0),
    "phase": (0.0, 0.5),
    "amplitude": (1.0, 0.5),
    "noise": (0.0, 5.0),
    "mirror": (False, True),
    "freeze": ("none", "head"),
    "props": ("own", "none"),
}


@pytest.fixture(scope="module")
def everything():
    sweeps = tuple(Sweep(name=factor, factor=factor, values=values) for factor, values in EVERYTHING.items())
    study = dataclasses.replace(STUDY, activities=("squat",), sweeps=sweeps, replicates=2)
    return with_ids(plan(study), {clip.spec: clip.spec.clip_id({}) for clip in plan(study)})


def test_every_factor_can_be_swept_and_proved(everything):
    assert set(EVERYTHING) == set(axes.AXES)
    assert check_control(everything, manifests(everything)) == 2 * len(EVERYTHING)
    for factor, levels in EVERYTHING.items():
        swept = [axes.value(c.spec, factor) for c in everything if c.factor == factor and c.spec.repeat == 0]
        assert swept == [*(level % 360 if factor == "azimuth" else level for level in levels)] * 2
    assert {clip.level for clip in everything if clip.factor == "mirror"} == {"false", "true"}
    assert {clip.value for clip in everything if clip.factor == "appearance"} == {0.0, 1.0}
    assert {clip.below_floor for clip in everything if clip.value == -20.0} == {True}


@pytest.mark.parametrize("factor", EVERYTHING)
def test_no_sweep_passes_for_another(everything, factor):
    own = [c.spec for c in everything if c.factor == factor and c.spec.repeat == 0][:2]
    assert control_proof(own, factor) == []
    other = "tempo" if factor != "tempo" else "mirror"
    assert axes.AXES[factor].path in control_proof(own, other)


@pytest.mark.parametrize("factor", ["appearance", "environment", "mirror"])
def test_only_the_digest_of_what_is_swept_may_differ(everything, factor):
    record = manifests(everything)
    members = [c for c in everything if c.factor == factor and c.spec.repeat == 0]
    for name in ("appearance", "environment", "motion"):
        told = {
            **record,
            **{c.id: {**record[c.id], "digests": {**DIGESTS, name: c.level}} for c in members},
        }
        if name == factor:
            check_control(members, told)
        else:
            with pytest.raises(ControlError, match=f"digest of {name}"):
                check_control(members, told)


def test_at_one_level_even_what_is_swept_has_one_digest(everything):
    record = manifests(everything)
    one, *_ = members = [c for c in everything if c.factor == "appearance" and c.spec.repeat == 0]
    twin = dataclasses.replace(one, id="another")
    told = {**record, "another": {**record[one.id], "digests": {**DIGESTS, "appearance": "changed meanwhile"}}}
    check_control([*members, twin], {**told, "another": record[one.id]})
    with pytest.raises(ControlError, match="one and the same appearance"):
        check_control([*members, twin], told)


def test_a_faster_motion_must_last_longer(shared):
    short = dataclasses.replace(STUDY, activities=("squat",), source="cmu", clip=ClipShape(num_frames=10))
    plan(short, assets_root=shared / "data")
    hasty = Sweep(name="tempo", factor="tempo", values=(1.0, 2.0))
    with pytest.raises(SettingError, match=r"too short .* a tempo of 2"):
        plan(dataclasses.replace(short, sweeps=(hasty,)), assets_root=shared / "data")


def test_a_recording_has_neither_phase_nor_loop(shared):
    recorded = dataclasses.replace(STUDY, activities=("squat",), source="cmu")
    phase = Sweep(name="phase", factor="phase", values=(0.0, 0.5))
    with pytest.raises(SettingError, match="it has no phase"):
        plan(dataclasses.replace(recorded, sweeps=(phase,)), assets_root=shared / "data")
    with pytest.raises(SettingError, match="no loop can be made"):
        plan(dataclasses.replace(recorded, clip=ClipShape(loop=True)), assets_root=shared / "data")


def test_the_frames_of_a_loop_are_one_cycle():
    looped = dataclasses.replace(STUDY, activities=("squat",), clip=ClipShape(num_frames=20, loop=True))
    for clip in plan(looped):
        cycle_s = aim(clip.spec.motion, root="in_place").cycle_s
        assert clip.spec.loop and clip.spec.num_frames / clip.spec.fps == pytest.approx(cycle_s, abs=1e-4)
    hasty = Sweep(name="tempo", factor="tempo", values=(1.0, 2.0))
    with pytest.raises(SettingError, match="one whole cycle"):
        plan(dataclasses.replace(looped, sweeps=(hasty,)))
    with pytest.raises(SettingError, match="noise does not repeat"):
        plan(dataclasses.replace(looped, manner=Manner(noise_deg=5.0)))


@pytest.mark.parametrize(
    ("sweep", "change", "says"),
    [
        (("amplitude", (0.5, 0.8)), {}, "reference amplitude, 1; add it to the values, or set study.manner.amplitude"),
        (("appearance", ("mei", "tom")), {}, "reference appearance, ana; .* the first of study.appearances"),
        (("mirror", (False, True)), {"manner": Manner(mirror=True), "props": "cup"}, "no props named 'cup'"),
        (("environment", ("lawn", "bech")), {}, "'beach'"),
        (("environment", ("lawn", "random-x")), {}, "no environment named 'random-x'"),
        (("mirror", (False, True)), {"source": 5}, "no source of motions named 5"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(sweep, change, says):
    made = Sweep(name="x", factor=sweep[0], values=sweep[1])
    with pytest.raises((SettingError, UnknownName), match=says):
        plan(dataclasses.replace(STUDY, sweeps=(made,), **change))
