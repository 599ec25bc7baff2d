"""Cameras that stand and cameras that move, over made-up places."""

import numpy as np
import pytest

from experiments.recordings.video import read_video
from experiments.segmenters.camera import camera_facts
from experiments.segmenters.example import scene


def place(height=160, width=240, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)


def views(shifts, height=96, width=128):
    return np.stack([place()[y : y + height, x : x + width] for x, y in shifts])


def test_a_camera_that_stands():
    facts = camera_facts(views([(20, 20)] * 6))
    assert facts.judged and not facts.moves and facts.still == 1.0 and facts.shift_px < 0.1


def test_a_camera_that_pans():
    facts = camera_facts(views([(10 + 3 * t, 10) for t in range(10)]))
    assert facts.moves and facts.still < 0.1
    assert facts.shift_px == pytest.approx(15, abs=6)  # of 3 to 27


def test_a_person_who_walks_is_no_camera_that_moves():
    frames = views([(20, 20)] * 9)
    for t in range(9):
        frames[t, 20:90, 10 * t : 10 * t + 30] = (200, 20, 20)
    assert not camera_facts(frames).moves


def test_a_wall_without_texture_says_nothing():
    facts = camera_facts(np.full((8, 96, 128, 3), 250, np.uint8))
    assert not facts.judged and not facts.moves and facts.textured == 0


def test_one_frame_and_the_example():
    assert not camera_facts(views([(20, 20)])).moves
    assert not camera_facts(scene(72, 96, 10)[0].frames).moves


@pytest.mark.parametrize(
    ("file", "moves"),
    [
        ("misc/sam2_juggle.mp4", False),
        ("pushup_ucflike/correct_63.mp4", False),
        ("ucf101/UCF-101/Biking/v_Biking_g01_c01.avi", True),
        ("ucf101/UCF-101/Diving/v_Diving_g01_c01.avi", True),
    ],
)
def test_recordings_that_were_looked_at(shared, file, moves):
    frames, _ = read_video(shared / "data" / "recordings" / file, range(0, 72, 9))
    facts = camera_facts(frames)
    assert facts.judged and facts.moves is moves
