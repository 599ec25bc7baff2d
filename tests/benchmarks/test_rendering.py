"""The benchmark's command line refuses what it cannot measure before it measures anything."""

import pytest

from benchmarks import rendering


def test_an_environment_that_is_not_there_is_said_without_a_traceback(capsys):
    assert rendering.main(["--environment", "plane", "lwan"]) == 2
    printed = capsys.readouterr()
    assert "'lawn'" in printed.err and not printed.out


def test_a_program_that_cannot_be_started_is_refused_at_once(capsys):
    with pytest.raises(SystemExit):
        rendering.main(["--environment", "plane", "--cycles", "/nowhere/python"])
    assert "cannot be started" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--repeats", "--processes"])
def test_no_repeats_are_refused(option, capsys):
    with pytest.raises(SystemExit):
        rendering.main(["--environment", "plane", option, "0"])
    assert "no whole number of 1 or more" in capsys.readouterr().err
