"""What every reference of the catalogue promises, and what is said to a reference that has no motion."""

from __future__ import annotations

import numpy as np
import pytest

from synth.errors import UnknownName
from synth.factors import MotionRef
from synth.motion import builtin, catalogue
from synth.motion.catalogue import MissingMotion
from synth.motion.facing import front_deg

CMU = [ref for activity in catalogue.activities("cmu") for ref in catalogue.references(activity, source="cmu", n=99)]
AUTHORED = [
    ref for name in catalogue.activities("authored") for ref in catalogue.references(name, source="authored", n=1)
]


def away_deg(angle: float) -> float:
    return abs((angle + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("ref", CMU, ids=lambda ref: ref.key)
def test_every_cmu_motion_keeps_the_contract(ref, body, assets_root):
    motion = catalogue.load(ref, body, assets_root=assets_root)
    assert motion.names == body.names
    assert (motion.kind, motion.label, motion.cyclic, motion.fps) == ("cmu", ref.key, False, 120.0)
    assert motion.duration_s > 2.0
    assert away_deg(front_deg(motion, body)) < 1.0
    assert motion.root[:, :2].mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    lowest = body.lowest(motion.matrices(), motion.root)
    assert lowest.min() > -0.002
    assert lowest.min() < 0.01


@pytest.mark.parametrize("ref", AUTHORED, ids=lambda ref: ref.key)
def test_authored_motions_come_from_the_package(ref, body):
    motion = catalogue.load(ref, body)
    made = builtin.make(ref.activity, ref.variant, body)
    assert (len(motion), motion.fps, motion.cyclic, motion.label) == (len(made), made.fps, made.cyclic, ref.key)
    assert away_deg(front_deg(motion, body)) < 0.01
    assert motion.root[:, :2].mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert motion.root[:, 2] == pytest.approx(made.root[:, 2])


def test_equal_references_give_equal_motions(body, assets_root):
    one, two = (catalogue.load(CMU[0], body, assets_root=assets_root) for _ in range(2))
    assert (one.rotations == two.rotations).all()
    assert (one.root == two.root).all()


def test_activities_of_the_sources():
    assert set(catalogue.activities("cmu")) == {"jumping_jack", "squat", "walk", "box", "wave"}
    assert catalogue.activities("authored") == list(builtin.ACTIVITIES)
    with pytest.raises(UnknownName, match="cmu"):
        catalogue.activities("cmuu")


def test_replicates_differ_and_take_other_recordings_first():
    squats = catalogue.references("squat", source="cmu", n=3)
    assert len({catalogue.cluster(ref) for ref in squats}) == 3
    assert len(catalogue.references("squat", source="cmu", n=99)) >= 6
    held = catalogue.references("squat", source="authored", n=4)
    assert [ref.variant for ref in held] == ["held-0", "held-1", "held-2", "held-3"]
    assert len({catalogue.cluster(ref) for ref in held}) == 4


def test_push_ups_are_named_as_authored(body, assets_root):
    with pytest.raises(MissingMotion, match="authored/push_up/held-0"):
        catalogue.references("push_up", source="cmu", n=1)
    with pytest.raises(MissingMotion, match="push_up"):
        catalogue.load(MotionRef(activity="push_up", source="cmu", variant="x"), body, assets_root=assets_root)


def test_misspelt_references(body, assets_root):
    with pytest.raises(UnknownName, match="squat"):
        catalogue.references("sqat", source="cmu", n=1)
    with pytest.raises(UnknownName, match="14_14a"):
        catalogue.load(MotionRef(activity="squat", source="cmu", variant="14_14z"), body, assets_root=assets_root)
    with pytest.raises(UnknownName, match="authored"):
        catalogue.load(MotionRef(activity="squat", source="autored"), body)
    with pytest.raises(UnknownName, match="squat"):
        catalogue.references("squad", source="authored", n=1)


def test_an_assets_root_without_data(body, tmp_path):
    with pytest.raises(MissingMotion, match=r"contains cmu/asfamc"):
        catalogue.load(CMU[0], body)
    with pytest.raises(MissingMotion, match=str(tmp_path / "cmu")):
        catalogue.load(CMU[0], body, assets_root=tmp_path)
    with pytest.raises(MissingMotion, match="asfamc"):
        catalogue.digest(CMU[0], tmp_path)


def test_digests_follow_the_recipe_and_the_file(assets_root, tmp_path):
    digests = {catalogue.digest(ref, assets_root) for ref in CMU} | {catalogue.digest(ref) for ref in AUTHORED}
    assert len(digests) == len(CMU) + len(AUTHORED)
    folder = tmp_path / "cmu/asfamc"
    folder.mkdir(parents=True)
    for path in catalogue.crops()["squat"]["14_14a"].files(assets_root):
        (folder / path.name).write_bytes(path.read_bytes())
    ref = MotionRef(activity="squat", source="cmu", variant="14_14a")
    assert catalogue.digest(ref, tmp_path) == catalogue.digest(ref, assets_root)
    (folder / "14_14.amc").write_bytes(b" " + (folder / "14_14.amc").read_bytes())
    assert catalogue.digest(ref, tmp_path) != catalogue.digest(ref, assets_root)


def test_a_file_that_is_shorter_than_the_crop(body, assets_root, tmp_path):
    folder = tmp_path / "cmu/asfamc"
    folder.mkdir(parents=True)
    crop = catalogue.crops()["walk"]["02_01"]
    asf, amc = crop.files(assets_root)
    (folder / asf.name).write_bytes(asf.read_bytes())
    (folder / amc.name).write_text(amc.read_text().split("\n100\n")[0] + "\n")
    with pytest.raises(MissingMotion, match="99 frames"):
        catalogue.on_body(crop, body, assets_root=tmp_path)


def test_crops_do_not_overrun_each_other():
    for table in catalogue.crops().values():
        assert all(0 <= crop.frames[0] < crop.frames[1] for crop in table.values())
        assert len({(crop.trial, crop.frames) for crop in table.values()}) == len(table)


def test_a_random_look_in_between_is_a_pose(body, assets_root):
    """Sampling at the model's own times gives rotations, not mixtures of them."""
    motion = catalogue.load(CMU[0], body, assets_root=assets_root)
    rotations, _ = motion.sample(np.random.default_rng(1).uniform(0.0, motion.duration_s, 16))
    assert rotations @ rotations.swapaxes(-1, -2) == pytest.approx(
        np.broadcast_to(np.eye(3), rotations.shape), abs=1e-9
    )
