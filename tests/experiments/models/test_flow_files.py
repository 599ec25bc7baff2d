"""Flow from files of every kind, written here byte by byte where the format is not NumPy's."""

import struct

import cv2
import numpy as np
import pytest

from experiments.models.flow import FlowError
from experiments.models.flow_files import read_flow


@pytest.fixture
def fields():
    return np.random.default_rng(0).uniform(-15, 15, (3, 5, 7, 2)).astype(np.float32)


def write_flo(path, field):
    height, width, _ = field.shape
    path.write_bytes(struct.pack("<fii", 202021.25, width, height) + field.astype("<f4").tobytes())


def test_arrays(tmp_path, fields):
    np.save(tmp_path / "a.npy", fields.astype(np.float64))
    np.savez(tmp_path / "b.npz", fields)
    np.savez(tmp_path / "c.npz", other=np.zeros(3), flow=fields)
    for name in ("a.npy", "b.npz", "c.npz"):
        assert np.array_equal(read_flow(tmp_path / name), fields) and read_flow(tmp_path / name).dtype == np.float32


def test_middlebury(tmp_path, fields):
    for index, field in enumerate(fields):
        write_flo(tmp_path / f"frame_{index:04}.flo", field)
    assert np.array_equal(read_flow(tmp_path), fields)
    assert np.array_equal(read_flow(tmp_path / "frame_0001.flo"), fields[1:2])


@pytest.mark.parametrize("inside", [False, True])
def test_pairs_of_pictures(tmp_path, fields, inside):
    for axis, letter in enumerate("uv"):
        folder = tmp_path / letter / ("v_Biking_g01_c01" if inside else "")
        folder.mkdir(parents=True)
        for index, field in enumerate(fields):
            grey = np.rint(255 * (field[..., axis] + 20) / 40).astype(np.uint8)
            cv2.imwrite(str(folder / f"frame{index + 1:06}.png"), grey)
    read = read_flow(tmp_path / "u" / "v_Biking_g01_c01" if inside else tmp_path)
    assert read.shape == fields.shape
    assert np.abs(read - fields).max() <= 20 / 255 + 1e-5  # half a level


def test_the_ends_of_the_scale(tmp_path):
    for letter, level in (("u", 0), ("v", 255)):
        (tmp_path / letter).mkdir()
        cv2.imwrite(str(tmp_path / letter / "frame000001.png"), np.full((2, 2), level, np.uint8))
    assert read_flow(tmp_path)[0, 0, 0].tolist() == [-20, 20]
    assert read_flow(tmp_path, bound=15)[0, 0, 0].tolist() == [-15, 15]


def test_what_is_no_flow_is_refused(tmp_path, fields):
    (tmp_path / "x.flo").write_bytes(b"PIEH" + bytes(20))
    (tmp_path / "y.npz").write_bytes(b"no archive")
    np.savez(tmp_path / "two.npz", a=fields, b=fields)
    np.save(tmp_path / "grey.npy", fields[..., 0])
    np.save(tmp_path / "whole.npy", fields.astype(np.int16))
    wrong = {"x.flo": "tag or length", "y.npz": "cannot be read", "two.npz": "name one", "grey.npy": "floating point"}
    for name, message in {**wrong, "whole.npy": "floating point", "z.mp4": "expected .npy"}.items():
        with pytest.raises(FlowError, match=message):
            read_flow(tmp_path / name)
    (tmp_path / "u").mkdir()
    (tmp_path / "v").mkdir()
    with pytest.raises(FlowError, match="same names"):
        read_flow(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FlowError, match="neither"):
        read_flow(tmp_path / "empty")
