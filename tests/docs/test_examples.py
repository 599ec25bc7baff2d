"""The documented example does what it says."""

import numpy as np

from docs.examples import one_clip


def test_one_clip_shows_a_person(tmp_path):
    clip = one_clip.main(tmp_path / "strip.png")
    assert clip["frames"].shape == (8, 112, 112, 3) and clip["frames"].dtype == np.uint8
    assert 0.01 < clip["mask"].mean() < 0.5
    assert np.isfinite(clip["depth"][clip["mask"] > 0]).all()
    assert (tmp_path / "strip.png").stat().st_size > 1000
