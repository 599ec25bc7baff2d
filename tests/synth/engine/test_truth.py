"""Ground truth over the wire: every pass, whole and consistent, the same in one reply and picture by picture."""

import dataclasses

import numpy as np
import pytest

from synth.engine import Engine, EngineLacks
from synth.engine.passes import PASSES, PICTURES
from synth.factors import ClipSpec, Environment, Manner, MotionRef, Viewpoint
from synth.groundtruth import joints2d

BASE = ClipSpec(
    motion=MotionRef(activity="squat"),
    environment=Environment(name="plane"),
    viewpoint=Viewpoint(azimuth_deg=30.0, elevation_deg=10.0),
    num_frames=4,
    fps=5.0,
    width=64,
    height=48,
)
PROP = 200


def shoot(engine, *specs, passes=PASSES):
    """The arrays of each spec."""
    found = {spec: arrays for spec, arrays, _ in engine.capture(specs, passes)}
    return [found[spec] for spec in specs]


def test_every_pass_has_its_shape_and_type(engine):
    (arrays,) = shoot(engine, BASE)
    assert list(arrays) == list(PASSES)
    joints = arrays["joints"].shape[1]
    shapes = {
        "frames": (4, 48, 64, 3), "mask": (4, 48, 64), "parts": (4, 48, 64), "depth": (4, 48, 64),
        "normal": (4, 48, 64, 3), "flow": (3, 48, 64, 2), "foreground": (4, 48, 64, 4), "background": (4, 48, 64, 3),
        "joints": (4, joints, 3), "joints2d": (4, joints, 3),
    }  # fmt: skip
    assert {name: array.shape for name, array in arrays.items()} == shapes
    whole = {"frames", "mask", "parts", "foreground", "background"}
    assert {name for name, array in arrays.items() if array.dtype == np.uint8} == whole
    assert {array.dtype for name, array in arrays.items() if name not in whole} == {np.dtype(np.float32)}


def test_passes_agree_with_each_other(engine):
    (arrays,) = shoot(engine, dataclasses.replace(BASE, props="basketball"))
    person, something = arrays["mask"] == 1, np.isfinite(arrays["depth"])
    assert np.array_equal(person, (arrays["parts"] > 0) & (arrays["parts"] != PROP)) and (arrays["parts"] == PROP).any()
    assert np.allclose(np.linalg.norm(arrays["normal"], axis=-1), something, atol=1e-5)
    assert (arrays["flow"][~something[:-1]] == 0).all() and np.abs(arrays["flow"][person[:-1]]).max() > 1
    assert (arrays["foreground"][arrays["parts"] > 0][:, 3] > 0).all()
    assert (arrays["background"] == arrays["background"][0]).all(), "the place stands still, and no shadow is on it"
    floor = something & (arrays["parts"] == 0)
    assert np.allclose(arrays["normal"][floor], (0, 0, 1), atol=1e-5), "up is +Z on our side of the wire"
    empty = arrays["foreground"][..., 3] == 0
    far = ~something & empty
    assert np.array_equal(arrays["frames"][far], arrays["background"][far])


def test_joints_are_judged_by_the_passes_sent_with_them(engine):
    asked = ("joints2d", "depth", "parts", "joints")
    (spec, arrays, camera) = next(iter(engine.capture([dataclasses.replace(BASE, props="basketball")], asked)))
    again = joints2d(arrays["joints"], arrays["depth"], arrays["parts"], camera, engine._names())
    assert arrays["joints2d"].tobytes() == again.tobytes()
    visible = arrays["joints2d"][..., 2]
    assert 0.3 < visible.mean() < 0.95 and set(np.unique(visible)) == {0, 1}
    assert shoot(engine, spec, passes=("joints2d",))[0]["joints2d"].tobytes() == again.tobytes(), "alone it is the same"


def test_one_reply_and_picture_by_picture_are_one(engine, stage, plain_profile):
    specs = [BASE, dataclasses.replace(BASE, viewpoint=Viewpoint(azimuth_deg=200.0, sweep="turntable"))]
    bulk = shoot(engine, *specs)
    engine._client.close()
    single = Engine(plain_profile, host="127.0.0.1", port=stage.port)
    one_by_one = shoot(single, *specs)
    single._client.close()
    for one, other in zip(bulk, one_by_one, strict=True):
        for name in PASSES:
            if name in PICTURES:
                assert np.array_equal(one[name], other[name]), name
            else:
                assert np.allclose(one[name], other[name], atol=1e-4), name


def test_small_replies_overlap_where_there_is_flow(engine):
    (whole,) = shoot(engine, BASE)
    engine._reply_bytes = 48 * 64 * 38
    (parts,) = shoot(engine, BASE)
    assert all(whole[name].tobytes() == parts[name].tobytes() for name in PASSES)


def test_a_clip_of_one_frame_has_no_flow(engine):
    (arrays,) = shoot(engine, dataclasses.replace(BASE, num_frames=1), passes=("frames", "flow"))
    assert arrays["flow"].shape == (0, 48, 64, 2) and arrays["frames"].shape == (1, 48, 64, 3)


def asked_times(engine, monkeypatch):
    """How many moments each bulk request asks for from now on."""
    counts, ask = [], engine._client.ask

    def spy(lines, **limits):
        counts.extend(len(line.split()[4].split(";")) for line in lines if line.startswith("vget /stage/capture"))
        return ask(lines, **limits)

    monkeypatch.setattr(engine._client, "ask", spy)
    return counts


def test_a_cycle_is_drawn_once_however_often_it_repeats(engine, monkeypatch):
    counts = asked_times(engine, monkeypatch)
    cycle = dataclasses.replace(BASE, fps=4 / 5.12, num_frames=10)
    engine._reply_bytes = 1 << 30
    arrays = shoot(engine, cycle, dataclasses.replace(cycle, num_frames=4), passes=("frames", "flow", "joints"))
    assert counts == [4, 5], "the shot of four frames, and that of four poses and the one after them"
    long, short = arrays
    for name in ("frames", "joints"):
        assert np.array_equal(long[name][:4], short[name])
        assert np.array_equal(long[name], np.concatenate([short[name]] * 3)[:10])
    assert np.array_equal(long["flow"][:3], short["flow"]) and np.array_equal(long["flow"][4:8], long["flow"][:4])
    assert long["flow"].shape[0] == 9


def test_a_walk_that_leads_away_does_not_come_again(engine, monkeypatch):
    counts = asked_times(engine, monkeypatch)
    told = engine.ask(["vbp Stage set_motion Human authored/walk/0"])[0]
    seconds = float(told.split('"Seconds": "')[1].split('"')[0])
    walk = dataclasses.replace(BASE, motion=MotionRef(activity="walk"), fps=3 / seconds, num_frames=6)
    for root, asked in (("in_place", 3), ("world", 6)):
        shoot(engine, dataclasses.replace(walk, root=root), passes=("mask",))
        assert counts.pop() == asked


def test_manner_and_props_are_shown_and_taken_back(engine):
    mirrored = dataclasses.replace(BASE, manner=Manner(mirror=True), props="none")
    plain, other, again = (shoot(engine, spec, passes=("joints", "frames"))[0] for spec in (BASE, mirrored, BASE))
    bones = engine._names()
    pairs = [bones.index(name[:-1] + {"L": "R", "R": "L"}.get(name[-1], name[-1])) for name in bones]
    assert np.allclose(other["joints"], plain["joints"][:, pairs] * (1, -1, 1), atol=2e-3)
    assert all(plain[name].tobytes() == again[name].tobytes() for name in plain)
    slow = dataclasses.replace(BASE, manner=Manner(tempo=0.5), fps=2.5)
    assert shoot(engine, slow, passes=("frames",))[0]["frames"].tobytes() == plain["frames"].tobytes()


def without(profile, *capabilities):
    commands = {name: line for name, line in profile.commands.items() if name not in capabilities}
    return dataclasses.replace(profile, name="poor", commands=commands, where="poor.yaml")


@pytest.mark.parametrize(
    ("lacks", "change", "passes", "says"),
    [
        (
            "flow",
            {},
            ("frames", "flow"),
            r"(?s)its profile 'poor'.*give the pass 'flow': no command 'flow'\n.*poor.yaml",
        ),
        ("depth", {}, ("joints2d",), r"the pass 'joints2d' \(it needs 'depth'\)"),
        ("joints", {}, ("joints2d",), r"\(it needs 'joints'\)"),
        ("parts", {}, ("joints2d",), r"\(it needs 'parts'\)"),
        ("object_mask", {}, ("mask",), "no command 'object_mask'"),
        (
            "set_manner",
            {"manner": Manner(phase=0.25, tempo=2.0)},
            ("mask",),
            r"manner.phase = 0.25: no command 'set_manner'",
        ),
        ("set_props", {"props": "ladder"}, ("mask",), r"props = 'ladder'.*'set_props'"),
    ],
)
def test_what_a_profile_lacks_is_refused_before_anything_is_drawn(engine, monkeypatch, lacks, change, passes, says):
    counts = asked_times(engine, monkeypatch)
    engine.profile = without(engine.profile, lacks)
    with pytest.raises(EngineLacks, match=says):
        shoot(engine, BASE, dataclasses.replace(BASE, **change), passes=passes)
    assert not counts


def test_an_engine_without_manner_and_props_gives_what_the_default_is(engine, stage):
    (plain,) = shoot(engine, BASE, passes=("frames",))
    engine._client.close()
    poor = Engine(without(engine.profile, "set_manner", "set_props"), host="127.0.0.1", port=stage.port)
    fast = dataclasses.replace(BASE, manner=Manner(tempo=2.0), fps=10.0)
    assert [one["frames"].tobytes() for one in shoot(poor, BASE, fast, passes=("frames",))] == [
        plain["frames"].tobytes()
    ] * 2
    poor._client.close()


def test_the_plugins_colours_are_understood_as_normals(stage, plain_profile):
    colours = plain_profile.commands | {"normal": "vget /camera/{camera:d}/normal png"}
    shown = []
    for profile in (plain_profile, dataclasses.replace(plain_profile, commands=colours)):
        engine = Engine(profile, host="127.0.0.1", port=stage.port)
        shown += shoot(engine, BASE, passes=("normal", "depth"))
        engine._client.close()
    for arrays in shown:
        assert np.allclose(np.linalg.norm(arrays["normal"], axis=-1), np.isfinite(arrays["depth"]), atol=1e-5)
    assert np.abs(shown[0]["normal"] - shown[1]["normal"]).max() < 0.012
