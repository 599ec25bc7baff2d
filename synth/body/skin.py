"""The skin's texture: tone, blood, lips, brows, beard, eyes, and the hair that shows through at the hairline.

Painted in the body's uv square at the texels that are in use, from their position on the reference body; MakeHuman's
grey masks say where lips, mouth, face, ears and nails are.
"""

from __future__ import annotations

import cv2
import numpy as np

from synth.body.bake import Canvas, hex_colour, smoothstep, value_noise
from synth.body.fabrics import mixed
from synth.body.figure import Figure
from synth.body.hair import STYLES, hairline, strands
from synth.body.recipe import Recipe

_EYE_RADIUS = 0.0162
_BLOOD = np.array([1.06, 0.80, 0.76], np.float32)


def paint(
    fig: Figure, recipe: Recipe, where: Canvas, points: np.ndarray, eye: np.ndarray, cavity: np.ndarray
) -> np.ndarray:
    """(n, 3) sRGB of the texels of a canvas over the body.

    Args:
        points: (n, 3) on the reference body. eye: (n,) 1 on the eyeballs. cavity: (n,) how hollow, about -1 to 1.
    """
    masks = {key: _sampled(mask, where) for key, mask in fig.pack.masks.items()}
    tone = hex_colour(recipe.skin.tone)
    out = _flesh(points, tone, recipe, masks)
    out = _lips(out, tone, recipe, masks["lips"])
    out = mixed(out, np.array([52.0, 18.0, 18.0]), smoothstep(0.3, 0.7, masks["mouth"]))
    out = out * (1 - 0.45 * np.clip(cavity, 0, 1) + 0.10 * np.clip(-cavity, 0, 1))[:, None]
    style = STYLES.get(recipe.hair.style, STYLES["buzz"])
    hair = strands(points, hex_colour(recipe.hair.colour), style, recipe.seed)
    if recipe.hair.beard > 0:
        out = mixed(out, hair * 0.9 + tone * 0.1, beard_share(points, recipe.hair.beard, masks["lips"], recipe.seed))
    if recipe.hair.style != "bald":
        out = mixed(out, hair, smoothstep(-0.003, 0.005, hairline(points)))
    centre = _eye_centre(fig)
    out = _brows(out, points, centre, hex_colour(recipe.hair.colour), recipe.hair.brows)
    out = _lids(out, points, centre)
    out = out * (1 - 0.24 * _age_lines(points, centre, recipe.body.age))[:, None]
    return np.where(eye[:, None] > 0.5, _eyeball(points, centre, hex_colour(recipe.eyes)), out)


def _sampled(mask: np.ndarray, where: Canvas) -> np.ndarray:
    picture = cv2.resize(mask, (where.size, where.size), interpolation=cv2.INTER_LINEAR)
    return picture[where.rows, where.columns]


def _flesh(points: np.ndarray, tone: np.ndarray, recipe: Recipe, masks) -> np.ndarray:
    slow = value_noise(points, 16, recipe.seed, 2) - 0.5
    fine = value_noise(points, 190, recipe.seed + 1, 2) - 0.5
    out = tone * (1 + 0.10 * slow + 0.07 * fine)[:, None]
    x, y, z = points.T
    cheek = np.exp(-(((np.abs(y) - 0.042) / 0.018) ** 2) - ((z - 1.592) / 0.016) ** 2) * (x > 0.05)
    nose = np.exp(-((y / 0.013) ** 2) - ((z - 1.594) / 0.012) ** 2) * (x > 0.135)
    blood = np.maximum(cheek, 0.8 * nose) * 0.5 + 0.5 * masks["ears"] + 0.35 * masks["nails"] + 0.15 * masks["face"]
    out = mixed(out, out * _BLOOD, np.clip(blood * (0.35 + recipe.skin.ruddy), 0, 1))
    if recipe.skin.freckles > 0:
        spots = smoothstep(0.66, 0.74, value_noise(points, 420, recipe.seed + 2, 1))
        over = np.exp(-(((z - 1.600) / 0.03) ** 2)) * (x > 0.08)
        out = mixed(out, out * [0.80, 0.66, 0.56], recipe.skin.freckles * spots * over)
    return out


def _lips(out: np.ndarray, tone: np.ndarray, recipe: Recipe, mask: np.ndarray) -> np.ndarray:
    own = tone * [0.80, 0.56, 0.55]
    colour = own if recipe.skin.lips is None else 0.35 * own + 0.65 * hex_colour(recipe.skin.lips)
    return mixed(out, np.broadcast_to(colour, out.shape), 0.85 * smoothstep(0.2, 0.7, mask))


def beard_share(points: np.ndarray, amount: float, lips: np.ndarray, seed: int) -> np.ndarray:
    """(n,) how much beard covers the skin: chin, jaw, upper lip."""
    x, y, z = points.T
    line = np.interp(np.abs(y), [0.0, 0.02, 0.035, 0.055, 0.075], [1.581, 1.580, 1.565, 1.578, 1.630])
    face = smoothstep(0.002, -0.006, z - line) * smoothstep(0.035, 0.055, x) * smoothstep(1.498, 1.516, z)
    grain = 0.75 + 0.5 * (value_noise(points, 380, seed + 9, 2) - 0.5)
    return np.clip(face * grain * (0.25 + 0.75 * amount) * (1 - smoothstep(0.15, 0.5, lips)), 0, 0.95)


def _eye_centre(fig: Figure) -> np.ndarray:
    """(3,) the left eye's centre on the reference body; the right one's mirrored in y."""
    return fig.pattern.joints[fig.pack.bone_names.index("eye.L")]


def _brows(out: np.ndarray, points: np.ndarray, centre: np.ndarray, colour: np.ndarray, amount: float) -> np.ndarray:
    x, y, z = points.T
    across = (np.abs(y) - centre[1] - 0.002) / 0.021
    arch = centre[2] + np.interp(across, [-1.1, -0.6, 0.1, 0.5, 1.15], [0.0191, 0.0202, 0.0225, 0.0234, 0.0197])
    thick = (0.0030 + 0.0022 * amount) * np.interp(across, [-1.1, -0.7, 0.2, 1.1], [0.7, 1.0, 0.85, 0.25])
    grain = 0.8 + 0.4 * value_noise(points, (350.0, 500.0, 350.0), 5, 2)
    share = (
        smoothstep(1.0, 0.45, np.abs(z - arch) / thick) * smoothstep(1.15, 1.0, np.abs(across)) * (x > centre[0] - 0.02)
    )
    return mixed(
        out, np.broadcast_to(colour * 0.75, out.shape), np.clip(share * (0.45 + 0.5 * amount) * grain, 0, 0.95)
    )


def _lids(out: np.ndarray, points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Lashes as a dark line where the upper lid meets the eye, and a faint shade around the eye."""
    away = points * [1.0, 0.0, 1.0] + np.abs(points) * [0.0, 1.0, 0.0] - centre
    distance = np.linalg.norm(away, axis=1)
    upper = away[:, 2] > -0.0005
    near = smoothstep(_EYE_RADIUS * 1.16, _EYE_RADIUS * 1.05, distance) * (away[:, 0] > 0.2 * _EYE_RADIUS)
    socket = smoothstep(0.034, 0.018, distance) * (away[:, 0] > 0)
    out = out * (1 - 0.04 * socket)[:, None]
    return out * (1 - np.where(upper, 0.75, 0.15) * near)[:, None]


def _age_lines(points: np.ndarray, centre: np.ndarray, age: float) -> np.ndarray:
    """(n,) darkness of the lines of age, 0 to 1: across the forehead, beside the mouth, under the eyes."""
    x, y, z = points.T
    side = np.abs(y)
    wobble = 0.004 * (value_noise(points, 40, 3, 2) - 0.5)
    forehead = smoothstep(0.6, 0.9, np.cos(2 * np.pi * (z + wobble - 1.655) / 0.0105)) * (np.abs(z - 1.666) < 0.016)
    forehead = forehead * smoothstep(0.045, 0.025, side)
    mouth = smoothstep(0.0035, 0.0010, np.abs(side + wobble - 0.019 - 0.50 * (1.592 - z))) * (np.abs(z - 1.576) < 0.017)
    pouch = np.abs(np.hypot(side - centre[1], 1.15 * (z - centre[2])) - 0.0195) + 0.5 * wobble
    pouch = smoothstep(0.0028, 0.0008, pouch) * (z < centre[2] - 0.006)
    lines = np.max([0.55 * forehead, mouth, 0.7 * pouch], axis=0) * (x > 0.06)
    return smoothstep(0.35, 1.0, age) * lines


def _eyeball(points: np.ndarray, centre: np.ndarray, iris: np.ndarray) -> np.ndarray:
    """White, iris with its dark rim, pupil; shaded by the upper lid."""
    y, z = np.abs(points[:, 1]) - centre[1], points[:, 2] - centre[2]
    radius = np.hypot(y, z)
    out = np.broadcast_to(np.array([214.0, 207.0, 200.0], np.float32), points.shape)
    ring = iris * (0.75 + 0.5 * smoothstep(0.0062, 0.003, radius))[:, None]
    out = mixed(out, ring * (1 - 0.5 * smoothstep(0.0050, 0.0062, radius))[:, None], smoothstep(0.0066, 0.0060, radius))
    out = mixed(out, np.full(3, 10.0), smoothstep(0.0027, 0.0023, radius))
    return out * (1 - 0.45 * smoothstep(0.0015, 0.0075, z))[:, None]
