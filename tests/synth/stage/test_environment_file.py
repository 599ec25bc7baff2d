"""Environment files: what is wrong is refused with its line and key."""

import pytest

from synth.stage import environment_file, place
from synth.stage.recipe import PlaceError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\nflor: {kind: grass}\n", r"line 1: unknown key 'flor'"),
        ("seed: 1\nfloor:\n  kind: gras\n", r"line 3: kind = 'gras'; expected one of .*grass"),
        ("sky: {zenith: [1, 2]}\n", r"zenith = \[1, 2\]; expected 3 numbers"),
        ("things:\n  - {kind: tree}\n", r"line 2: a thing needs `kind` and `at`"),
        ("things:\n  - {kind: tree, at: [9, 9], hight: 3}\n", r"line 2: unknown key 'hight'; expected .*height"),
        ("things:\n  - {kind: dragon, at: [9, 9]}\n", r"expected one of .*tree"),
        ("things: {kind: tree, at: [9, 9]}\n", r"line 1: things = .*; expected a list"),
        ("things:\n  - {kind: tree, at: [9, 9], height: -3}\n", r"line 2: height = -3.0; expected 0 to"),
        ("sky: {clouds: lots}\n", r"clouds = 'lots'; expected a number"),
        ("sky: {clouds: 1.5}\n", r"line 1: clouds = 1.5; expected 0 to 1"),
        ("floor: [1]\n", r"expected a mapping with the keys kind"),
        ("a: [\n", r"is not YAML"),
        ("seed: one\n", r"seed = 'one'; expected a whole number"),
        ("things:\n  - {kind: wall, at: [9, 9], material: gold}\n", r"material = 'gold'; expected one of .*brick"),
        ("floor:\n  marks:\n    - {shape: star}\n", r"line 3: shape = 'star'; expected one of rect, circle, line"),
        ("room:\n  height: 3\n  openings:\n    - {wall: up}\n", r"line 4: wall = 'up'; expected one of north"),
        ("room: {height: 300}\n", r"line 1: height = 300.0; expected 0 to 30"),
        ("floor: {kind: shadow}\n", r"floor.kind = 'shadow' shows a picture; expected `picture"),
        ("things: [{kind: [car], at: [3, 3]}]\n", r"line 1: kind = \['car'\]; expected a name"),
        ("things: [car]\n", r"toy.yaml: things\[0\]: a thing needs `kind` and `at`, got 'car'"),
        ("room: {height: 3, openings: [7]}\n", r"toy.yaml: room.openings\[0\]: expected a mapping .*, got 7"),
        ("sky: {zenith: [1, true, 2]}\n", r"line 1: zenith = \[1, True, 2\]; expected 3 numbers$"),
        ("sky: {zenith: [1, 1e3, 2]}\n", r"expected 3 numbers; YAML reads this as text: write 1000$"),
        ("floor: {map_m: 1e3}\n", r"map_m = '1e3'; expected a number; YAML reads this as text: write 1000$"),
        ("seed: 1e3\n", r"seed = '1e3'; expected a whole number of 0 or more; YAML .* write 1000$"),
        ("seed: 1\nsky: {}\nseed: 2\n", r"(?s)the key 'seed' stands twice in one mapping.*line 3"),
        ("room:\n  height: 3\n  openings:\n    - {at: 40}\n", r"line 4: openings\[0\]: at = 40 .* within -3 to 3"),
        ("room: {height: 3, size: [9, 4], openings: [{wall: east, at: 2}]}\n", r"the east wall, which is 4 m long"),
        ("room: {height: 2, openings: [{}]}\n", r"sill = 0.9 and height = 1.3 reach above .* at most 2 m together"),
        ("picture: {projection: plain}\n", r"picture.file is missing"),
        (
            "picture: {file: a.png, projection: round}\n",
            r"projection = 'round'; expected one of equirectangular, plain",
        ),
    ],
)
def test_a_wrong_file_is_refused_where_it_is_wrong(text, message):
    with pytest.raises(place.PlaceError, match=message):
        environment_file.parse(text, "toy.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{kind: sofa, at: [0.4, 0.4]}", r"toy.yaml: things\[1\] \(sofa\) reaches within .* of the origin"),
        ("{kind: hanging_lamp, at: [0, 0], height: 1.5}", r"things\[1\] \(hanging_lamp\)"),
    ],
)
def test_a_thing_in_the_persons_place_is_refused_by_its_number(text, message):
    what = environment_file.parse(f"things:\n  - {{kind: rock, at: [4, 4]}}\n  - {text}\n", "toy.yaml")
    with pytest.raises(PlaceError, match=message):
        place.bake("toy", what, source="toy.yaml")


def test_numbers_and_lists_are_read_as_they_stand():
    text = (
        "seed: 3\nroom: {height: 2.5, openings: [{wall: east, at: 1}]}\nfloor: {marks: [{shape: line, size: [4, 1]}]}\n"
    )
    what = environment_file.parse(text, "toy.yaml")
    assert (what.seed, what.room.height, what.room.openings[0].at) == (3, 2.5, 1.0)
    assert what.floor.marks[0].size == (4.0, 1.0) and what.floor.kind == "plain"
