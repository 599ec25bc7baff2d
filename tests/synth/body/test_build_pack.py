"""The command line of the pack's builder; the building itself takes a minute and is not tested here."""

import pytest

from synth.body import build_pack


@pytest.fixture
def built(monkeypatch):
    """The files that were to be built."""
    asked = []
    monkeypatch.setattr(build_pack, "build", asked.append)
    return asked


def test_only_a_sound_command_line_builds(built, capsys, tmp_path):
    for wrong in (["--help"], ["--oot", "x"], ["pack.npz"], ["--out", str(tmp_path / "no" / "x.npz")]):
        with pytest.raises(SystemExit):
            build_pack.main(wrong)
    assert built == []
    assert "there is no folder" in capsys.readouterr().err
    build_pack.main([])
    build_pack.main(["--out", str(tmp_path / "x.npz")])
    assert built == [build_pack.PACK, tmp_path / "x.npz"]


def test_a_failure_leaves_the_old_file(monkeypatch, tmp_path):
    def fail():
        raise RuntimeError("no data")

    monkeypatch.setattr(build_pack, "read_source", fail)
    (tmp_path / "x.npz").write_bytes(b"old")
    with pytest.raises(RuntimeError):
        build_pack.build(tmp_path / "x.npz")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
