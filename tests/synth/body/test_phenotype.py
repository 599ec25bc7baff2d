"""Body shapes: anny's rule of coefficients on toy values, and what the phenotypes do to the body."""

from __future__ import annotations

import numpy as np
import pytest

from synth.body import phenotype
from synth.body.figure import phenotype_values
from synth.body.pack import load_pack
from synth.body.pattern import body_vertices, placed
from synth.body.recipe import Body


def size(axis: int, **values) -> float:
    pack = load_pack()
    return float(np.ptp(placed(pack, values)[0][body_vertices(pack), axis]))


def test_weights_interpolate_between_anchors():
    weights = phenotype.variation_weights({"muscle": 0.75, "age": 1.0, "african": 1, "asian": 1, "caucasian": 2})
    assert weights["averagemuscle"] == pytest.approx(0.5) and weights["maxmuscle"] == pytest.approx(0.5)
    assert weights["minmuscle"] == 0 and weights["old"] == 1
    assert weights["caucasian"] == pytest.approx(0.5)


def test_coefficients_are_products():
    mask = np.array([[True, True, False], [False, False, True]])
    found = phenotype.coefficients({"gender": 0.25, "height": 0.5}, mask, ["female", "maxheight", "male"])
    assert found == pytest.approx([0.125, 0.75])


def test_no_ancestry_means_equal_shares():
    weights = phenotype.variation_weights({"african": 0, "asian": 0, "caucasian": 0})
    assert weights["asian"] == pytest.approx(1 / 3)


def test_height_grows_with_its_value():
    found = [size(2, height=h, gender=0.5, age=0.7) for h in (0.2, 0.35, 0.5, 0.65)]
    assert (np.diff(found) > 0.1).all()


def test_weight_widens_and_men_have_broader_shoulders():
    pack = load_pack()
    spine = pack.bone_names.index("spine03")

    def waist(weight: float) -> float:
        vertices, heads = placed(pack, {"weight": weight, "height": 0.4, "age": 0.7})
        ids = body_vertices(pack)
        ring = vertices[ids][np.abs(vertices[ids, 2] - heads[spine, 2]) < 0.02]
        return float(np.ptp(ring[:, 1][np.abs(ring[:, 1]) < 0.28]))

    def shoulders(gender: float) -> float:
        _, heads = placed(pack, {"gender": gender, "height": 0.4, "age": 0.7})
        return float(heads[pack.bone_names.index("upperarm01.L"), 1])

    assert waist(0.2) < waist(0.5) < waist(0.8)
    assert shoulders(0.0) > shoulders(1.0)


@pytest.mark.parametrize("height_m", [1.55, 1.72, 1.95])
@pytest.mark.parametrize("gender", [0.0, 1.0])
def test_height_in_metres_is_met(height_m, gender):
    values = phenotype_values(Body(height_m=height_m, gender=gender, muscle=0.6, weight=0.4))
    assert size(2, **values) == pytest.approx(height_m, abs=2e-3)


def test_pack_weights_sum_to_one_and_faces_are_in_range():
    pack = load_pack()
    assert np.allclose(pack.weights.sum(axis=1), 1, atol=1e-6)
    for mesh in pack.meshes.values():
        assert mesh.faces.max() < len(pack.template) and mesh.uvs.max() < len(pack.uv)
