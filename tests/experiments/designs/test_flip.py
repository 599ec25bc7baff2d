"""Losses at places that are known: found on the grid, halved to the tolerance, and summed up."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.losses import losses
from experiments.designs.flip import Flip, brackets, flips, halve, read_flip
from experiments.planned import PlannedClip
from experiments.settings import SettingError
from experiments.sweeps import Sweep
from synth import axes
from synth.errors import UnknownName
from synth.factors import Appearance, ClipSpec, MotionRef

ROUND = tuple(float(v) for v in range(0, 360, 30))


def study(holds, values=ROUND, factor="azimuth", sweep="orbit", blocks=1):
    """(rows, clips) of a model that keeps the class where holds(block, value)."""
    rows, clips = [], {}
    for block in range(blocks):
        motion, person = f"a/{block}", f"p{block}"
        base = ClipSpec(motion=MotionRef(activity="squat"), appearance=Appearance(name=person))
        for value in values:
            clip_id = f"{block}-{value}"
            clips[sweep, clip_id] = PlannedClip(
                spec=axes.set_value(base, factor, value),
                activity="squat",
                sweep=sweep,
                factor=factor,
                value=value,
                block=f"b{block}",
                cluster=motion,
                id=clip_id,
            )
            rows.append(
                dict(
                    model="m", activity="squat", factor=factor, sweep=sweep, block=f"b{block}", repeat=0,
                    value=value, clip_id=clip_id, top1=holds(block, value),
                )
            )  # fmt: skip
    return pd.DataFrame(rows), clips


def searched(holds, tolerance=1.0, reference=0.0, **kind):
    rows, clips = study(holds, **kind)
    asked = []

    def ask(model, wanted):
        asked.append(len(wanted))
        return [holds(int(clip.block[1:]), axes.value(clip.spec, clip.factor)) for clip in wanted]

    sweep = rows["sweep"].iloc[0]
    flip = Flip({sweep: tolerance})
    found = halve(brackets(rows, clips, {rows["factor"].iloc[0]: reference}, flip), flip, ask)
    return flips(found), asked


def near(edge_up, edge_down):
    return lambda block, value: -edge_down < (value + 180) % 360 - 180 < edge_up


def test_a_loss_is_bracketed_within_the_tolerance_on_either_side():
    table, asked = searched(near(47.3, 112.6))
    up, down = (table[table["way"] == way].iloc[0] for way in (1, -1))
    assert up["kept"] < 47.3 <= up["lost"] and up["lost"] - up["kept"] <= 1.0
    assert down["lost"] <= -112.6 < down["kept"] and (table["step"] == 30).all()
    assert asked == [2] * 5  # 30 / 2 ** 5 < 1: one question a round for both sides


def test_the_first_loss_counts_even_where_the_class_comes_back():
    table, _ = searched(lambda block, value: value not in (60.0, 300.0) and not 50 < value < 70)
    assert 30 <= table[table["way"] == 1].iloc[0]["kept"] < table[table["way"] == 1].iloc[0]["lost"] <= 60


def test_a_class_that_is_kept_all_round_is_censored_at_half_a_turn():
    table, asked = searched(lambda block, value: True)
    assert table["lost"].isna().all() and set(table["kept"]) == {-180.0, 180.0} and asked == []


def test_a_class_that_is_not_first_at_the_reference_has_no_change():
    table, _ = searched(lambda block, value: value != 0.0)
    assert table.empty


def test_a_line_has_ends():
    table, _ = searched(
        lambda block, value: value < 4.4, values=(2.0, 3.0, 4.0, 5.0), factor="distance", sweep="distance",
        reference=3.0, tolerance=0.1,
    )  # fmt: skip
    up, down = (table[table["way"] == way].iloc[0] for way in (1, -1))
    assert 3.0 + up["kept"] < 4.4 <= 3.0 + up["lost"] and np.isnan(down["lost"]) and down["kept"] == -1.0


def test_summed_over_replicates():
    table, _ = searched(lambda block, value: near(20 + 30 * block, 170)(block, value) or block == 3, blocks=5)
    recognised = pd.DataFrame([dict(model="m", activity="squat", factor="azimuth", sweep="orbit", replicates=6)])
    summed = losses(table, recognised, draws=200, seed=0).set_index("way")
    assert summed.loc["any", "replicates"] == 6 and summed.loc["any", "recognised"] == 5
    assert summed.loc["up", "lost"] == 4 and summed.loc["up", "change"] == pytest.approx(80, abs=1)
    assert summed.loc["any", "width"] <= 1.0 and summed.loc["any", "reach"] == 180


def test_more_than_half_censored_is_beyond():
    table, _ = searched(lambda block, value: block > 0 or near(20, 20)(block, value), blocks=3)
    recognised = pd.DataFrame([dict(model="m", activity="squat", factor="azimuth", sweep="orbit", replicates=3)])
    assert losses(table, recognised, draws=50, seed=0)["change"].eq(np.inf).all()


SWEEPS = [
    Sweep(name="orbit", factor="azimuth", values=ROUND),
    Sweep(name="place", factor="environment", values=("lawn", "street")),
]


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"orbt": 1}, UnknownName, "orbit"),
        ({"place": 1}, SettingError, "no values between"),
        ({"orbit": 0}, SettingError, "above 0"),
        ({"orbit": "fine"}, SettingError, "above 0"),
        ([1], SettingError, "table"),
    ],
)
def test_bad_settings_are_named(given, error, says):
    with pytest.raises(error, match=says):
        read_flip(given, SWEEPS)
