"""Contact sheets: what is on them, and in which order."""

import argparse

import numpy as np
import pytest

from synth import body
from synth.errors import UnknownName
from synth.gallery import AZIMUTHS_DEG, sheets, tile
from synth.stage import place


def options(what, **changes):
    plain = {"activity": None, "source": "authored", "assets_root": None, "count": 1, "size": 16}
    return argparse.Namespace(**{**plain, "what": what, "appearance": "ana", "environment": "lawn", **changes})


def test_pictures_lie_row_by_row():
    clips = [np.full((2, 1, 1, 3), value, np.uint8) for value in (1, 2, 3)]
    assert tile(clips, 2)[..., 0].tolist() == [[1, 1], [2, 2], [3, 3]]


def test_a_motion_is_seen_from_all_sides_within_two_seconds():
    (name, specs), *others = sheets(options("motions", activity="squat")).items()
    assert name == "authored_squat_held-0" and not others
    assert [spec.viewpoint.azimuth_deg for spec in specs] == list(AZIMUTHS_DEG)
    assert {spec.num_frames / spec.fps for spec in specs} == {2.0}


@pytest.mark.parametrize(
    ("what", "named"), [("appearances", body.appearance_names()), ("environments", place.place_names())]
)
def test_everything_that_has_a_name_is_on_its_sheet(what, named):
    (specs,) = sheets(options(what)).values()
    shown = [getattr(spec, what[:-1]).name for spec in specs]
    assert list(dict.fromkeys(shown)) == [*named, "random-0"] and len(specs) == 8 * (len(named) + 1)


def test_a_misspelt_activity_is_named():
    with pytest.raises(UnknownName, match="squat"):
        sheets(options("motions", activity="squad"))
