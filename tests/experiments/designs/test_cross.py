"""Crosses in a plan: every pair of values once per replicate, nothing else moved, the sweeps' own clips shared; and
everybody doing the same."""

import dataclasses

import pytest

from experiments.control import control_proof
from experiments.plan import plan
from experiments.planned import CROSS
from experiments.study import Study
from experiments.sweeps import Sweep
from synth.factors import Viewpoint

STUDY = Study(
    name="toy",
    title="Toy",
    question="?",
    activities=("squat",),
    sweeps=(
        Sweep(name="turn", factor="azimuth", mode="turntable", values=(0.0, 90.0, 180.0)),
        Sweep(name="place", factor="environment", values=("lawn", "street")),
    ),
    reference=Viewpoint(),
    replicates=2,
    appearances=("ana", "ben"),
    cross=(("turn", "place"),),
)


@pytest.fixture(scope="module")
def clips():
    return plan(STUDY)


def test_every_cell_is_there_once_and_carries_its_levels(clips):
    block = [c for c in clips if c.design == CROSS and c.block == clips[0].block]
    assert [c.level for c in block] == ["0, lawn", "0, street", "90, lawn", "90, street", "180, lawn", "180, street"]
    assert [c.value for c in block] == list(range(6))
    assert block[0].factors == ("azimuth", "environment") and block[0].spec.viewpoint.sweep == "turntable"


def test_nothing_but_the_two_factors_moved(clips):
    specs = [c.spec for c in clips if c.design == CROSS and c.block == clips[0].block]
    assert control_proof(specs, "azimuth", "environment") == []
    assert "environment.name" in control_proof(specs, "azimuth")


def test_the_row_through_the_reference_costs_nothing(clips):
    sweep = {c.spec for c in clips if c.sweep == "turn"}
    assert sweep <= {c.spec for c in clips if c.design == CROSS} | {c.spec for c in clips if c.spec.repeat}


def test_everyone_does_the_same_from_the_same_moment():
    clips = plan(dataclasses.replace(STUDY, everyone=True, cross=()))
    alike = {}
    for clip in clips:
        if clip.sweep == "turn" and clip.value == 90 and not clip.spec.repeat:
            alike.setdefault(clip.block.partition("@")[0], []).append(clip.spec)
    assert len(alike) == 2
    for specs in alike.values():
        assert {s.appearance.name for s in specs} == {"ana", "ben"} and control_proof(specs, "appearance") == []
