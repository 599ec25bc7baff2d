"""Videos of data sets, read by PyAV and by OpenCV."""

import io

import av
import cv2
import numpy as np
import pytest

from synth.errors import UnknownName
from synth.export import Video, VideoError

COLOURS = np.array([(200, 40, 40), (40, 180, 60), (50, 60, 190), (230, 230, 230)], np.uint8)


@pytest.fixture(scope="module")
def clip():
    """(8, 64, 48, 3): four broad patches of colour that move."""
    picture = np.repeat(np.repeat(COLOURS.reshape(2, 2, 3), 32, axis=0), 24, axis=1)
    return np.stack([np.roll(picture, 2 * k, axis=1) for k in range(8)])


def decoded(content):
    with av.open(io.BytesIO(content)) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]), file.streams.video[0]


def off(one, other):
    return np.abs(one.astype(int) - other.astype(int)).mean()


@pytest.mark.parametrize("container", ["mp4", "avi"])
@pytest.mark.parametrize("codec", ["h264", "vp9"])
def test_what_is_lossy_keeps_frames_rate_and_colours(clip, codec, container):
    video = Video(codec=codec)
    frames, stream = decoded(video.encode(clip, 12.5, container))
    assert frames.shape == clip.shape and stream.average_rate == 12.5
    assert stream.codec_context.name == {"avi": "mpeg4", "mp4": codec}[container]
    assert 0 < off(frames, clip) < 4 and video.lossy


@pytest.mark.parametrize("container", ["mp4", "avi"])
def test_lossless_is_bit_for_bit_at_any_size(clip, container):
    odd = np.ascontiguousarray(clip[:, :-1, :-1])
    frames, stream = decoded(Video(codec="lossless").encode(odd, 6.25, container))
    assert np.array_equal(frames, odd) and stream.average_rate == 6.25


def test_opencv_sees_the_same_colours(clip, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(Video(crf=4).encode(clip, 25, "mp4"))
    seen = cv2.VideoCapture(str(path))
    frame = seen.read()[1][..., ::-1]
    centres = frame[[16, 16, 48, 48], [12, 36, 12, 36]].astype(int)
    assert np.abs(centres - COLOURS).max() <= 6


def test_the_same_frames_are_the_same_bytes(clip):
    for container in ("mp4", "avi"):
        assert Video().encode(clip, 12.5, container) == Video().encode(clip, 12.5, container)


def test_a_lower_crf_is_nearer_and_larger(clip):
    noisy = np.random.default_rng(0).integers(0, 256, clip.shape).astype(np.uint8) // 4 + clip // 2
    for container in ("mp4", "avi"):
        fine, coarse = (Video(crf=crf).encode(noisy, 12.5, container) for crf in (6, 40))
        assert len(fine) > len(coarse) and off(decoded(fine)[0], noisy) < off(decoded(coarse)[0], noisy)


def test_what_cannot_be_is_named(clip):
    with pytest.raises(VideoError, match="47 x 64 pixels"):
        Video().encode(clip[:, :, :-1], 12.5, "mp4")
    with pytest.raises(UnknownName, match="did you mean 'h264'"):
        Video(codec="h265")
    with pytest.raises(VideoError, match="crf = 99"):
        Video(crf=99)
