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
from synth.stage.textures import LINEAR

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
    dusk: np.ndarray


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


def _ramp(x: float, low: float, high: float) -> float:
    """0 at `low`, 1 at `high`, straight between; high may be the lesser."""
    return float(np.clip((x - low) / (high - low), 0.0, 1.0))


def _weather(sky, lighting: Lighting) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Zenith and horizon as they look under `lighting`, how low the sun is and how overcast the sky, both 0..1.

    A low sun darkens the zenith and warms the horizon; little sun under a sky brighter than the place's own is a sky
    of cloud.
    """
    low = _ramp(lighting.sun_elevation_deg, 22.0, 6.0)
    veil = _ramp(lighting.intensity, 0.5, 0.2) * _ramp(lighting.ambient, 1.05, 1.25)
    dim = 0.25 + 0.75 * lighting.ambient
    zenith = dim * np.array(sky.zenith) * (1 - low * np.array([0.42, 0.5, 0.42]))
    horizon = dim * np.array(sky.horizon) * (1 - low * np.array([0.02, 0.3, 0.5]))
    grey = float(horizon @ _LUMINANCE) * np.array([0.97, 1.0, 1.03])
    return (1 - veil) * zenith + veil * 0.86 * grey, (1 - veil) * horizon + veil * 1.08 * grey, low, veil


def light(place: Place, lighting: Lighting) -> Light:
    """The light of `lighting` in a place."""
    sky = place.recipe.sky
    sun = sun_direction(lighting.sun_azimuth_deg, lighting.sun_elevation_deg)
    outdoors = _SUN * lighting.intensity * kelvin(lighting.temperature_k)
    zenith, horizon, low, veil = _weather(sky, lighting)
    dim = 0.25 + 0.75 * lighting.ambient
    clouds = (0.55 * outdoors + 0.45 * horizon) * (1 - veil) + veil * 0.93 * horizon
    directions = _sphere(256)
    above = (1 - 0.6 * sky.clouds) * _sky(directions, zenith, horizon) + 0.6 * sky.clouds * 0.8 * clouds
    above = above * (_SKY * (1 + 0.45 * veil + 0.3 * low)) * lighting.ambient / max(dim, 1e-6)
    grey = _GREY + (1 - _GREY) * veil
    above = (1 - grey) * above + grey * (above @ _LUMINANCE)[:, None]
    fit = _outdoors(place, directions, above, outdoors * sun[2])
    backdrop = fit[0] + 0.5 * outdoors
    sun_colour = outdoors * place.recipe.light.sun
    if place.recipe.picture.file:
        fit = _from_picture(place, directions, lighting.ambient)
    elif any(place.recipe.light.ambient):
        fit = _indoors(place, directions, above, sun_colour * sun[2], lighting.ambient)
    return Light(
        sun=sun,
        sun_colour=sun_colour,
        fit=fit,
        zenith=zenith,
        horizon=horizon,
        glow=(1 - veil) * 0.22 * outdoors,
        clouds=clouds,
        backdrop=backdrop,
        far=horizon if place.foot is None else 0.8 * backdrop * place.foot + 0.2 * horizon,
        dusk=(1 - veil) * low * outdoors * np.array([0.5, 0.3, 0.16]),
    )


def _outdoors(place: Place, directions: np.ndarray, above: np.ndarray, on_floor: np.ndarray) -> np.ndarray:
    """The fit under a sky of radiance `above` (n, 3) over a floor on which the sun throws `on_floor`."""
    upward = 4.0 * np.maximum(directions[:, 2], 0.0) @ np.where(directions[:, 2:] > 0, above, 0.0) / len(directions)
    ground = place.floor_colour * (on_floor * 0.8 + upward)
    return _irradiance_fit(above, ground, directions)


def _indoors(place: Place, directions: np.ndarray, above: np.ndarray, on_floor: np.ndarray, share: float) -> np.ndarray:
    """The fit within walls that send back the room's own light, and windows through which the sky shines."""
    own, room = share * np.array(place.recipe.light.ambient), place.recipe.room
    radiance = np.tile(own, (len(directions), 1))
    brightness = float(above[directions[:, 2] > 0].mean())
    ways = {"north": (0.0, 1.0, 0.0), "south": (0.0, -1.0, 0.0), "east": (1.0, 0.0, 0.0), "west": (-1.0, 0.0, 0.0)}
    for hole in room.openings:
        across = room.size[1 if hole.wall in ("north", "south") else 0]
        seen = hole.width * hole.height / (across / 2) ** 2
        radiance += 0.9 * seen * brightness * np.maximum(directions @ np.array(ways[hole.wall]), 0.0)[:, None] ** 2
    ground = 0.45 * own + 0.55 * place.floor_colour * (1.1 * own + 0.5 * on_floor)
    return _irradiance_fit(radiance, ground, directions)


def _from_picture(place: Place, directions: np.ndarray, share: float) -> np.ndarray:
    """The fit under what the picture shows: all directions where it has them, else its upper and lower half."""
    image = LINEAR[place.materials[4].texture[..., :3]]
    height, width = image.shape[:2]
    if place.recipe.picture.projection == "plain":
        upper, lower = image[: height // 2 + 1].mean(axis=(0, 1)), image[height // 2 :].mean(axis=(0, 1))
        return share * _irradiance_fit(np.tile(upper, (len(directions), 1)), lower, directions)
    cells = (
        image[: height // 16 * 16, : width // 32 * 32].reshape(16, height // 16, 32, width // 32, 3).mean(axis=(1, 3))
    )
    row = np.clip((0.5 - np.arcsin(directions[:, 2]) / np.pi) * 16, 0, 15).astype(int)
    column = ((0.5 - np.arctan2(directions[:, 1], directions[:, 0]) / (2 * np.pi)) % 1.0 * 32).astype(int) % 32
    seen = cells[row, column]
    return share * _irradiance_fit(seen, seen, directions)
