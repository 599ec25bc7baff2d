"""What every reference of the catalogue promises, and what is said to a reference that has no motion."""

from __future__ import annotations

import numpy as np
import pytest

from synth.errors import UnknownName
from synth.factors import MotionRef
from synth.motion import builtin, catalogue
from synth.motion.amc import trial_fps
from synth.motion.facing import front_deg
from synth.motion.trials import MissingMotion, crop_of

CMU = [ref for activity in catalogue.activities("cmu") for ref in catalogue.references(activity, source="cmu", n=99)]
SOME = [ref for activity in catalogue.activities("cmu") for ref in catalogue.references(activity, source="cmu", n=2)]
SHORTER_S = {"run": 1.0}  # how long a motion lasts at least; the others 2 seconds
AUTHORED = [
    ref for name in catalogue.activities("authored") for ref in catalogue.references(name, source="authored", n=1)
]


def away_deg(angle: float) -> float:
    return abs((angle + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("ref", SOME, ids=lambda ref: ref.key)
def test_every_cmu_motion_keeps_the_contract(ref, body, assets_root):
    motion = catalogue.load(ref, body, assets_root=assets_root)
    assert motion.names == body.names
    assert (motion.kind, motion.label, motion.cyclic) == ("cmu", ref.key, False)
    assert motion.fps == trial_fps(crop_of(ref).trial)
    assert motion.duration_s > SHORTER_S.get(ref.activity, 2.0)
    assert away_deg(front_deg(motion, body)) < 2.0
    assert motion.root[:, :2].mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    lowest = body.lowest(motion.matrices(), motion.root)
    assert lowest.min() > -0.001
    assert lowest.min() < 0.01
    assert [prop.kind for prop in motion.props] == (["golf_club"] if ref.activity == "golf_swing" else [])


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


def test_activities_of_the_sources(assets_root, tmp_path):
    chosen = catalogue.activities("cmu")
    assert {"jumping_jack", "squat", "walk", "box", "wave", "golf_swing", "climb_ladder", "soccer_kick"} <= set(chosen)
    assert catalogue.activities("cmu", tmp_path) == chosen
    assert set(catalogue.activities("cmu", assets_root)) == {*chosen, "martial_arts"}
    assert catalogue.activities("authored") == list(builtin.ACTIVITIES)
    with pytest.raises(UnknownName, match="cmu"):
        catalogue.activities("cmuu")


def test_chosen_crops_come_before_the_other_trials_at_hand(assets_root):
    alone = catalogue.references("dance", source="cmu", n=99)
    with_files = catalogue.references("dance", source="cmu", n=99, assets_root=assets_root)
    assert [ref.variant for ref in alone] == ["55_02", "05_03", "05_11"]
    assert [ref.variant for ref in with_files] == ["55_02", "05_03", "05_11", "05_20"]


def test_an_uncurated_trial_is_a_motion(body, assets_root):
    """Whole, its front measured on the subject, so that every body is turned alike."""
    ref = MotionRef(activity="trial", source="cmu", variant="131_07")
    motion = catalogue.load(ref, body, assets_root=assets_root)
    assert (len(motion), motion.fps, motion.label) == (691, 120.0, "cmu/trial/131_07")
    assert away_deg(front_deg(motion, body)) < 2.0
    assert catalogue.cluster(ref) == "cmu/131_07"


def test_a_trial_of_many_actions_is_cut_by_published_labels(assets_root):
    crop = crop_of(MotionRef(activity="jumping_jack", source="cmu", variant="14_14"))
    assert crop.frames == (60, 450)
    whole = crop_of(MotionRef(activity="squat", source="cmu", variant="86_02"))
    assert (whole.frames, whole.facing_deg) == ((1100, 1850), None)
    assert len(catalogue.subject(crop, assets_root=assets_root)) == 390


def test_a_crop_of_a_bvh_takes_the_amc_where_only_that_is_there(cmu, tmp_path):
    """Frame numbers are the AMC's in both; the subject's own skeleton comes with it."""
    crop = catalogue.crops()["walk"]["12_01"]
    assert crop.find_files(cmu)[1].name == "12_01.bvh"
    assert crop.find_files(tmp_path) is None
    (tmp_path / "asfamc").mkdir()
    for name in ("12.asf", "12_01.amc"):
        (tmp_path / "asfamc" / name).write_text("x")
    assert [path.name for path in crop.find_files(tmp_path)] == ["12.asf", "12_01.amc"]


def test_a_bvh_runs_at_the_rate_of_its_trial(cmu, tmp_path):
    """cgspeed's files say 120 frames a second of trials that were recorded at 60, too."""
    (tmp_path / "79_86.bvh").write_bytes((cmu / "bvh/06_05.bvh").read_bytes())
    assert catalogue.performance(cmu / "asfamc/16.asf", tmp_path / "79_86.bvh").fps == 60.0
    assert catalogue.performance(cmu / "asfamc/16.asf", cmu / "bvh/06_05.bvh").fps == 120.0


def test_replicates_differ_and_take_other_recordings_first():
    squats = catalogue.references("squat", source="cmu", n=3)
    assert len({catalogue.cluster(ref) for ref in squats}) == 3
    assert len(catalogue.references("squat", source="cmu", n=99)) >= 6
    held = catalogue.references("squat", source="authored", n=4)
    assert [ref.variant for ref in held] == ["held-0", "held-1", "held-2", "held-3"]
    assert len({catalogue.cluster(ref) for ref in held}) == 4


def test_push_ups_are_named_as_authored(assets_root):
    """CMU's only trial of the class is a weak match: it is not taken for a replicate."""
    for root in (None, assets_root):
        with pytest.raises(MissingMotion, match="authored/push_up/held-0"):
            catalogue.references("push_up", source="cmu", n=1, assets_root=root)


def test_what_is_not_at_hand_says_how_to_get_it(body, assets_root):
    with pytest.raises(MissingMotion, match="fetch cmu --class archery"):
        catalogue.references("archery", source="cmu", n=1, assets_root=assets_root)
    ref = MotionRef(activity="golf_swing", source="cmu", variant="64_02")
    with pytest.raises(MissingMotion, match=r"64_02\.amc.*fetch cmu --trial 64_02"):
        catalogue.load(ref, body, assets_root=assets_root)


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
    whole = MotionRef(activity="trial", source="cmu", variant="14_14")
    digests = {catalogue.digest(ref, assets_root) for ref in [*CMU, whole]}
    digests |= {catalogue.digest(ref) for ref in AUTHORED}
    assert len(digests) == len(CMU) + 1 + len(AUTHORED)
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
