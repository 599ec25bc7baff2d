"""Command profiles: what is checked when they are read."""

import string

import pytest

from synth.engine.errors import ProfileError
from synth.engine.profile import COMMANDS, FOLDER, load_profile
from synth.errors import UnknownName


@pytest.fixture
def content():
    return {"profile": "tiny", "commands": {"set_time": "vbp Stage set_time {human} {seconds:.6f}"}}


@pytest.mark.parametrize("name", [path.stem for path in FOLDER.glob("*.yaml")])
def test_every_profile_of_the_house_is_valid(name):
    profile = load_profile(name)
    assert profile.name == name and profile.commands


def test_the_stage_can_do_everything():
    assert load_profile("stage").can(
        *(name for name in COMMANDS if name != "set_ratio")
    )  # which is set_time by another


def test_numbers_are_written_without_exponents(content):
    assert load_profile(content).line("set_time", human="Human", seconds=1e-5) == "vbp Stage set_time Human 0.000010"


def test_a_capability_exists_when_its_template_does(content):
    profile = load_profile(content)
    assert profile.can("set_time") and not profile.can("set_time", "set_sun")
    with pytest.raises(ProfileError, match=r"'tiny' has no command 'set_sun'.*add `set_sun"):
        profile.line("set_sun")


def test_a_profile_of_ones_own_is_found_by_its_path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("profile: mine\ncommands: {set_root: 'vbp Stage set_root {human} {root}'}\n")
    assert load_profile(path).name == "mine"


def test_an_unknown_profile_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'stage'"):
        load_profile("stge")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"comands": {}}, "did you mean 'commands'"),
        ({"commands": {"set_tme": "x"}}, "did you mean 'set_time'"),
        ({"commands": {"set_time": "x {second:.6f}"}}, "did you mean 'seconds'"),
        ({"commands": {"set_time": "x {seconds}"}}, r"write \{seconds:.4f\} instead of \{seconds\}"),
        ({"commands": {"set_time": "x {seconds:g}"}}, "does not know 1e-05"),
        ({"commands": {"set_time": 3}}, "is not text"),
        ({"commands": {"set_time": "x {seconds"}}, "is no template"),
        ({"commands": ["set_time"]}, "commands = .*expected a table"),
        ({"mask_color": 5}, "mask_color = 5"),
        ({"mask_color": [0, 0, 256]}, "mask_color"),
        ({"human": "The Human"}, "without blanks"),
        ({"camera": "a"}, "the number of a camera"),
        ({5: 1}, "named '5'"),
    ],
)
def test_mistakes_are_named(content, change, says):
    with pytest.raises(ProfileError, match=says):
        load_profile(content | change)


def test_what_is_no_profile_is_named(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("profile: [")
    with pytest.raises(ProfileError, match=r"broken.yaml: not YAML"):
        load_profile(path)
    path.write_text("commands: {}")
    with pytest.raises(ProfileError, match="'profile' is missing"):
        load_profile(path)


def test_fields_are_words():
    for template in load_profile("stage").commands.values():
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(template))


def test_the_digest_knows_every_digit_that_is_said():
    said = {"profile": "p", "commands": {"set_time": "t {seconds:.6f}"}}
    coarse = {**said, "commands": {"set_time": "t {seconds:.2f}"}}
    assert load_profile(said).digest == load_profile({**said, "profile": "q"}).digest != load_profile(coarse).digest
