"""The benchmark of the study refuses what has no median before it runs anything."""

import pytest

from benchmarks import study


@pytest.mark.parametrize("option", ["--cold", "--warm"])
def test_no_runs_are_refused(option, capsys, monkeypatch):
    monkeypatch.setattr(study, "timed", None)
    with pytest.raises(SystemExit):
        study.main([option, "0"])
    assert "no whole number of 1 or more" in capsys.readouterr().err
