"""The table of recordings: what is read, and every row that is refused by its line."""

import csv
import math

import pytest

from experiments.recordings.errors import RecordingsError
from experiments.verify.errors import RowError, TableError
from experiments.verify.table import read_table
from synth.errors import UnknownName

KNOWN = ("push_up", "jumping_jack", "walk")
HEADER = "file,activity,azimuth_deg"


@pytest.fixture
def folder(tmp_path):
    """Writes a table and the files that it names; the folder."""

    def write(*lines, name="recordings.csv", files=("a.mp4", "b.mp4")):
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        for file in files:
            (tmp_path / file).write_bytes(b"video")
        return tmp_path

    return write


def test_a_row_with_everything(folder):
    root = folder(
        "file,activity,azimuth_deg,azimuth_error_deg,elevation_deg,distance_m,person,camera",
        "a.mp4, Push-up, -90, 20, 5, 2.5, anna, phone",
    )
    (clip,) = read_table(root, known=KNOWN).clips
    assert (clip.activity, clip.azimuth_deg, clip.azimuth_error_deg) == ("push_up", 270.0, 20.0)
    assert (clip.elevation_deg, clip.distance_m, clip.person, clip.line) == (5.0, 2.5, "anna", 2)


def test_a_row_with_the_least(folder):
    table = read_table(folder(HEADER, "a.mp4,walk,450"), known=KNOWN, azimuth_error_deg=15)
    (clip,) = table.clips
    assert (clip.azimuth_deg, clip.azimuth_error_deg, clip.person) == (90.0, 15.0, "a")
    assert math.isnan(clip.elevation_deg) and table.median("elevation_deg") is None


def test_medians_are_of_those_that_say_it(folder):
    root = folder(HEADER + ",elevation_deg", "a.mp4,walk,0,10", "b.mp4,walk,90,", files=("a.mp4", "b.mp4"))
    table = read_table(root, known=KNOWN)
    assert table.median("elevation_deg") == 10.0 and table.median("distance_m") is None


def test_other_activities_are_left_out_only_where_that_was_asked_for(folder):
    root = folder(HEADER, "a.mp4,push-up,0", "b.mp4,arm wrestling,")
    table = read_table(root, known=KNOWN, only=["push_up"])
    assert [clip.file for clip in table.clips] == ["a.mp4"] and table.left_out == 1
    assert table.activities == ("push_up",)


def test_a_table_elsewhere_and_by_another_name(folder, tmp_path_factory):
    root = folder(HEADER, "a.mp4,walk,0", name="mine.csv")
    assert read_table(root, "mine.csv", known=KNOWN).clips
    other = tmp_path_factory.mktemp("elsewhere") / "theirs.csv"
    other.write_text(f"{HEADER}\nb.mp4,walk,0\n")
    assert read_table(root, str(other), known=KNOWN).clips[0].path == root / "b.mp4"


@pytest.mark.parametrize(
    ("lines", "error", "says"),
    [
        ([HEADER, "a.mp4,walk,0", "b.mp4,walk,left"], RowError, r"line 3: azimuth_deg = 'left'; expected a number"),
        ([HEADER, "a.mp4,walk,nan"], RowError, "line 2: azimuth_deg = 'nan'"),
        ([HEADER, "a.mp4,walk,"], RowError, "line 2: no azimuth_deg"),
        ([HEADER, ",walk,0"], RowError, "line 2: no file"),
        ([HEADER, "a.mp4,walk,0", "c.mp4,walk,0"], RowError, "line 3: the file c.mp4 is not there"),
        ([HEADER, "a.mp4,walk,0", "b.mp4,walk,9", "./a.mp4,walk,90"], RowError, "line 4: ./a.mp4 stands in line 2"),
        ([HEADER, "a.mp4,walk"], RowError, "line 2: has not 3 cells"),
        ([HEADER, "a.mp4,walk,0,0"], RowError, "line 2: has not 3 cells"),
        ([HEADER + ",elevation_deg", "a.mp4,walk,0,120"], RowError, "line 2: elevation_deg = '120'.*-89 to 89"),
        ([HEADER + ",azimuth_error_deg", "a.mp4,walk,0,-5"], RowError, "line 2: azimuth_error_deg = '-5'"),
        ([HEADER, "a.mp4,wolk,0"], UnknownName, "line 2.*did you mean 'walk'"),
        (["file,activity", "a.mp4,walk"], TableError, "line 1: no column 'azimuth_deg'"),
        (["file,activity,azimuth", "a.mp4,walk,0"], TableError, "write its unit too: azimuth_deg"),
        ([HEADER + ",file", "a.mp4,walk,0,b.mp4"], TableError, "'file' is there twice"),
        ([HEADER], TableError, "names no recording"),
        ([""], TableError, "no columns"),
        ([HEADER, 'a.mp4,"walk"x,0'], TableError, "comma-separated"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(folder, lines, error, says):
    with pytest.raises(error, match=says):
        read_table(folder(*lines), known=KNOWN)


def test_a_folder_or_a_table_that_is_not_there(tmp_path):
    with pytest.raises(RecordingsError, match="recordings=DIR"):
        read_table(tmp_path / "none", known=KNOWN)
    with pytest.raises(RecordingsError, match=r"recordings\.csv cannot be read"):
        read_table(tmp_path, known=KNOWN)


def test_an_activity_that_is_asked_for_must_be_known(folder):
    with pytest.raises(UnknownName, match=r"recordings\.activities"):
        read_table(folder(HEADER, "a.mp4,walk,0"), known=KNOWN, only=["walking"])


def test_the_recordings_at_hand(shared):
    root = shared / "data" / "recordings"
    table = read_table(root, known=KNOWN, only=["push_up"])
    with (root / "recordings.csv").open(newline="") as file:
        expected = [row["file"] for row in csv.DictReader(file) if row["activity"] == "push-up"]
    assert [clip.file for clip in table.clips] == expected
