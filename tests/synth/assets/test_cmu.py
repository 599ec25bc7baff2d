"""The tables of the CMU manifest hold together and say what the database says."""

from __future__ import annotations

import re

import pytest

from synth.assets import checksum, cmu
from synth.assets.source import SOURCES, source
from synth.errors import UnknownName
from synth.motion.trials import crops


def test_the_index_is_the_whole_database():
    assert len(cmu.index()) == 2435
    assert {trial.subject for trial in cmu.index().values()} == set(cmu.subjects())
    assert {trial.fps for trial in cmu.index().values()} == {60.0, 120.0}
    assert {trial.fps for trial in cmu.index().values() if trial.subject == "90"} == {60.0}  # lists say 120
    assert cmu.trial("64_01").description == "Swing"


def test_classes_name_trials_of_the_index():
    assert len(cmu.classes()) == 41
    for entry in cmu.classes().values():
        assert re.fullmatch(r"[a-z_]+", entry.activity)
        assert entry.match.startswith(("exact", "near", "weak"))
        assert len(set(entry.trials)) == len(entry.trials) > 0
    assert set(crops()) - set(cmu.classes()) <= {"hop", "drink"}


def test_the_nine_of_the_paper_are_there():
    ours = {"push_up", "archery", "golf_swing", "baseball_pitch", "jumping_jack", "play_violin"}
    assert ours | {"climb_ladder", "dribble", "soccer_kick"} <= set(cmu.classes())


def test_a_class_is_found_by_any_of_its_names():
    one = cmu.activity_class("golf swing")
    assert cmu.activity_class("golf_swing") is one
    assert cmu.activity_class("climb ladder") is cmu.activity_class("climbing ladder")
    with pytest.raises(UnknownName, match="golf swing"):
        cmu.activity_class("golf swin")
    with pytest.raises(UnknownName, match="64_"):
        cmu.trial("64_1")


@pytest.mark.parametrize(
    ("name", "trial"),
    [("05_20-mb.bvh", "05_20"), ("02_01.amc", "02_01"), ("02_99.amc", None), ("dance.bvh", None), ("02.asf", None)],
)
def test_files_say_which_trial_they_are(name, trial):
    assert cmu.trial_in(name) == trial


def test_known_checksums_are_those_of_the_files_at_hand(shared):
    folder = shared / "data/cmu/asfamc"
    for name in ("02.asf", "02_01.amc", "14_33.amc", "49_06.amc"):
        assert checksum.of(folder / name) == cmu.checksums()[name]
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in cmu.checksums().values())


def test_line_ends_do_not_change_the_checksum_of_a_text(write):
    plain, other = write("a.amc", "1\nroot 0\n"), write("b.amc", "1 \r\nroot 0\r\n\r\n")
    assert checksum.of(plain) == checksum.of(other)
    assert checksum.of_bytes(plain) != checksum.of_bytes(other)
    assert checksum.of(write("c.amc", "1\nroot 1\n")) != checksum.of(plain)


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_its_terms(name):
    chosen = source(name)
    assert "Licence: " in chosen.terms()
    assert chosen.home in chosen.terms()
    assert chosen.most_bytes > 0
    assert all(suffix.startswith(".") for suffix in chosen.suffixes)


def test_what_is_wanted_comes_from_the_official_site():
    wanted = source("cmu").wanted({"classes": ["golf swing"]})
    urls = {item.path: item.url for item in wanted}
    assert urls["asfamc/64.asf"] == "http://mocap.cs.cmu.edu/subjects/64/64.asf"
    assert urls["asfamc/64_01.amc"] == "http://mocap.cs.cmu.edu/subjects/64/64_01.amc"
    assert [item.path for item in wanted][:2] == ["asfamc/63.asf", "asfamc/64.asf"]  # skeletons first
    assert len(wanted) == 18
    with pytest.raises(UnknownName, match="source"):
        source("cmuu")
