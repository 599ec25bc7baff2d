"""From what a model says of a randomised design to its tables, with models whose dependence is known."""

import dataclasses
import logging

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit, softmax

from experiments.analysis.variance import ALL_CLASSES, LOGIT
from experiments.designs.effects import MOTION, read_effects
from experiments.effects import (
    CLIPS,
    LEVELS,
    PAIRS,
    SHARES,
    effects,
    floor_variance,
    log_odds,
    repeated,
    with_floor,
)
from experiments.plan import plan
from experiments.planned import EFFECTS, with_ids
from experiments.score import Scores
from experiments.study import Study, Sweep
from synth.aim import Aim
from synth.factors import Viewpoint

CLASSES = ("squat", "wave", "walk")
STUDY = Study(
    name="toy",
    title="Toy",
    question="?",
    activities=("squat", "wave"),
    sweeps=(Sweep(name="orbit", factor="azimuth", values=(0.0, 90.0)),),
    reference=Viewpoint(),
    replicates=2,
    appearances=("ana", "ben"),
    effects=read_effects(
        {
            "rows": 64,
            "second_order": True,
            "factors": {"azimuth": {"low": 0, "high": 360}, "environment": ["lawn", "plane", "gym"]},
        }
    ),
)


@dataclasses.dataclass(frozen=True)
class Card:
    name: str
    classes: tuple = CLASSES


class Asker:
    """Stands for the models: a function from a recipe to logits each."""

    def __init__(self, **models):
        self.models, self.cards = models, [Card(name) for name in models]

    def score(self, clips, card):
        logits = np.array([self.models[card.name](clip.spec) for clip in clips], dtype=np.float32)
        right = [CLASSES.index(clip.activity) for clip in clips]
        score = softmax(logits, axis=1)[np.arange(len(clips)), right]
        rows = pd.DataFrame({"model": card.name, "score": score}, index=range(len(clips)))
        return Scores(rows=rows, logits=logits, classes=CLASSES, fresh=0)


def motion_only(spec):
    return [4.0 * (spec.motion.activity == name) for name in CLASSES]


def place_only(spec):
    shift = {"lawn": 0.0, "plane": 1.0, "gym": 3.0}[spec.environment.name]
    return [shift, -shift, 0.0]


def front_only(spec):
    front = np.cos(np.deg2rad(spec.viewpoint.azimuth_deg))
    return [(2 + 2 * front) * (spec.motion.activity == name) + 0.05 * spec.repeat for name in CLASSES[:2]] + [0.0]


@pytest.fixture(scope="module")
def clips():
    """Planned without measuring 128 motions, which no model here sees."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            "experiments.plan.aim",
            lambda *_, **__: Aim(look_at_m=(0.0, 0.0, 0.9), duration_s=6.0, cycle_s=2.0, cyclic=True),
        )
        planned = plan(STUDY)
    return with_ids(planned, {clip.spec: clip.spec.clip_id({}) for clip in planned})


@pytest.fixture(scope="module")
def found(clips):
    return effects(Asker(motion=motion_only, place=place_only, front=front_only), STUDY, clips, draws=100)


def total(found, model) -> pd.Series:
    own = found[SHARES]
    return own[(own["model"] == model) & (own["label"] == ALL_CLASSES)].set_index("factor")["total"]


def test_a_model_of_the_motion_alone_gives_it_everything(found):
    own = total(found, "motion")
    assert own[MOTION] == pytest.approx(1.0, abs=0.15) and (own[["azimuth", "environment"]] == 0).all()


def test_a_model_of_the_place_alone_gives_it_everything(found):
    own = total(found, "place")
    assert own["environment"] == pytest.approx(1.0, abs=0.15) and (own[[MOTION, "azimuth"]] == 0).all()


def test_a_model_of_the_front_needs_motion_and_view_together(found):
    own = total(found, "front")
    assert own["azimuth"] > 0.1 and own[MOTION] > own["azimuth"] and own["environment"] == 0
    pairs = found[PAIRS][(found[PAIRS]["model"] == "front") & (found[PAIRS]["label"] == ALL_CLASSES)]
    assert pairs.sort_values("share").iloc[-1][["factor", "other"]].tolist() == [MOTION, "azimuth"]


def test_levels_of_what_counts_differ_and_no_others(found):
    beyond = found[LEVELS][found[LEVELS]["p_holm"] < 0.01]
    assert set(beyond.loc[beyond["model"] == "front", "axis"]) == {"azimuth"}
    assert beyond[beyond["model"] == "motion"].empty
    front = beyond[(beyond["model"] == "front") & (beyond["level"] == "front") & (beyond["other"] == "back")]
    assert front["difference"].iloc[0] > 0.3


def test_the_clips_stand_in_the_table_with_their_place_in_the_design(found, clips):
    own = found[CLIPS]
    assert len(own) == 3 * sum(clip.design == EFFECTS for clip in clips) == 3 * 64 * 8
    assert own.groupby("model")["row"].nunique().eq(64).all()
    assert set(own["level.azimuth"]) == {"front", "left", "back", "right"}
    assert (own.loc[own["part"].isin(["A", "B"]), "factor"] == "").all()


def test_log_odds_are_of_the_whole_set_of_classes_whatever_constant_is_added():
    z = np.random.default_rng(0).normal(size=(5, 4))
    p = softmax(z, axis=1)[:, [1, 3]].sum(axis=1)
    assert log_odds(z + 7, [1, 3]) == pytest.approx(logit(p))


def test_the_floor_is_the_variance_of_harmless_repeats(clips):
    again = repeated(clips)
    assert len(again) == 2 * 2 * (1 + 2), "of each block the clip at the reference and its two repeats"
    assert {clip.value for clip in again} == {0.0}
    odds = pd.DataFrame({LOGIT + "a": [1.0, 3.0, 5.0, 5.0], LOGIT + "b": [0.0, 0.0, 0.0, 1.0]})
    assert floor_variance(odds, ["x", "x", "y", "y"]) == {"a": 1.0, "b": 0.25, ALL_CLASSES: 1.25}
    shares = pd.DataFrame({"model": ["m", "m", "n"], "label": ["a", ALL_CLASSES, "a"], "variance": [4.0, 5.0, 1.0]})
    told = with_floor(shares, {"m": {"a": 1.0, ALL_CLASSES: 1.25}})
    assert told["floor"].tolist()[:2] == [0.25, 0.25] and np.isnan(told["floor"].iloc[2])


def test_a_model_that_repeats_move_has_a_floor_and_one_that_they_do_not_has_none(found):
    floors = found[SHARES].groupby("model")["floor"].max()
    assert floors["front"] > 0 and floors["motion"] == floors["place"] == 0


def test_a_study_without_repeats_has_shares_without_a_floor(clips):
    asked = effects(Asker(motion=motion_only), STUDY, [clip for clip in clips if clip.spec.repeat == 0], draws=20)
    assert asked[SHARES]["floor"].isna().all()


def test_a_model_that_never_moves_is_named_and_has_no_shares(clips, caplog):
    with caplog.at_level(logging.WARNING, logger="ceteris"):
        asked = effects(Asker(still=lambda spec: [1.0, 0.0, 0.0], motion=motion_only), STUDY, clips, draws=100)
    assert "still: the logit of 'squat' is the same for all clips" in caplog.text
    assert set(asked[SHARES]["model"]) == {"motion"} and set(asked[CLIPS]["model"]) == {"still", "motion"}
