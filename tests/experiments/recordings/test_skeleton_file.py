"""Skeleton files: bodies that come and go, more than two of them, damage."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.recordings.errors import SkeletonError
from experiments.recordings.skeleton_file import arrangement, as_res_tcn, in_file_order, read_skeleton, tracked
from synth.errors import UnknownName

A, B, C = 72057594037944738, 72057594037944739, 72057594037944740  # they differ beyond the digits of a float64
# Frame by frame: A alone; A and B; nobody; B alone; B, then C and A; B and A.
FRAMES = [[(A, 1.0)], [(A, 1.5), (B, 2.0)], [], [(B, 2.5)], [(B, 3.0), (C, 9.0), (A, 1.0)], [(B, 3.5), (A, 1.0)]]


@pytest.fixture
def path(tmp_path, make_skeleton):
    file = tmp_path / "S001C001P001R001A001.skeleton"
    file.write_bytes(make_skeleton(FRAMES).encode())
    return file


def test_bodies_frame_by_frame(path):
    frames = read_skeleton(path)
    assert [[body.id for body in bodies] for bodies in frames] == [[A], [A, B], [], [B], [B, C, A], [B, A]]
    joints = frames[1][1].joints
    assert joints.shape == (25, 3) and joints.dtype == np.float32
    np.testing.assert_array_equal(joints, [[2.0 + k, -2.0, k] for k in range(25)])


def first_x(joints: np.ndarray) -> list[list[float]]:
    assert joints.shape == (6, 2, 25, 3) and joints.dtype == np.float32
    return joints[:, :, 0, 0].tolist()


def test_in_file_order_a_body_moves_up_where_another_is_gone(path):
    assert first_x(in_file_order(read_skeleton(path))) == [[1, 0], [1.5, 2], [0, 0], [2.5, 0], [3, 9], [3.5, 1]]


def test_tracked_bodies_keep_their_place(path):
    """A and B are there in four frames each; A was seen first. C is left out."""
    assert first_x(tracked(read_skeleton(path))) == [[1, 0], [1.5, 2], [0, 0], [0, 2.5], [1, 3], [1, 3.5]]


def test_as_res_tcn_crowded_frames_are_zero(path):
    assert first_x(as_res_tcn(read_skeleton(path))) == [[1, 0], [1.5, 2], [0, 0], [2.5, 0], [0, 0], [3.5, 1]]


def test_line_feeds_alone_will_do(tmp_path, make_skeleton, path):
    other = tmp_path / "other.skeleton"
    other.write_text(make_skeleton(FRAMES, end="\n"), encoding="ascii")
    np.testing.assert_array_equal(in_file_order(read_skeleton(other)), in_file_order(read_skeleton(path)))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: "", "expected the number of frames, got the end of the file"),
        (lambda t: "0\r\n", "expected the number of frames, got 0"),
        (lambda t: "7" + t[1:], "expected the number of bodies of frame 7, got the end"),
        (lambda t: t[: len(t) // 2], "ends in frame 5"),
        (lambda t: t + "1 2\r\n", "2 numbers follow"),
        (lambda t: t.replace("\r\n25\r\n", "\r\n20\r\n", 1), "frame 1, body 1 has 20 joints; expected 25"),
        (lambda t: t.replace("\r\n1.0 ", "\r\nnan ", 1), "frame 1, body 1 has joints that are no numbers"),
        (lambda t: t.replace("\r\n1.0 ", "\r\n1,0 ", 1), "frame 1, body 1 is damaged"),
        (lambda t: "Skelett " + t, "got Skelett"),
    ],
)
def test_damaged_files_are_named_with_the_frame(tmp_path, make_skeleton, change, why):
    file = tmp_path / "bad.skeleton"
    file.write_bytes(change(make_skeleton(FRAMES)).encode())
    with pytest.raises(SkeletonError, match=rf"bad\.skeleton.*{why}"):
        read_skeleton(file)


def test_no_file_and_no_text(tmp_path):
    (tmp_path / "b.skeleton").write_bytes(b"\xff\x00")
    for name in ("b.skeleton", "none.skeleton"):
        with pytest.raises(SkeletonError, match=name):
            read_skeleton(tmp_path / name)


def test_a_misspelt_arrangement_is_answered():
    with pytest.raises(UnknownName, match="did you mean 'tracked'"):
        arrangement("trackd")
