"""The documented examples do what they say."""

import runpy
import sys

import numpy as np
import pytest

from docs.examples import every_pass, one_clip, own_model
from synth.clips import PASSES


@pytest.mark.parametrize("example", [one_clip, every_pass, own_model])
def test_help_says_what_an_example_does_and_runs_nothing(example, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["example", "--help"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(example.__file__, run_name="__main__")
    assert caught.value.code == 0
    assert example.__doc__.splitlines()[0] in capsys.readouterr().out


def test_one_clip_shows_a_person(tmp_path):
    clip = one_clip.main(tmp_path / "strip.png")
    assert clip["frames"].shape == (8, 112, 112, 3) and clip["frames"].dtype == np.uint8
    assert 0.01 < clip["mask"].mean() < 0.5
    assert np.isfinite(clip["depth"][clip["mask"] > 0]).all()
    assert (tmp_path / "strip.png").stat().st_size > 1000


def test_every_pass_is_on_the_sheet(tmp_path):
    clip = every_pass.main(tmp_path / "sheet.png", size=64)
    assert set(clip) == set(PASSES) and len(clip["flow"]) == 1
    pictures = every_pass.false_colours(clip)
    assert {name.split()[0] for name in pictures} == set(PASSES)
    assert all(picture.shape == (64, 64, 3) and picture.std() > 1 for picture in pictures.values())
    assert (tmp_path / "sheet.png").stat().st_size > 1000
