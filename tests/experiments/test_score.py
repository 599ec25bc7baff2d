"""Score rows against answers known by hand; the cache; the errors."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import torch

from experiments.labels import NoClass
from experiments.models import ClipTooShort, InputSpec, Output
from experiments.models.preprocess import pictures
from experiments.plan import PlannedClip
from experiments.score import ScoreError, score
from experiments.scoring.cache import CacheError, RowCache
from synth.clips import ClipError, ClipStore
from synth.factors import ClipSpec, MotionRef, Viewpoint

CAMERA = {"position_m": [0, 0, 0], "yaw_deg": 0.0, "pitch_deg": 0.0, "fov_deg": 45.0}


class MeanColour:
    """Logits are the mean red, green and blue of the frames it is shown; counts the clips it scored."""

    name, classes, fingerprint = "mean-colour", ["squat", "walk", "wave"], "feed"
    input = InputSpec(frames=2, fps=6.25, height=8, width=8)

    def __init__(self):
        self.seen = 0

    def prepare(self, footage):
        return pictures(footage, self.input)

    def run(self, batch, layers=()):
        self.seen += len(batch)
        mean = batch[:, 0].float().div(255)
        return Output(mean.mean((2, 3, 4)), {name: mean for name in layers})


def planned(store, number, *, colour=(200, 100, 0), activity="squat", fps=6.25, frames=None, masked=0.25):
    """One stored clip of a single colour, and its place in a plan."""
    spec = ClipSpec(
        motion=MotionRef(activity=activity),
        viewpoint=Viewpoint(azimuth_deg=30.0 * number),
        width=8,
        height=8,
        fps=fps,
        num_frames=2 if frames is None else len(frames),
    )
    if frames is None:
        frames = np.broadcast_to(np.array(colour, np.uint8), (2, 8, 8, 3))
    mask = np.zeros((len(frames), 8, 8), np.uint8)
    mask[:, : int(8 * masked)] = 1
    clip_id = f"{number:020x}"
    store.write(clip_id, spec, {"frames": np.ascontiguousarray(frames), "mask": mask}, digests={}, camera=CAMERA)
    return PlannedClip(
        spec=spec,
        activity=activity,
        sweep="orbit",
        factor="azimuth",
        value=30.0 * number,
        block="b",
        cluster="c",
        id=clip_id,
    )


@pytest.fixture
def store(tmp_path):
    return ClipStore(tmp_path)


def test_rows_against_numbers_known_by_hand(store):
    clips = [planned(store, 0), planned(store, 1, activity="wave")]
    scores = score(clips, store, MeanColour())
    z = np.array([200, 100, 0]) / 255
    p = np.exp(z) / np.exp(z).sum()
    first, second = scores.rows.iloc[0], scores.rows.iloc[1]
    assert np.allclose(scores.logits, [z, z], atol=1e-6)
    assert np.isclose(first.score, p[0]) and np.isclose(second.score, p[2])
    assert np.isclose(first.margin, z[0] - z[1]) and np.isclose(second.margin, z[2] - z[0])
    assert (first["rank"], first.top1, second["rank"], second.top1) == (1, True, 3, False)
    assert first.person_share == 0.25 and np.isnan(first.in_frame)


def test_rows_carry_the_design_and_every_factor_once(store):
    rows = score([planned(store, 2)], store, MeanColour()).rows
    row = rows.iloc[0]
    assert not rows.columns.duplicated().any()
    assert (row.motion, row.source, row.appearance) == ("authored/squat/0", "authored", "ana")
    assert (row.sweep, row.factor, row.value, row.block, row.cluster) == ("orbit", "azimuth", 60.0, "b", "c")
    assert row.level == "" and not row.below_floor
    assert row["viewpoint.azimuth_deg"] == 60.0 and row["start_s"] == 0.0 and row["repeat"] == 0


def test_a_second_run_scores_nothing(store):
    clips = [planned(store, n, colour=(n, 10, 20)) for n in range(5)]
    model = MeanColour()
    first = score(clips[:3], store, model, batch=2)
    again = score(clips, store, model, batch=2)
    warm = score(clips, ClipStore(store.root), model)
    assert (first.fresh, again.fresh, warm.fresh, model.seen) == (3, 2, 0, 5)
    assert np.array_equal(warm.logits, again.logits)
    assert warm.rows.equals(again.rows)


def test_another_fingerprint_is_scored_anew(store):
    clips = [planned(store, 0)]
    score(clips, store, MeanColour())
    changed = MeanColour()
    changed.fingerprint = "beef"
    assert score(clips, store, changed).fresh == 1


def test_a_clip_in_two_sweeps_is_scored_once_and_has_two_rows(store):
    clip = planned(store, 0)
    model = MeanColour()
    scores = score([clip, dataclasses.replace(clip, sweep="turntable")], store, model)
    assert model.seen == 1 and list(scores.rows["sweep"]) == ["orbit", "turntable"]


def test_frames_are_picked_at_the_models_rate(store):
    frames = np.zeros((8, 8, 8, 3), np.uint8)
    frames[[0, 4], ..., 0] = 255
    scores = score([planned(store, 0, fps=25.0, frames=frames)], store, MeanColour())
    assert np.allclose(scores.logits, [[1.0, 0.0, 0.0]])


def test_joints_in_frame_are_counted_once_the_pass_is_there(store):
    clip = planned(store, 0)
    assert np.isnan(score([clip], store, MeanColour()).rows.in_frame[0])
    joints = np.zeros((2, 2, 3), np.float32)
    joints[:, 0], joints[:, 1] = clip.spec.look_at_m, (0.0, 50.0, 0.9)
    store.write(clip.id, clip.spec, {"joints": joints}, digests={}, camera=CAMERA)
    assert score([clip], store, MeanColour()).rows.in_frame[0] == 0.5


def test_an_activity_without_a_class_is_refused(store):
    with pytest.raises(NoClass, match="wave"):
        score([planned(store, 0, activity="waving")], store, MeanColour())


def test_nan_logits_are_refused_and_not_kept(store):
    class Broken(MeanColour):
        def run(self, batch, layers=()):
            return Output(torch.full((len(batch), 3), float("nan")), {})

    clip = planned(store, 0)
    with pytest.raises(ScoreError, match=clip.id):
        score([clip], store, Broken())
    assert score([clip], store, MeanColour()).fresh == 1


def test_a_clip_that_is_too_short_or_missing_is_refused(store):
    with pytest.raises(ClipTooShort):
        score([planned(store, 0, fps=25.0)], store, MeanColour())
    with pytest.raises(ClipError):
        score([dataclasses.replace(planned(store, 1), id="f" * 20)], store, MeanColour())


def test_no_clips_give_no_rows(store):
    assert len(score([], store, MeanColour()).rows) == 0


def test_a_damaged_shard_is_named(tmp_path):
    RowCache(tmp_path, 2).add({"a": np.zeros(2)})
    (shard,) = tmp_path.glob("*.npz")
    with pytest.raises(CacheError, match="expected"):
        RowCache(tmp_path, 3)
    shard.write_bytes(b"")
    with pytest.raises(CacheError, match=shard.name):
        RowCache(tmp_path, 2)


def test_scoring_module_needs_no_deep_learning_library():
    code = "import sys, experiments.score; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


class LeftHalf(MeanColour):
    """Its first logit is the brightness of the left half."""

    fingerprint = "1ef7"

    def run(self, batch, layers=()):
        left = batch[:, 0].float().div(255)[..., :4].mean((1, 2, 3, 4))
        return Output(torch.stack([left, 0 * left, 0 * left], 1), {})


def test_flipped_clips_are_scored_as_a_mirror_shows_them_and_kept_apart(tmp_path):
    store = ClipStore(tmp_path)
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    frames[:, :, :4] = 255
    clips = [planned(store, 1, frames=frames)]
    plain, flipped = (score(clips, store, LeftHalf(), flipped=f).logits[0, 0] for f in (False, True))
    assert (plain, flipped) == (1.0, 0.0)
    assert score(clips, store, LeftHalf()).fresh == 0 and score(clips, store, LeftHalf(), flipped=True).fresh == 0
