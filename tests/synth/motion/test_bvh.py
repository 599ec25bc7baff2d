"""The BVH reader on a toy, on broken files, and a BVH against the AMC of the same trial."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from synth.motion.amc import read_amc
from synth.motion.asf import read_asf
from synth.motion.bvh import onto_asf, read_bvh
from synth.motion.files import MotionFileError


def test_a_pose_known_by_hand(write, bvh_text):
    bvh = read_bvh(write("toy.bvh", bvh_text), unit_m=0.01)
    motion = bvh.motion
    assert bvh.names == ("Hips", "Chest")
    assert motion.fps == pytest.approx(120.0, abs=1e-2)
    assert motion.root == pytest.approx(np.array([[0.0, 0.0, 0.1], [0.02, 0.01, 0.1]]))
    assert bvh.offset("Chest") == pytest.approx([0.0, 0.0, 0.1])
    # file frame: Ry(90) Rz(90) takes y to -x, then -x to z, which is our forward.
    assert motion.matrices()[1, 1] @ [0.0, 0.0, 1.0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)


def test_channels_turn_in_the_order_of_the_file(write, bvh_text):
    """Z then X is not X then Z."""
    values = "1 10 2 0 90 0 90 0 0"
    one = read_bvh(write("a.bvh", bvh_text.replace(values, "0 0 0 90 0 90 0 0 0"))).motion.matrices()[1, 0]
    swapped = bvh_text.replace("Zposition Zrotation Yrotation Xrotation", "Zposition Xrotation Yrotation Zrotation")
    other = read_bvh(write("b.bvh", swapped.replace(values, "0 0 0 90 0 90 0 0 0"))).motion.matrices()[1, 0]
    # file frame, on y: Rz(90) Rx(90) gives z (our x); Rx(90) Rz(90) gives -x (our -y).
    assert one @ [0.0, 0.0, 1.0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)
    assert other @ [0.0, 0.0, 1.0] == pytest.approx([0.0, -1.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("MOTION\n", "", 0, "no MOTION"),
        ("Frames: 2", "Frames: 3", 17, "says 3 frames and has 2"),
        ("1 10 2 0 90 0 90 0 0\n", "", 17, "says 2 frames and has 1"),
        ("1 10 2 0 90 0 90 0 0\n", "1 10 2 0 90\n", 20, "5 values, expected 9"),
        ("1 10 2 0 90 0 90 0 0\n", "1 10 2 0 nan 0 90 0 0\n", 20, "finite"),
        ("1 10 2 0 90 0 90 0 0\n", "1 10 2 0 x 0 90 0 0\n", 20, "numbers"),
        ("Frame Time: 0.0083333", "Frame Time: 0", 17, "above 0"),
        ("Frame Time: 0.0083333\n", "", 16, "Frame Time"),
        ("OFFSET 0 10 0", "OFFSET 0 10", 8, "numbers"),
        ("    OFFSET 0 10 0\n", "", 6, "Chest"),
        ("CHANNELS 3", "CHANNELS 2", 0, "values, expected"),
        ("CHANNELS 3", "CHANNELS 4", 9, "is the count right"),
        ("CHANNELS 3 Zrotation", "CHANNELS 3 Zposition", 9, "position of its own"),
        ("  }\n}\n", "  }\n", 6, "still open"),
        ("}\nMOTION", "}\n}\nMOTION", 16, "never opened"),
    ],
)
def test_a_broken_file_is_named_with_its_line(write, bvh_text, old, new, line, message):
    assert old in bvh_text
    path = write("toy.bvh", bvh_text.replace(old, new, 1))
    with pytest.raises(MotionFileError, match=message) as caught:
        read_bvh(path)
    assert "toy.bvh" in str(caught.value)
    if line:
        assert caught.value.line == line


def test_an_empty_motion(write, bvh_text):
    empty = bvh_text.split("0 10 0 0")[0].replace("Frames: 2", "Frames: 0")
    with pytest.raises(MotionFileError, match="0 frames"):
        read_bvh(write("toy.bvh", empty))


def test_the_amc_and_the_bvh_of_a_trial_are_one_motion(cmu):
    """Frame k of the AMC is frame k + 1 of the BVH, to the digits that the BVH has."""
    skeleton = read_asf(cmu / "asfamc/01.asf")
    amc = read_amc(cmu / "asfamc/01_01.amc", skeleton)
    same_size, bvh = onto_asf(read_bvh(cmu / "bvh/01_01.bvh"), skeleton)
    assert len(bvh) == len(amc) == 2751
    assert same_size.offsets_m == pytest.approx(skeleton.offsets_m, abs=1e-5)
    between = amc.matrices().swapaxes(-1, -2) @ bvh.matrices()
    angle_deg = np.degrees(Rotation.from_matrix(between.reshape(-1, 3, 3)).magnitude())
    assert angle_deg.max() < 0.001
    assert np.abs(amc.root - bvh.root).max() < 1e-5


def test_the_3ds_max_flavour_is_the_same_motion_but_for_the_hands(cmu):
    """Its arms hang in the zero pose and no frame is added; the hands, which differ, follow the forearms."""
    skeleton = read_asf(cmu / "asfamc/131.asf")
    amc = read_amc(cmu / "asfamc/131_01.amc", skeleton)
    _, bvh = onto_asf(read_bvh(cmu / "bvh/131_01.bvh"), skeleton)
    assert len(bvh) == len(amc) == 994
    between = amc.matrices().swapaxes(-1, -2) @ bvh.matrices()
    angle_deg = np.degrees(Rotation.from_matrix(between.reshape(-1, 3, 3)).magnitude()).reshape(len(amc), -1)
    hands = np.array([name[1:] in ("wrist", "hand", "fingers", "thumb") for name in amc.names])
    assert angle_deg[:, ~hands].max() < 0.001
    turns = bvh.matrices()
    assert turns[:, bvh.index("lhand")] == pytest.approx(turns[:, bvh.index("lradius")])
    assert np.abs(amc.root - bvh.root).max() < 1e-5


def test_the_flavour_with_wrong_forearms_is_refused(cmu):
    skeleton = read_asf(cmu / "asfamc/11.asf")
    with pytest.raises(MotionFileError, match=r"DAZ-friendly.*20 degrees off"):
        onto_asf(read_bvh(cmu / "bvh/11_01.bvh"), skeleton)


def test_a_bvh_of_no_flavour_is_refused(write, bvh_text, cmu):
    with pytest.raises(MotionFileError, match=r"no joint 'LowerBack'|no joint 'LHipJoint'"):
        onto_asf(read_bvh(write("02_01.bvh", bvh_text)), read_asf(cmu / "asfamc/11.asf"))


def test_every_bvh_of_the_data_is_read(cmu):
    paths = sorted((cmu / "bvh").glob("*.bvh"))
    assert len(paths) >= 10
    for path in paths:
        assert len(read_bvh(path).motion) > 100
