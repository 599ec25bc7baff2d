"""The ASF reader on a skeleton of two bones, and on files that are broken in every way."""

from __future__ import annotations

import numpy as np
import pytest

from synth.motion.asf import INCH_M, read_asf
from synth.motion.files import MotionFileError

UNIT_M = INCH_M / 0.45


def test_units_and_axes(write, asf_text):
    """One unit is 1/0.45 inch; the file's up (y) is our z, its left (x) our y."""
    skeleton = read_asf(write("toy.asf", asf_text))
    assert skeleton.names == ("root", "spine", "arm")
    assert skeleton.parents.tolist() == [-1, 0, 1]
    assert UNIT_M == pytest.approx(0.0564444, abs=1e-7)
    assert skeleton.offsets_m[1] == pytest.approx([0.0, 0.0, 10 * UNIT_M])
    assert skeleton.offsets_m[2] == pytest.approx([0.0, 5 * UNIT_M, 0.0])
    assert skeleton.channels == ((0, 1, 2), (0, 1, 2), (0,))


def test_forward_kinematics_of_the_zero_pose(write, asf_text):
    skeleton = read_asf(write("toy.asf", asf_text))
    heads, tails = skeleton.fk(np.tile(np.eye(3), (1, 3, 1, 1)), np.array([[1.0, 2.0, 3.0]]))
    assert heads[0, 1] == pytest.approx([1.0, 2.0, 3.0])
    assert tails[0, 2] == pytest.approx([1.0, 2.0 + 5 * UNIT_M, 3.0 + 10 * UNIT_M])


def test_windows_line_ends_and_bytes_that_are_no_text(tmp_path, asf_text):
    path = tmp_path / "toy.asf"
    path.write_bytes(b"# caf\xe9\r\n" + asf_text.replace("\n", "\r\n").encode())
    assert read_asf(path).names == ("root", "spine", "arm")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("length 0.45", "length x", 6, "numbers"),
        ("length 0.45", "length 0", 0, "length"),
        ("angle deg", "angle rad", 7, "deg"),
        ("order TX TY TZ RX RY RZ", "order RX RY RZ TX TY TZ", 9, "order"),
        ("axis XYZ\n   position", "axis ZYX\n   position", 10, "axis"),
        ("position 0 0 0", "position 0 1 0", 11, "position"),
        ("direction 0 1 0", "direction 0 1", 17, "3 numbers"),
        ("direction 0 1 0", "direction 0 nan 0", 17, "finite"),
        ("axis 0 0 90 XYZ", "axis 0 0 90 ZYX", 30, "axis"),
        ("dof rx ry rz", "dof rx ry l", 20, "channels"),
        ("     length 5\n", "", 32, "arm"),
        ("spine arm", "spine leg", 37, "leg"),
        ("    spine arm\n", "", 0, "arm"),
        ("root spine\n    spine arm", "spine arm\n    arm spine", 0, "circle"),
        (":hierarchy", ":nothing", 0, ":hierarchy"),
    ],
)
def test_a_broken_file_is_named_with_its_line(write, asf_text, old, new, line, message):
    assert old in asf_text
    path = write("toy.asf", asf_text.replace(old, new, 1))
    with pytest.raises(MotionFileError, match=message) as caught:
        read_asf(path)
    assert "toy.asf" in str(caught.value)
    if line:
        assert caught.value.line == line


def test_a_missing_and_an_empty_file(write, tmp_path):
    with pytest.raises(MotionFileError, match="no such file"):
        read_asf(tmp_path / "none.asf")
    with pytest.raises(MotionFileError, match="empty"):
        read_asf(write("empty.asf", "\n\n"))


def test_an_unknown_bone_is_named(write, asf_text):
    with pytest.raises(MotionFileError, match="tail"):
        read_asf(write("toy.asf", asf_text)).index("tail")


def test_every_skeleton_of_the_data(cmu):
    """All of CMU's skeletons have the same 31 bones, and legs as long as people's."""
    paths = sorted((cmu / "asfamc").glob("*.asf"))
    assert len(paths) >= 10
    names = {read_asf(path).names for path in paths}
    assert {frozenset(each) for each in names} == {frozenset(read_asf(paths[0]).names)}
    for path in paths:
        skeleton = read_asf(path)
        length = np.linalg.norm(skeleton.offsets_m, axis=1)
        assert len(skeleton.names) == 31
        assert 0.35 < length[skeleton.index("lfemur")] < 0.5
