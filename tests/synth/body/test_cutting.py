"""Cutting, rims, baking and hanging, on toys whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from synth.body import drape
from synth.body.bake import canvas, fragments, smoothstep, value_noise
from synth.body.fabrics import FABRICS, WHITEST, Cloth, weave
from synth.body.mesh import Piece, cut
from synth.body.seams import border, rimmed
from synth.body.simplify import Simplifier


def square() -> Piece:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    return Piece(points, points, np.eye(4, 2), np.zeros((4, 1)), np.arange(4), points[:, :2], faces)


def area(part: Piece) -> float:
    corners = part.rest[part.control_faces]
    return np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2


def test_cut_leaves_the_area_on_the_positive_side():
    part, edge = cut(square(), square().rest[:, 0] - 0.25)
    assert area(part) == pytest.approx(0.75)
    assert np.allclose(part.rest[edge, 0], 0.25) and edge.sum() == 3
    assert np.allclose(part.uv, part.rest[part.vertex][:, :2])
    assert np.allclose(part.normals()[:, 2], 1)


def test_cut_away_from_the_mesh_changes_nothing():
    part, edge = cut(square(), np.ones(4))
    assert area(part) == pytest.approx(1.0) and not edge.any()


def test_a_rim_closes_the_cut_edge_only():
    part, edge = cut(square(), square().rest[:, 0] - 0.25)
    rim = rimmed(part, edge, np.full(len(part.rest), 0.1))
    assert len(border(part, edge)) == 2
    assert area(rim) == pytest.approx(0.75 + 0.1)
    assert rim.rest[:, 2].min() == pytest.approx(-0.1)


def test_fragments_cover_each_pixel_of_a_square_once():
    points = np.array([[0.0, 0], [8, 0], [8, 8], [0, 8]])
    seen = np.zeros((8, 8))
    for _, y, x, weight in fragments(points, np.array([[0, 1, 2], [0, 3, 2]]), 8, 8):
        np.add.at(seen, (y, x), 1)
        assert np.allclose(weight.sum(axis=1), 1)
    assert (seen >= 1).all() and seen.sum() <= 64 + 8


def test_canvas_spreads_positions_and_fills_the_rest():
    part = square()
    where = canvas(0.25 + 0.5 * part.uv, part.faces, 32)
    x = where.spread(part.rest[:, 0])
    assert np.allclose(x, (where.columns + 0.5) / 16 - 0.5, atol=1e-5)
    picture = where.picture(np.full((len(x), 1), 7.0))
    assert picture.shape == (32, 32, 1) and (picture == 7).all()


def test_noise_is_smooth_and_within_bounds():
    points = np.random.default_rng(0).random((5000, 3))
    noise = value_noise(points, 5.0, seed=1)
    assert 0 <= noise.min() < 0.3 and 0.7 < noise.max() <= 1
    near = value_noise(points + 1e-4, 5.0, seed=1)
    assert np.abs(near - noise).max() < 0.02
    assert smoothstep(1.0, 0.0, np.array([-1.0, 0.5, 2.0])) == pytest.approx([1, 0.5, 0])


def test_cloth_hangs_from_the_widest_place():
    turn = np.linspace(-np.pi, np.pi, 12, endpoint=False)
    z = np.repeat([2.0, 1.0, 0.0], 12)
    radius = np.repeat([1.0, 0.5, 0.8], 12)
    points = np.column_stack([radius * np.tile(np.cos(turn), 3), radius * np.tile(np.sin(turn), 3), z])
    axis = points * [0, 0, 1]
    col = drape.column(np.arange(36), points, 2 - z, axis, np.array([0.0, 0, 1]))
    hung = points + drape.hang(col, start_m=0.0, taper=0.1, strength=1.0)
    assert np.linalg.norm(hung[:, :2], axis=1) == pytest.approx(np.repeat([1.0, 0.9, 0.8], 12))


@pytest.mark.parametrize("name", sorted(FABRICS))
def test_fabrics_stay_in_range_and_use_their_colours(name):
    rng = np.random.default_rng(0)
    points = rng.random((4000, 3)) * [0.3, 0.5, 0.6] + [0, -0.25, 0.9]
    picture = rng.integers(0, 256, (9, 7, 4), dtype=np.uint8)
    shown = picture if name == "picture" else None
    cloth = Cloth(points[:, 1], points[:, 2], points, np.ones(4000), seed=2, outer=points[:, 1], picture=shown)
    colours = np.array([[200.0, 20, 20], [20, 200, 20], [20, 20, 200]], np.float32)
    out = weave(cloth, name, colours, FABRICS[name][2])
    assert out.shape == (4000, 3) and out.min() >= 0 and out.max() <= WHITEST
    if FABRICS[name][1] > 1:
        assert out.std(axis=0).max() > 15


def laid(across, along, **more) -> Cloth:
    across, along = np.array(across), np.array(along)
    return Cloth(across, along, np.column_stack([0 * across, across, along + 1.27]), np.ones(len(across)), 2, **more)


def test_a_picture_repeats_at_its_width_with_its_own_proportions():
    picture = np.zeros((2, 4, 4), np.uint8)
    picture[0, :2], picture[0, 2:], picture[1] = (200, 0, 0, 255), (0, 200, 0, 255), (0, 0, 0, 0)
    x, down = [0.05, 0.15, 0.25, 0.05], [0.025, 0.025, 0.025, 0.075]
    out = FABRICS["picture"][0](laid(x, np.negative(down), picture=picture), np.array([[9.0, 9, 9]]), 0.2)
    assert np.allclose(out, [[200, 0, 0], [0, 200, 0], [200, 0, 0], [9, 9, 9]], atol=1)


def test_a_printed_picture_is_upright_on_the_chest_and_nowhere_else():
    picture = np.full((2, 2, 4), 255, np.uint8)
    picture[0, :, :3], picture[1, :, :3] = (200, 0, 0), (0, 200, 0)
    cloth = laid([0.0, 0.0, 0.2], [0.05, -0.05, 0.0], picture=picture)
    out = FABRICS["print"][0](cloth, np.full((2, 3), 9.0), 0.1)
    assert out[0].argmax() == 0 and out[1].argmax() == 1 and min(out[0, 0], out[1, 1]) > 150
    assert np.allclose(out[2], 9)


def test_side_stripes_are_three_and_only_on_limbs():
    across = np.linspace(-0.05, 0.05, 1001)
    stripes, colours = FABRICS["side_stripes"][0], np.array([[0.0, 0, 0], [200, 200, 200]])
    white = stripes(laid(across, 0 * across, outer=across), colours, 0.05)[:, 0] > 100
    assert np.diff(white.astype(int)).clip(0).sum() == 3
    assert stripes(laid(across, 0 * across, outer=np.full(1001, np.inf)), colours, 0.05).max() == 0


def test_a_flat_grid_collapses_to_its_border():
    n = 6
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    points = np.column_stack([x.ravel(), y.ravel(), np.zeros(n * n)]).astype(float)
    a = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate([np.stack([a, a + 1, a + n + 1], 1), np.stack([a, a + n + 1, a + n], 1)])
    left, uvs = Simplifier(points, faces, faces, np.ones(n * n, bool)).run(0)
    corners = points[left]
    area_ = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
    assert len(left) < len(faces) / 2 and (area_ > 0).all()
    assert area_.sum() / 2 == pytest.approx((n - 1) ** 2)
    assert np.array_equal(left, uvs)
