"""The violin and its bow, after the measures of a full-size instrument (body 355 mm, string 328 mm)."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from synth.body.character import Material
from synth.motion.objects import FIDDLE_BOW_M, FIDDLE_HAIR_M, VIOLIN_BRIDGE_M, VIOLIN_CHIN_M
from synth.stage.props import finish
from synth.stage.props.solids import Solid, box, ellipsoid, join, sheet, tube

BODY_M, RIB_M, NUT_M, SCROLL_M = 0.355, 0.032, 0.488, 0.575
# Half the width of the body along it: lower bout, waist with its corners, upper bout.
_OUTLINE = {0.0: 0.0, 0.004: 0.045, 0.012: 0.065, 0.03: 0.088, 0.05: 0.099, 0.08: 0.103, 0.11: 0.098, 0.13: 0.0915}
_OUTLINE |= {0.138: 0.0925, 0.146: 0.077, 0.165: 0.061, 0.19: 0.0555, 0.215: 0.0595, 0.23: 0.068, 0.238: 0.0775}
_OUTLINE |= {
    0.246: 0.0735,
    0.265: 0.08,
    0.29: 0.084,
    0.315: 0.077,
    0.335: 0.058,
    0.345: 0.042,
    0.352: 0.026,
    0.355: 0.018,
}
_HALF = PchipInterpolator(list(_OUTLINE), list(_OUTLINE.values()))


def violin() -> Solid:
    """Body from the origin along +x, neck and scroll beyond it, strings on +z."""
    varnish = finish.wood("varnish", (158, 74, 26), roughness=0.25, streaks=0.1, flame=0.05)
    ebony = finish.plain("ebony", (26, 22, 22), roughness=0.35)
    maple = finish.wood("neck", (186, 120, 66), roughness=0.4, streaks=0.08)
    return join([*_body(varnish), *_fittings(ebony, maple), *_neck(varnish, ebony, maple)])


def bow() -> Solid:
    """Frog at the origin, stick along +x, hair on -z."""
    wood = finish.wood("pernambuco", (118, 52, 30), roughness=0.3, streaks=0.15)
    ebony = finish.plain("frog", (26, 22, 22), roughness=0.35)
    hair = finish.plain("hair", (236, 230, 212), roughness=0.8, rough=0.03)
    start, end = FIDDLE_BOW_M
    x = np.linspace(-0.02, end + 0.012, 9)
    camber = 0.008 * np.sin(np.pi * np.clip((x - start) / (end - start), 0, 1))
    stick = tube(np.stack([x, 0 * x, -camber], 1), np.linspace(0.0058, 0.0042, 9), wood, sides=8)
    ribbon = box((end - start + 0.02, 0.0095, 0.003), hair, at=((start + end) / 2, 0.0, -FIDDLE_HAIR_M))
    frog = box((0.05, 0.012, 0.022), ebony, at=(0.025, 0.0, -0.0135))
    tip = box((0.016, 0.009, FIDDLE_HAIR_M), wood, at=(end + 0.012, 0.0, -FIDDLE_HAIR_M / 2))
    return join([stick, ribbon, frog, tip])


def _body(varnish: Material) -> list[Solid]:
    """Arched top with its f-holes, arched back, ribs."""
    x = np.array(list(_OUTLINE))
    half = _HALF(x)
    across = np.array([-1.0, -0.82, -0.45, 0.0, 0.45, 0.82, 1.0])
    swell = (1 - across**2) ** 1.2 * np.sin(np.pi * np.clip(x / BODY_M, 0, 1))[:, None] ** 0.6
    grid = np.stack([x[:, None] + 0 * across, half[:, None] * across, RIB_M / 2 + 0.015 * swell], -1)
    uv = np.stack([grid[..., 0] / BODY_M, grid[..., 1] / 0.21 + 0.5], -1)
    top = sheet(grid, uv, _table(varnish))
    back = sheet((grid * [1.0, 1.0, -1.0])[:, ::-1], uv[:, ::-1], varnish)
    rim = np.concatenate([grid[:, 0], grid[::-1, -1]])
    ribs = np.stack([rim * [1, 1, -1], rim], axis=1)
    gone = np.linspace(0, 4, len(rim))
    rib_uv = np.stack([np.stack([gone, 0 * gone], 1), np.stack([gone, 0 * gone + 0.15], 1)], axis=1)
    return [top, back, sheet(ribs, rib_uv, varnish)]


def _table(varnish: Material) -> Material:
    """Spruce under varnish: straight grain, darker at the edge, two f-holes beside the bridge."""
    v, u = np.mgrid[0:160, 0:256]
    x, y = (u + 0.5) / 256 * BODY_M, np.abs((v + 0.5) / 160 - 0.5) * 0.21
    tone = 1 + 0.05 * np.sin(2 * np.pi * y / 0.004) + 0.03 * np.sin(2 * np.pi * x / 0.09)
    half = _HALF(x)
    tone = tone * (0.78 + 0.22 * np.clip((half - y) / 0.022, 0, 1))
    rgb = np.array([190.0, 98.0, 36.0]) * tone[..., None]
    along = (x - 0.16) / 0.036
    middle = 0.047 - 0.008 * np.sin(along * 1.4)
    hole = (np.abs(along) < 1) & (np.abs(y - middle) < 0.0034)
    for at_x, at_y, radius in ((0.124, 0.054, 0.0065), (0.196, 0.0395, 0.0055)):
        hole |= np.hypot(x - at_x, y - at_y) < radius
    purfling = np.abs(half - y - 0.005) < 0.0012
    rgb = np.where((hole | purfling)[..., None], np.array([34.0, 20.0, 14.0]), rgb)
    return finish.material("table", rgb, roughness=varnish.roughness)


def _fittings(ebony: Material, maple: Material) -> list[Solid]:
    """Chin rest, tailpiece, bridge and the four strings."""
    bridge_x, string_z = VIOLIN_BRIDGE_M
    chin_x, chin_z = VIOLIN_CHIN_M
    chin = ellipsoid((0.032, 0.052, 0.009), ebony, at=(chin_x, 0.0, chin_z - 0.006), rows=6)
    tail = np.array([[0.015, 0.0, 0.034], [0.07, 0.0, 0.041], [0.125, 0.0, 0.047]])
    tailpiece = tube(tail, np.array([[0.004, 0.009], [0.004, 0.016], [0.004, 0.022]]), ebony, sides=8)
    bridge = box((0.006, 0.042, string_z - 0.028), maple, at=(bridge_x, 0.0, (string_z + 0.026) / 2))
    gut = finish.plain("strings", (214, 210, 196), roughness=0.35)
    strings = []
    for k in (-1.5, -0.5, 0.5, 1.5):
        ends = np.array([[0.12, 0.010 * k, 0.05], [bridge_x, 0.0105 * k, string_z], [NUT_M, 0.0052 * k, 0.0335]])
        strings.append(tube(ends, np.full(3, 0.0011), gut, sides=4, lids=False))
    return [chin, tailpiece, bridge, *strings]


def _neck(varnish: Material, ebony: Material, maple: Material) -> list[Solid]:
    """Neck, fingerboard, peg box with four pegs, scroll."""
    x = np.linspace(BODY_M - 0.015, NUT_M + 0.004, 5)
    middle = np.stack([x, 0 * x, np.linspace(0.012, 0.016, 5)], 1)
    neck = tube(middle, np.stack([np.linspace(0.014, 0.010, 5), np.linspace(0.0165, 0.0125, 5)], 1), maple, sides=10)
    x = np.linspace(0.215, NUT_M, 4)
    board = np.stack([x, 0 * x, np.linspace(0.037, 0.028, 4)], 1)
    fingerboard = tube(board, np.stack([np.full(4, 0.005), np.linspace(0.021, 0.0122, 4)], 1), ebony, sides=10)
    x = np.linspace(NUT_M, SCROLL_M - 0.008, 4)
    box_path = np.stack([x, 0 * x, np.array([0.016, 0.012, 0.006, 0.0])], 1)
    peg_box = tube(
        box_path, np.array([[0.012, 0.0125], [0.012, 0.012], [0.010, 0.010], [0.009, 0.009]]), varnish, sides=8
    )
    scroll = ellipsoid((0.018, 0.017, 0.018), varnish, at=(SCROLL_M, 0.0, 0.004), rows=6, columns=10)
    pegs = [_peg(0.50 + 0.016 * k, 0.014 - 0.003 * k, ebony) for k in range(4)]
    return [neck, fingerboard, peg_box, scroll, *pegs]


def _peg(x: float, z: float, ebony: Material) -> Solid:
    """A peg that looks out on both sides (a real one on one of them), so that the violin is its own mirror image."""
    y = np.array([-0.034, -0.022, -0.0205, 0.0205, 0.022, 0.034])
    head, shank = (0.0075, 0.003), (0.0035, 0.0035)
    radii = np.array([head, head, shank, shank, head, head])
    return tube(np.stack([0 * y + x, y, 0 * y + z], 1), radii, ebony, sides=4, across=(0, 0, 1))
