"""Light as it reaches a place: day, evening and cloud, in the open and in rooms."""

import numpy as np
import pytest

from synth.factors import Lighting
from synth.stage.lighting import kelvin, light

EVENING = Lighting(sun_elevation_deg=9.0, temperature_k=3200.0, intensity=0.8, ambient=0.6)
OVERCAST = Lighting(sun_elevation_deg=60.0, intensity=0.15, temperature_k=6500.0, ambient=1.3)


@pytest.fixture(scope="module")
def plane(load_place):
    return load_place("plane")


def blueness(colour):
    return colour[2] / colour[0]


def test_a_black_body_reddens_as_it_cools():
    warm, cold = kelvin(2800.0), kelvin(9000.0)
    assert warm[0] > warm[1] > warm[2] and cold[0] < cold[1] < cold[2]


def test_a_low_sun_darkens_the_zenith_and_warms_the_horizon(plane):
    day, evening = light(plane, Lighting()), light(plane, EVENING)
    assert evening.zenith.sum() < 0.8 * day.zenith.sum()
    assert blueness(evening.horizon) < blueness(day.horizon)
    assert evening.dusk[0] > evening.dusk[2] > 0 and not day.dusk.any()


def test_an_overcast_sky_is_grey_and_shows_no_sun(plane):
    day, grey = light(plane, Lighting()), light(plane, OVERCAST)
    assert np.ptp(grey.zenith) < 0.15 * grey.zenith.mean() < np.ptp(day.zenith)
    assert not grey.glow.any() and grey.fit[0].sum() > 3 * grey.sun_colour.sum() / 3


def test_the_sky_does_not_answer_to_the_suns_colour_nor_at_its_own_ambient_to_its_strength(plane):
    for change in ({"temperature_k": 2500.0}, {"intensity": 0.1}, {"intensity": 2.0}):
        other = light(plane, Lighting(**change))
        np.testing.assert_array_equal(other.zenith, light(plane, Lighting()).zenith)
        np.testing.assert_array_equal(other.horizon, light(plane, Lighting()).horizon)


def test_rooms_have_no_blue_light_and_more_of_it_from_their_windows(load_place):
    room = load_place("living_room")
    fit = light(room, Lighting()).fit
    assert 0.7 < blueness(fit[0]) < 1.05
    assert fit[1].sum() > 0 and fit[2].sum() > 0  # windows to the east and the north, none opposite


def test_light_scales_with_its_factors(plane):
    one, two = light(plane, Lighting()), light(plane, Lighting(intensity=2.0))
    np.testing.assert_allclose(two.sun_colour, 2 * one.sun_colour)
    assert light(plane, Lighting(ambient=0.0, intensity=0.0)).fit.max() < 1e-9
