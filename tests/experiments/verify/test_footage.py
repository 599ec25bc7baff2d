"""Windows of recordings whose every frame is known, and files that cannot be used."""

import av
import numpy as np
import pytest

from experiments.recordings.errors import RecordingsError
from experiments.verify.errors import RowError, TableError
from experiments.verify.footage import Shape, keys, prepare, windows
from experiments.verify.preparing import Preparing
from experiments.verify.table import read_table

SHAPE = Shape(num_frames=3, fps=12.5)


@pytest.mark.parametrize(
    ("frames", "fps", "most", "expected"),
    [
        (5, 25.0, 4, [[0, 2, 4]]),
        (9, 25.0, 4, [[2, 4, 6]]),
        (11, 25.0, 4, [[0, 2, 4], [6, 8, 10]]),
        (20, 25.0, 2, [[0, 2, 4], [15, 17, 19]]),
        (21, 25.0, 1, [[8, 10, 12]]),
        (6, 12.5, 4, [[0, 1, 2], [3, 4, 5]]),
        (7, 37.5, 4, [[0, 3, 6]]),
        (3, 12.0, 4, [[0, 1, 2]]),
    ],
)
def test_windows_are_paced_as_the_study_and_do_not_overlap(frames, fps, most, expected):
    assert [row.tolist() for row in windows(frames, fps, SHAPE, most)] == expected


@pytest.mark.parametrize(("frames", "fps", "says"), [(4, 25.0, "4 frames .*shown 5"), (90, 5.0, "5 frames per second")])
def test_a_recording_that_is_too_short_or_too_coarse(frames, fps, says):
    with pytest.raises(RecordingsError, match=says):
        windows(frames, fps, SHAPE, 4)


@pytest.fixture
def folder(tmp_path, video, grey):
    """A table of two recordings of grey frames, 11 and 30 of them; the folder."""
    video(tmp_path / "a.mkv", grey(11))
    video(tmp_path / "b.mkv", grey(30))
    (tmp_path / "recordings.csv").write_text("file,activity,azimuth_deg\na.mkv,walk,0\nb.mkv,walk,90\n")
    return tmp_path


def prepared(folder, shape=SHAPE, **preparing):
    return prepare(read_table(folder, known=["walk"]), shape, Preparing(**preparing))


def test_models_are_shown_these_very_frames(folder):
    first, second = prepared(folder, windows=2).taken
    shown = [first.footage(number, 12.5) for number in (0, 1)]
    assert [clip.frames[:, 0, 0, 0].tolist() for clip in shown] == [[0, 2, 4], [6, 8, 10]]
    assert shown[0].fps == 12.5 and shown[0].frames.shape == (3, 24, 32, 3)
    assert second.footage(1, 12.5).frames[:, 0, 0, 0].tolist() == [25, 27, 29]


def test_the_crop_is_applied_to_every_window(folder):
    taken = prepared(folder, crop="square").taken
    assert {one.footage(0, 12.5).frames.shape for one in taken} == {(3, 24, 24, 3)}
    assert taken[0].facts["crop_left"] == 4 and taken[0].facts["windows"] == 2


def with_flow(folder, frames=11):
    """Flow of a.mkv, whose field k is (k, 0), and of b.mkv, which stands still."""
    (folder / "flow").mkdir(exist_ok=True)
    fields = np.zeros((frames - 1, 24, 32, 2), np.float32)
    fields[..., 0] = np.arange(frames - 1)[:, None, None]
    np.save(folder / "flow" / "a.npy", fields)
    np.savez(folder / "flow" / "b.npz", flow=np.zeros((29, 24, 32, 2), np.float32))
    return str(folder / "flow")


def test_flow_that_was_given_goes_with_the_frames_and_the_crop(folder):
    plain = prepared(folder, windows=2, crop="square").taken
    first, second = prepared(folder, windows=2, crop="square", flow=with_flow(folder)).taken
    shown = first.footage(1, 12.5)
    assert shown.flow.shape == (2, 24, 24, 2) and shown.flow.dtype == np.float32
    assert shown.flow[:, 0, 0, 0].tolist() == [6 + 7, 8 + 9]
    assert not second.footage(0, 12.5).flow.any() and plain[0].footage(0, 12.5).flow is None
    assert not {k for _, row in keys(plain, SHAPE) for k in row} & {k for _, row in keys([first], SHAPE) for k in row}


def test_flow_that_is_not_the_recordings_is_named_with_its_row(folder):
    with pytest.raises(RowError, match=r"line 2: .*no flow of a; expected one of a\.npy"):
        prepared(folder, flow=str(folder))
    with pytest.raises(RowError, match=r"line 2: .*holds 7 fields of 32 x 24; expected 10 of 32 x 24"):
        prepared(folder, flow=with_flow(folder, frames=8))


def test_keys_tell_windows_crops_and_files_apart(folder):
    plain, square = (
        {k for _, row in keys(prepared(folder, crop=c).taken, SHAPE) for k in row} for c in ("none", "square")
    )
    assert len(plain) == 6 and not plain & square
    assert plain == {k for _, row in keys(prepared(folder).taken, SHAPE) for k in row}


def test_a_rate_that_is_nearly_enough_is_taken_frame_by_frame_and_told(folder):
    taken = prepared(folder, Shape(num_frames=3, fps=26.0)).taken
    assert taken[0].paced == pytest.approx(25 / 26) and np.diff(taken[0].windows[0]).tolist() == [1, 1]


@pytest.mark.parametrize(("content", "says"), [(b"", "is empty"), (b"no video at all", "cannot be opened")])
def test_a_file_that_cannot_be_decoded_is_named_with_its_row(folder, content, says):
    (folder / "b.mkv").write_bytes(content)
    with pytest.raises(RowError, match=rf"recordings\.csv, line 3: .*b\.mkv.*{says}"):
        prepared(folder)


def test_a_video_of_zero_frames_is_named_with_its_row(folder):
    with av.open(str(folder / "none.avi"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        container.start_encoding()
    with (folder / "recordings.csv").open("a") as table:
        table.write("none.avi,walk,180\n")
    with pytest.raises(RowError, match=r"line 4: .*none\.avi: not one frame"):
        prepared(folder)


def test_a_recording_that_is_too_short_is_named_with_its_row(folder):
    with pytest.raises(RowError, match="line 2: it has 11 frames"):
        prepared(folder, Shape(num_frames=8, fps=12.5))


def panned(count=20):
    """A place of random texture, and a camera that moves over it."""
    rng = np.random.default_rng(0)
    place = np.kron(rng.integers(0, 255, (24, 60, 3), np.uint8), np.ones((4, 4, 1), np.uint8))
    return np.stack([place[:, 6 * t : 6 * t + 120] for t in range(count)])


def test_a_camera_that_moves_is_declared_or_left_out(folder, video):
    video(folder / "b.mkv", panned())
    assert [one.facts["camera_moves"] for one in prepared(folder).taken] == [False, True]
    still = prepared(folder, camera="still")
    assert [one.clip.file for one in still.taken] == ["a.mkv"] and still.moving == ("b.mkv",)
    video(folder / "a.mkv", panned())
    with pytest.raises(TableError, match="cameras of all 2 recordings move"):
        prepared(folder, camera="still")


def test_a_damaged_file_is_refused_unless_it_may_be_mended(folder):
    whole = (folder / "b.mkv").read_bytes()
    (folder / "b.mkv").write_bytes(whole[: 2 * len(whole) // 3])
    with pytest.raises(RowError, match=r"line 3: .*b\.mkv"):
        prepared(folder)
    taken = prepared(folder, conceal=True).taken
    assert 5 <= taken[1].video.num_frames < 30 and taken[1].footage(0, 12.5).frames[0, 0, 0, 0] == 0
