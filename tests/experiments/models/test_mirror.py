"""A clip as a mirror shows it, against what is known of mirrors."""

import dataclasses

import numpy as np

from experiments.models.example import example
from experiments.models.input import InputSpec
from experiments.models.mirror import mirrored, partners
from synth.body.pack import load_pack


def test_twice_mirrored_is_as_it_was():
    clip = example(InputSpec())
    twice = mirrored(mirrored(clip))
    for name in ("frames", "flow"):
        np.testing.assert_array_equal(getattr(twice, name), getattr(clip, name))
    np.testing.assert_allclose(twice.joints, clip.joints, atol=1e-5)


def test_pictures_are_flipped_and_flow_goes_the_other_way():
    clip = example(InputSpec())
    seen = mirrored(dataclasses.replace(clip, mask=clip.frames[..., 0]))
    np.testing.assert_array_equal(seen.frames[3, 5], clip.frames[3, 5, ::-1])
    np.testing.assert_array_equal(seen.mask[3, 5], clip.frames[3, 5, ::-1, 0])
    np.testing.assert_array_equal(seen.flow[..., 0], -clip.flow[:, :, ::-1, 0])
    np.testing.assert_array_equal(seen.flow[..., 1], clip.flow[:, :, ::-1, 1])


def test_joints_stand_at_the_flipped_pixels_under_the_other_side_s_name():
    clip = example(InputSpec())
    names = list(load_pack().bone_names)
    before, after = clip.camera.project(clip.joints), clip.camera.project(mirrored(clip).joints)
    other = partners(names)
    np.testing.assert_allclose(after[..., 0], clip.camera.width - before[:, other, 0], atol=1e-3)
    np.testing.assert_allclose(after[..., 1:], before[:, other, 1:], atol=1e-3)
    assert names[other[names.index("wrist.L")]] == "wrist.R" and other[names.index("head")] == names.index("head")


def test_a_clip_without_pictures_has_none():
    clip = dataclasses.replace(example(InputSpec()), frames=None, flow=None)
    assert mirrored(clip).frames is None and mirrored(clip).flow is None
