"""Types of command-line arguments, by hand."""

import argparse

import pytest

from synth import arguments


def test_whole_numbers():
    assert arguments.whole(1)("12") == 12
    for text in ("0", "-3", "1.5", "x", "\u00b2", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="is no whole number of 1 or more"):
            arguments.whole(1)(text)


def test_folders_and_new_files(tmp_path):
    assert arguments.folder(str(tmp_path)) == tmp_path
    with pytest.raises(argparse.ArgumentTypeError, match="there is no folder"):
        arguments.folder(str(tmp_path / "no"))
    assert arguments.new_file(str(tmp_path / "x.csv")) == tmp_path / "x.csv"
    with pytest.raises(argparse.ArgumentTypeError, match=r"there is no folder '.*no' for x\.csv"):
        arguments.new_file(str(tmp_path / "no" / "x.csv"))
    with pytest.raises(argparse.ArgumentTypeError, match="is a folder; expected the name of a file"):
        arguments.new_file(str(tmp_path))
