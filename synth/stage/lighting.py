"""From a lighting factor and a place to the numbers the kernels shade with.

The sky's irradiance is integrated over the sky that is drawn, with the light that the sunlit floor sends back, and
fitted by a constant and a linear term in the normal (Ramamoorthi and Hanrahan, An Efficient Representation for
Irradiance Environment Maps, 2001, cut after the first order).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.factors import Lighting
from synth.frames import sun_direction
from synth.stage.place import Place

_WAVELENGTHS_M = np.array([605e-9, 545e-9, 465e-9])
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_SUN = 1.3  # radiance of a white wall under the zenith sun: where exposure is set
_SKY = 0.62  # of what is drawn of the sky lights the scene: pictures show skies lighter than they are
_GREY = 0.4  # and less blue


@dataclass(frozen=True)
class Light:
    """Linear colours, (3,): of the sun; fit (4, 3) of irradiance over pi, constant first; of the sky."""

    sun: np.ndarray
    sun_colour: np.ndarray
    fit: np.ndarray
    zenith: np.ndarray
    horizon: np.ndarray
    glow: np.ndarray
    clouds: np.ndarray
    backdrop: np.ndarray
    far: np.ndarray


def sun_axes(lighting: Lighting) -> np.ndarray:
    """(3, 3) rows: right and up of the sun's picture, and the direction towards the sun."""
    sun = sun_direction(lighting.sun_azimuth_deg, lighting.sun_elevation_deg)
    azimuth = np.radians(lighting.sun_azimuth_deg)
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    return np.stack([right, np.cross(sun, right), sun])


def kelvin(temperature_k: float) -> np.ndarray:
    """(3,) linear colour of a black body, white at 6000 K, of luminance 1 (Planck's law at three wavelengths)."""

    def radiance(t):
        return _WAVELENGTHS_M**-5.0 / np.expm1(0.014387769 / (_WAVELENGTHS_M * t))

    colour = radiance(temperature_k) / radiance(6000.0)
    return colour / (colour @ _LUMINANCE)


def _sphere(count: int) -> np.ndarray:
    """(count, 3) directions of equal share (Fibonacci)."""
    k = np.arange(count) + 0.5
    z, turn = 1 - 2 * k / count, k * np.pi * (1 + 5**0.5)
    return np.stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z], axis=1)


def _sky(directions: np.ndarray, zenith: np.ndarray, horizon: np.ndarray) -> np.ndarray:
    """The gradient of `kernels.sky.clear_sky`."""
    k = (1.0 - np.clip(directions[:, 2:], 0.0, 1.0)) ** 2
    k = 0.35 * k + 0.65 * k**3
    return zenith * (1 - k) + horizon * k


def _irradiance_fit(above: np.ndarray, ground: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """(4, 3) constant and linear terms of irradiance / pi under radiance `above` (n, 3), and `ground` from below."""
    radiance = np.where(directions[:, 2:] > 0, above, ground)
    cosine = np.maximum(directions @ directions.T, 0.0)
    irradiance = 4.0 * cosine @ radiance / len(directions)
    basis = np.concatenate([np.ones((len(directions), 1)), directions], axis=1)
    return np.linalg.lstsq(basis, irradiance, rcond=None)[0]


def light(place: Place, lighting: Lighting) -> Light:
    """The light of `lighting` in a place."""
    sky = place.recipe.sky
    sun = sun_direction(lighting.sun_azimuth_deg, lighting.sun_elevation_deg)
    sun_colour = _SUN * lighting.intensity * kelvin(lighting.temperature_k)
    dim = 0.25 + 0.75 * lighting.ambient
    zenith, horizon = dim * np.array(sky.zenith), dim * np.array(sky.horizon)
    clouds = 0.55 * sun_colour + 0.45 * horizon
    directions = _sphere(256)
    above = (1 - 0.6 * sky.clouds) * _sky(directions, zenith, horizon) + 0.6 * sky.clouds * 0.8 * clouds
    above = above * _SKY * lighting.ambient / max(dim, 1e-6)
    above = (1 - _GREY) * above + _GREY * (above @ _LUMINANCE)[:, None]
    upward = 4.0 * np.maximum(directions[:, 2], 0.0) @ np.where(directions[:, 2:] > 0, above, 0.0) / len(directions)
    ground = place.floor_colour * (sun_colour * sun[2] * 0.8 + upward)
    fit = _irradiance_fit(above, ground, directions)
    backdrop = fit[0] + 0.5 * sun_colour
    return Light(
        sun=sun,
        sun_colour=sun_colour,
        fit=fit,
        zenith=zenith,
        horizon=horizon,
        glow=0.22 * sun_colour,
        clouds=clouds,
        backdrop=backdrop,
        far=horizon if place.foot is None else 0.8 * backdrop * place.foot + 0.2 * horizon,
    )
