"""Appearance files: every fault is named with file and key; digests follow the recipe; random ones are valid."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from synth.body import appearance, digest
from synth.body.appearance import FOLDER, appearance_names
from synth.body.random_recipe import random_recipe
from synth.body.recipe import BOTTOMS, HAIRSTYLES, OUTERS, SHOES, TOPS, AppearanceError, check, parse

ANA = (FOLDER / "ana.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", appearance_names())
def test_files_parse(name):
    recipe = appearance.recipe(name)
    assert 1.55 <= recipe.body.height_m <= 1.90


def test_eight_people_four_of_them_women_of_all_ages_in_all_kinds_of_clothes():
    drawn = [appearance.recipe(name) for name in appearance_names()]
    assert len(drawn) == 8 and sum(r.body.gender > 0.5 for r in drawn) == 4
    assert max(r.body.age for r in drawn) > 0.7 > 0.2 > min(r.body.age for r in drawn)
    kinds = {garment.kind for r in drawn for garment in r.garments().values()}
    assert kinds >= {"t_shirt", "shirt", "jacket", "trousers", "shorts", "skirt", "dress", "singlet", "track_top"}
    assert {r.hair.style for r in drawn} >= {"short", "long", "ponytail", "bald"}
    assert {r.shoes.kind for r in drawn} == set(SHOES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hair: {style", "hair: {stile", "has no key 'stile'; did you mean 'style'"),
        ("style: ponytail", "style: ponytale", "hair.style = 'ponytale' is not known; did you mean 'ponytail'"),
        ("fabric: stripes", "fabric: stripe", "top.fabric = 'stripe' is not known; did you mean 'stripes'"),
        ("kind: leggings", "kind: leggins", "bottom.kind = 'leggins' is not known; did you mean 'leggings'"),
        ("kind: trainers", "kind: sandals", "shoes.kind = 'sandals' is not known"),
        ("seed: 11", "seed: many", "seed = 'many' should be of type int"),
        ("seed: 11", "seed: -3", "seed = -3; expected a whole number of 0 or more"),
        ("seed: 11", "seed: 11\nseed: 12", "the key 'seed' stands twice"),
        ("height_m: 1.68", "height_m: tall", "body.height_m = 'tall' should be of type float"),
        ("height_m: 1.68", "height_m: 168", "body.height_m = 168.0 is outside 1.45 to 2.05"),
        ('eyes: "#5d4126"', "eyes: brown", "eyes = 'brown' is no colour"),
        ('eyes: "#5d4126"\n', "", "lacks the key 'eyes'"),
        ('"#c9483f", "#dcd5c8"]', '"#c9483f"]', "top.colours: stripes wants at least 2 colours, got 1"),
        ('["#c9483f", "#dcd5c8"]', '"#c9483f"', "top.colours = '#c9483f' should be a list of colours"),
        ("african: 0.05, asian: 0.05, caucasian: 0.9", "african: 0, asian: 0, caucasian: 0", "are all 0"),
        ("body: {", "body: [", "is no valid YAML"),
    ],
)
def test_faults_are_named(old, new, said):
    assert old in ANA
    with pytest.raises(AppearanceError) as caught:
        parse(ANA.replace(old, new, 1), "ana.yaml")
    assert said in str(caught.value) and str(caught.value).startswith("ana.yaml")


def test_an_empty_file_is_named():
    with pytest.raises(AppearanceError, match=r"ana.yaml: the file should hold the keys of Recipe"):
        parse("", "ana.yaml")


def test_digest_follows_the_recipe(tmp_path, monkeypatch):
    before = digest("ana")
    for name in appearance_names():
        (tmp_path / f"{name}.yaml").write_text((FOLDER / f"{name}.yaml").read_text())
    monkeypatch.setattr(appearance, "FOLDER", tmp_path)
    assert digest("ana") == before
    (tmp_path / "ana.yaml").write_text(ANA.replace("seed: 11", "seed: 12"))
    assert digest("ana") != before
    assert len({digest(n) for n in [*appearance_names(), "random-1", "random-2"]}) == len(appearance_names()) + 2


def test_random_recipes_are_valid_and_varied():
    drawn = [random_recipe(seed) for seed in range(200)]
    for seed, recipe in enumerate(drawn):
        check(recipe, f"random-{seed}")
    assert {r.top.kind for r in drawn} == set(TOPS) and {r.bottom.kind for r in drawn if r.bottom} == set(BOTTOMS)
    assert {r.outer.kind for r in drawn if r.outer} == set(OUTERS) and {r.shoes.kind for r in drawn} == set(SHOES)
    assert {r.hair.style for r in drawn} == set(HAIRSTYLES)
    assert len({r.skin.tone for r in drawn}) >= 10
    assert random_recipe(3) == random_recipe(3)
    assert all(dataclasses.asdict(a) != dataclasses.asdict(b) for a, b in itertools.pairwise(drawn))
