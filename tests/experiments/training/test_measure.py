"""Accuracies against numbers known by hand."""

import numpy as np
import pytest

from experiments.training.measure import accuracy, measure
from synth.factors import Appearance, ClipSpec, MotionRef, Viewpoint


def test_wilsons_interval():
    """9 of 10: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96."""
    got = accuracy(np.array([True] * 9 + [False]))
    z2 = 1.959964**2
    middle, reach = 0.9 + z2 / 20, np.sqrt(z2) * np.sqrt(0.09 / 10 + z2 / 400)
    assert got["accuracy"] == 0.9 and got["clips"] == 10
    assert got["low"] == pytest.approx((middle - reach) / (1 + z2 / 10), abs=1e-3)
    assert got["high"] == pytest.approx((middle + reach) / (1 + z2 / 10), abs=1e-3)


def test_no_clips_have_no_accuracy():
    assert accuracy(np.zeros(0, bool)) == {"clips": 0}


def test_bins_are_centred_on_the_front():
    specs = [
        ClipSpec(
            motion=MotionRef(activity=activity),
            appearance=Appearance(name=name),
            viewpoint=Viewpoint(azimuth_deg=azimuth, distance_m=2.0),
        )
        for activity, name, azimuth in (("squat", "ana", 350), ("squat", "ben", 10), ("walk", "ana", 90))
    ]
    got = measure(np.array([True, True, False]), specs)
    assert got["all"]["clips"] == 3
    assert got["activity"]["squat"]["accuracy"] == 1.0 and got["activity"]["walk"]["accuracy"] == 0.0
    assert got["azimuth_deg"]["-15 to 15"]["clips"] == 2
    assert got["azimuth_deg"]["75 to 105"]["accuracy"] == 0.0
    assert list(got["distance_m"]) == ["1.9 to 2.8"]
