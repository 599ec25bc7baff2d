"""Decoding against videos whose every pixel is known, damaged files, and the odd ones among real recordings."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from experiments.recordings.errors import FrameCountError, VideoError
from experiments.recordings.video import Decoding, probe_video, read_video


def test_every_frame_is_what_was_written(tmp_path, make_video):
    frames, fps = read_video(make_video(tmp_path / "v.mkv", 6, fps="30000/1001"))
    assert frames.shape == (6, 16, 24, 3) and frames.dtype == np.uint8
    assert fps == pytest.approx(30000 / 1001)
    assert [set(np.unique(f)) for f in frames] == [{0}, {10}, {20}, {30}, {40}, {50}]


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".webm"])
def test_frames_are_chosen_by_number_in_any_order(tmp_path, make_video, suffix):
    frames, _ = read_video(make_video(tmp_path / f"v{suffix}"), [4, 0, 4, 5, 5])
    assert frames[:, 3, 3, 1].tolist() == [40, 0, 40, 50, 50]


def test_numbers_hold_where_frames_depend_on_later_ones(tmp_path, encode_video):
    """B frames are stored in another order than they are shown in."""
    rng = np.random.default_rng(0)
    texture = rng.integers(60, 120, (64, 96, 3))
    frames = [(texture + 12 * i).astype(np.uint8) for i in range(10)]

    def three_b_frames(stream):
        stream.codec_context.max_b_frames = 3
        stream.codec_context.gop_size = 10

    path = encode_video(tmp_path / "b.mkv", frames, codec="mpeg4", setup=three_b_frames)
    with av.open(str(path)) as container:
        kinds = {str(f.pict_type) for f in container.decode(video=0)}
    read, _ = read_video(path)
    assert "3" in kinds and len(read) == 10
    np.testing.assert_allclose(read.mean((1, 2, 3)), [f.mean() for f in frames], atol=3)
    one, _ = read_video(path, [6])
    np.testing.assert_array_equal(one[0], read[6])


@pytest.mark.parametrize("wanted", [[6], [0, 99]])
def test_a_frame_beyond_the_end_is_refused(tmp_path, make_video, wanted):
    with pytest.raises(FrameCountError, match=rf"v\.mkv has 6 frames; frame {max(wanted)}"):
        read_video(make_video(tmp_path / "v.mkv"), wanted)


@pytest.mark.parametrize("wanted", [[], [-1, 2]])
def test_no_frames_and_negative_ones_are_refused(tmp_path, make_video, wanted):
    with pytest.raises(FrameCountError, match="counted from 0"):
        read_video(make_video(tmp_path / "v.mkv"), wanted)


# Y, U, V -> R, G, B by BT.601 and BT.709, in limited (16 to 235) and in full range.
@pytest.mark.parametrize(
    ("yuv", "matrix", "scale", "rgb"),
    [
        ((235, 128, 128), None, None, (255, 255, 255)),
        ((16, 128, 128), None, "MPEG", (0, 0, 0)),
        ((235, 128, 128), None, "JPEG", (235, 235, 235)),
        ((81, 90, 240), None, None, (255, 0, 0)),
        ((81, 90, 240), "SMPTE170M", "MPEG", (255, 0, 0)),
        ((63, 102, 240), "BT709", "MPEG", (255, 0, 0)),
        ((54, 99, 255), "BT709", "JPEG", (255, 0, 0)),
    ],
)
def test_colour_follows_range_and_matrix_of_the_file(tmp_path, yuv, matrix, scale, rgb):
    path = tmp_path / "c.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width, stream.pix_fmt = 16, 16, "yuv444p"
        stream.codec_context.colorspace = {None: 2, "BT709": 1, "SMPTE170M": 6}[matrix]
        stream.codec_context.color_range = {None: 0, "MPEG": 1, "JPEG": 2}[scale]
        planes = np.stack([np.full((16, 16), value, np.uint8) for value in yuv])
        container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv444p")))
        container.mux(stream.encode())
    frames, _ = read_video(path)
    np.testing.assert_allclose(frames[0, 8, 8].astype(int), rgb, atol=2)


def marked() -> np.ndarray:
    """A white corner: top left."""
    frame = np.zeros((32, 64, 3), np.uint8)
    frame[:8, :8] = 255
    return frame


@pytest.mark.parametrize(
    ("matrix", "shape", "corner"),
    [
        ((1, 0, 0, 1), (32, 64), (4, 4)),
        ((0, 1, -1, 0), (64, 32), (4, 28)),  # a telephone upright: a quarter turn clockwise, to the top right
        ((0, -1, 1, 0), (64, 32), (60, 4)),
        ((-1, 0, 0, -1), (32, 64), (28, 60)),
        ((-1, 0, 0, 1), (32, 64), (4, 60)),  # mirrored
    ],
)
def test_quarter_turns_and_mirrors_of_the_header_are_carried_out(tmp_path, encode_video, matrix, shape, corner):
    one = 1 << 16
    a, b, c, d = (one * value for value in matrix)
    path = encode_video(
        tmp_path / "r.mp4",
        [marked()] * 3,
        codec="mpeg4",
        setup=lambda s: s.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30]),
    )
    frames, _ = read_video(path)
    facts = probe_video(path)
    assert frames.shape[1:3] == (facts.height, facts.width) == shape
    assert frames[0][corner].min() > 200 and (frames[0][..., 0] > 128).mean() < 0.05


def test_other_angles_are_refused(tmp_path, encode_video):
    path = encode_video(tmp_path / "r.mp4", [marked()] * 3, codec="mpeg4", setup=lambda s: s.set_display_rotation(30))
    with pytest.raises(VideoError, match="no quarter turn"):
        read_video(path)


def test_pixels_are_as_stored_unless_square_ones_are_asked_for(tmp_path, encode_video):
    def wide(stream):
        stream.codec_context.sample_aspect_ratio = 2

    path = encode_video(tmp_path / "a.mp4", [marked()] * 2, codec="mpeg4", setup=wide)
    assert read_video(path)[0].shape[1:3] == (32, 64)
    assert probe_video(path).pixel_aspect == 2.0
    square, _ = read_video(path, decoding=Decoding(square_pixels=True))
    assert square.shape[1:3] == (32, 128)
    assert square[0, 4, 12].min() > 200 and square[0, 4, 20].max() < 50


def noise(path: Path, encode_video) -> bytes:
    rng = np.random.default_rng(1)
    frames = [rng.integers(0, 255, (64, 64, 3), dtype=np.uint8) for _ in range(20)]
    return encode_video(path, frames, codec="mpeg4").read_bytes()


@pytest.mark.parametrize("suffix", [".avi", ".mkv"])
def test_a_file_cut_off_is_refused_or_read_as_far_as_it_goes(tmp_path, encode_video, suffix):
    path = tmp_path / f"v{suffix}"
    data = noise(path, encode_video)
    path.write_bytes(data[: len(data) // 2])
    for reading in (read_video, probe_video):
        with pytest.raises(VideoError, match=rf"v\{suffix}.*fetch it again"):
            reading(path)
    frames, _ = read_video(path, decoding=Decoding(conceal=True))
    assert 2 < len(frames) < 18


def test_a_cut_between_frames_is_seen_too(tmp_path, encode_video):
    """Every frame that is left is whole; only the header knows of the others."""
    path = tmp_path / "v.avi"
    data = noise(path, encode_video)
    movie = data.index(b"movi")
    chunks = [at for at in range(movie, len(data) - 4) if data[at : at + 4] == b"00dc"]
    path.write_bytes(data[: chunks[8]])
    with pytest.raises(VideoError, match="8 of the 20 frames"):
        read_video(path)
    assert len(read_video(path, range(8))[0]) == 8  # what is there is there


def test_damage_inside_is_refused(tmp_path, encode_video):
    path = tmp_path / "v.avi"
    data = bytearray(noise(path, encode_video))
    for at in range(len(data) // 3, len(data) * 2 // 3, 997):
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(VideoError, match=r"v\.avi.*(damaged|cannot be decoded).*conceal=true"):
        read_video(path)
    assert len(read_video(path, decoding=Decoding(conceal=True))[0]) >= 15


def test_what_is_no_video_is_named(tmp_path):
    (tmp_path / "text.avi").write_text("this is no video", encoding="utf-8")
    (tmp_path / "empty.avi").touch()
    for name, why in (("text.avi", "cannot be opened"), ("empty.avi", "empty"), ("none.avi", "not there")):
        with pytest.raises(VideoError, match=rf"{name}.*{why}"):
            read_video(tmp_path / name)
    with pytest.raises(VideoError):
        read_video(tmp_path)


def test_sound_alone_is_no_video(tmp_path):
    with av.open(str(tmp_path / "s.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(VideoError, match="no video stream"):
        read_video(tmp_path / "s.wav")


def test_a_size_that_changes_is_refused(tmp_path, encode_video):
    """Motion JPEG without a container: pictures of two sizes one after the other."""
    small = encode_video(tmp_path / "a.mjpeg", [np.zeros((32, 32, 3), np.uint8)] * 2, codec="mjpeg", setup=_full)
    large = encode_video(tmp_path / "b.mjpeg", [np.zeros((48, 32, 3), np.uint8)] * 2, codec="mjpeg", setup=_full)
    both = tmp_path / "c.mjpeg"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    with pytest.raises(VideoError, match="changes at frame 2 from 32x32 to 32x48"):
        read_video(both)


def _full(stream) -> None:
    stream.pix_fmt = "yuvj420p"


def test_facts_are_what_reading_gives(tmp_path, make_video):
    path = make_video(tmp_path / "v.mkv", 7, fps="12")
    facts = probe_video(path)
    assert (facts.num_frames, facts.fps, facts.width, facts.height, facts.codec) == (7, 12.0, 24, 16, "ffv1")
    assert (facts.pixel_aspect, facts.rotation_deg) == (1.0, 0)


@pytest.mark.parametrize(
    ("name", "count", "fps", "codec"),
    [
        ("odd/bgslibrary_demo_rawvideo48x48.avi", 51, 15.0, "rawvideo"),
        ("ucf101/UCF-101/BaseballPitch/v_BaseballPitch_g01_c03.avi", 103, 30000 / 1001, "mpeg4"),  # its header says 104
        ("kthlike/running.avi", 226, 355 / 12, "msmpeg4v2"),
        ("ssv2/20bn-something-something-v2_SYNTHETIC/000001.webm", 48, 12.0, "vp9"),
        ("asl/yes.mkv", 65, 30.0, "h264"),
    ],
)
def test_odd_files_among_real_recordings(shared, name, count, fps, codec):
    facts = probe_video(shared / "data" / "recordings" / name)
    assert (facts.num_frames, facts.codec) == (count, codec)
    assert facts.fps == pytest.approx(fps)


def test_a_list_of_files_that_is_named_like_a_video_opens_none_of_them(tmp_path, make_video):
    make_video(tmp_path / "private.mkv", 2)
    (tmp_path / "v.mp4").write_text("ffconcat version 1.0\nfile private.mkv\n")
    with pytest.raises(VideoError, match=r"v\.mp4"):
        probe_video(tmp_path / "v.mp4")
