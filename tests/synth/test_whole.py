"""A file is whole or not there."""

import pytest

from synth.whole import whole


def test_two_writers_of_one_name_do_not_meet(tmp_path):
    """In containers their processes may have the same number."""
    path = tmp_path / "file"
    with whole(path) as one, whole(path) as two:
        one.write_text("first")
        two.write_text("second")
        assert not path.exists()
    assert path.read_text() == "first", "the outer one ends last"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(OSError, match="disk"), whole(path) as partial:
        partial.write_text("half")
        raise OSError("the disk is full")
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]
