"""What the stage keeps loaded: objects that are mirrored with the person, and files that change under it."""

import numpy as np
import pytest

from synth.body.appearance import FOLDER
from synth.factors import FREEZABLE, Manner
from synth.stage.library import Library

TIMES = np.array([0.5, 1.0])


@pytest.mark.parametrize("props", ["own", "basketball", "golf_club", "ladder"])
def test_a_mirrored_person_has_the_mirror_image_of_every_object(props):
    library = Library()
    plain, mirrored = (
        library.motion("authored/golf_swing/held-0", "ana", Manner(mirror=mirror), props) for mirror in (False, True)
    )
    where, there = (motion.sample_props(TIMES)[..., 3] for motion in (plain, mirrored))
    np.testing.assert_allclose(there, where * [1.0, -1.0, 1.0], atol=1e-9)


def test_with_every_limb_frozen_knees_and_elbows_keep_their_bend():
    library = Library()
    motion = library.motion("authored/squat/held-0", "ana", Manner(freeze="+".join(FREEZABLE)))
    joints = library.character("ana").skeleton.fk(*motion.sample(np.linspace(0.0, 2.0, 9)))
    for ends in (("upperleg01.L", "foot.L"), ("upperarm01.R", "wrist.R")):
        start, end = (joints[:, motion.index(name)] for name in ends)
        assert np.ptp(np.linalg.norm(end - start, axis=1)) < 0.01


def test_a_file_that_changes_is_loaded_anew_once_its_digest_is_asked(tmp_path):
    folder = tmp_path / "appearances"
    folder.mkdir()
    text = (FOLDER / "ana.yaml").read_text(encoding="utf-8")
    (folder / "me.yaml").write_text(text, encoding="utf-8")
    library = Library(tmp_path)
    before, first = library.digest("appearance", "me"), library.character("me")
    assert library.digest("appearance", "me") == before and library.character("me") is first
    (folder / "me.yaml").write_text(text.replace("height_m: 1.68", "height_m: 1.80"), encoding="utf-8")
    assert library.digest("appearance", "me") != before
    taller = library.character("me")
    assert np.ptp(taller.rest[:, 2]) > np.ptp(first.rest[:, 2]) + 0.05 and library.edition == 1
