"""What is on the sheets, and in which order."""

import pytest

from synth import body
from synth.axes import value
from synth.errors import UnknownName
from synth.gallery import colours
from synth.gallery.contents import AZIMUTHS_DEG, CONTENTS, VIEWS_DEG, Options, film, telling_s
from synth.motion import catalogue
from synth.stage import place

TWO = Options(size=16)


@pytest.mark.parametrize("what", CONTENTS)
def test_a_sheet_is_a_full_grid_with_a_word_for_every_row_and_column(what):
    sheets = CONTENTS[what](Options(activity="squat", size=16, count=2))
    assert len({sheet.name for sheet in sheets}) == len(sheets), "one would be written over another"
    for sheet in sheets:
        assert len(sheet.cells) % sheet.columns == 0
        assert len(sheet.rows) in (0, len(sheet.cells) // sheet.columns)
        assert len(sheet.heads) in (0, sheet.columns)
        assert all(cell.frame < cell.spec.num_frames and cell.shown in colours.SHOWN for cell in sheet.cells)


def test_a_motion_is_seen_from_all_sides_over_a_cycle():
    (sheet,) = CONTENTS["motions"](Options(activity="squat", size=16))
    assert sheet.title == "authored/squat/held-0"
    assert [spec.viewpoint.azimuth_deg for spec in sheet.specs] == list(AZIMUTHS_DEG)
    assert {spec.num_frames / spec.fps for spec in sheet.specs} == {2.0}


@pytest.mark.parametrize(
    ("what", "named"), [("appearances", body.appearance_names()), ("environments", place.place_names())]
)
def test_everything_that_has_a_name_is_on_its_sheet(what, named):
    (sheet,) = CONTENTS[what](TWO)
    assert sheet.rows == (*named, "random-0")
    shown = [value(cell.spec, what[:-1]) for cell in sheet.cells[:: sheet.columns]]
    assert tuple(shown) == sheet.rows


def test_places_are_seen_by_day_and_in_the_evening():
    (sheet,) = CONTENTS["environments"](TWO)
    heights = [cell.spec.lighting.sun_elevation_deg for cell in sheet.cells[: sheet.columns]]
    assert len(set(heights)) == 2 and heights == sorted(heights, reverse=True)


def test_every_person_does_everything_from_three_sides():
    sheets = CONTENTS["people-x-motions"](TWO)
    assert [sheet.specs[0].viewpoint.azimuth_deg for sheet in sheets] == list(VIEWS_DEG)
    for sheet in sheets:
        assert sheet.rows == tuple(body.appearance_names()) and sheet.heads == tuple(catalogue.activities("authored"))
        for number, cell in enumerate(sheet.cells):
            row, column = divmod(number, sheet.columns)
            assert (cell.spec.appearance.name, cell.spec.motion.activity) == (sheet.rows[row], sheet.heads[column])


def test_draws_say_what_was_drawn_and_differ():
    (sheet,) = CONTENTS["draws"](Options(size=16, count=12, seed=3))
    assert len(set(sheet.specs)) == 12
    for cell in sheet.cells:
        assert cell.spec.appearance.name in cell.caption[1] and cell.spec.environment.name in cell.caption[1]


def test_a_video_is_of_whole_cycles():
    refs = TWO.references()
    ref = next(r for r in refs if r.activity == "jumping_jack")
    spec = film(TWO, ref, fps=25.0, longest_s=0.1)
    cycle_s = catalogue.load(ref, body.reference_skeleton()).cycle_s
    assert spec.num_frames == pytest.approx(cycle_s * 25, abs=1)


def test_a_squat_tells_most_when_it_is_low():
    ref = catalogue.references("squat", source="authored", n=1)[0]
    motion = catalogue.load(ref, body.reference_skeleton())
    low = motion.sample([telling_s(ref, None)])[1][0, 2]
    assert low < motion.root[:, 2].min() + 0.02


def test_a_misspelt_activity_is_named():
    with pytest.raises(UnknownName, match="squat"):
        CONTENTS["motions"](Options(activity="squad"))
