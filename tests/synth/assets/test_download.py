"""Downloads that break off, change, lie about themselves, or are too large."""

from __future__ import annotations

import pytest

from synth.assets.download import ATTEMPTS, download
from synth.assets.errors import DownloadError, Unreachable

BODY = bytes(range(256)) * 2000


def get(site, tmp_path, **options):
    part = tmp_path / "folder/file.part"
    download(site.url("/file"), part, **{"most_bytes": 10**7, "pause_s": 0.0, **options})
    return part


@pytest.fixture(autouse=True)
def file(site):
    site.files = {"/file": BODY}


def test_a_file_comes_whole(site, tmp_path):
    seen = []
    part = get(site, tmp_path, progress=lambda size, total: seen.append((size, total)))
    assert part.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [path.name for path in part.parent.iterdir()] == ["file.part"]


def test_a_broken_download_goes_on_where_it_stopped(site, tmp_path):
    site.breaks = [100_000, 50_000]
    assert get(site, tmp_path).read_bytes() == BODY
    ranges = [wanted for _, wanted in site.asked]
    assert ranges[0] is None
    assert len(ranges) == 3
    assert all(int(wanted[6:-1]) > 0 for wanted in ranges[1:])


def test_what_was_kept_serves_the_next_run(site, tmp_path):
    site.breaks = [60_000] + [0] * (ATTEMPTS - 1)
    with pytest.raises(DownloadError, match=r"broke off 5 times.*goes on from there"):
        get(site, tmp_path)
    kept = (tmp_path / "folder/file.part").stat().st_size
    assert 0 < kept <= 60_000
    site.asked.clear()
    assert get(site, tmp_path).read_bytes() == BODY
    assert site.asked == [("/file", f"bytes={kept}-")]


def test_two_files_are_never_joined(site, tmp_path):
    """The file changed on the server between two attempts, or nothing tells whether it did."""
    for tag in ('"two"', ""):
        site.tag, site.breaks = '"one"', [60_000] + [0] * (ATTEMPTS - 1)
        with pytest.raises(DownloadError):
            get(site, tmp_path)
        site.tag, site.files["/file"] = tag, BODY[::-1]
        part = get(site, tmp_path)
        assert part.read_bytes() == BODY[::-1]
        part.unlink()


def test_a_server_that_cannot_resume_sends_all_again(site, tmp_path):
    site.ranges, site.breaks = False, [100_000]
    assert get(site, tmp_path).read_bytes() == BODY


def test_a_server_in_trouble_is_asked_again(site, tmp_path):
    site.failures = [503, 500]
    assert get(site, tmp_path).read_bytes() == BODY


def test_a_file_that_is_not_there(site, tmp_path):
    with pytest.raises(DownloadError, match=r"404.*synth\.assets add"):
        download(site.url("/other"), tmp_path / "x.part", most_bytes=10, pause_s=0.0)
    assert len(site.asked) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_nobody_listens(site, tmp_path):
    with pytest.raises(Unreachable, match="nothing came in 5 attempts"):
        download("http://127.0.0.1:9/file", tmp_path / "x.part", most_bytes=10, pause_s=0.0)


def test_a_server_that_stays_in_trouble_may_still_have_other_files(site, tmp_path):
    site.failures = [503] * ATTEMPTS
    with pytest.raises(DownloadError, match=r"nothing came in 5 attempts, last with .*503") as caught:
        get(site, tmp_path)
    assert not isinstance(caught.value, Unreachable)


def test_an_address_that_is_none(tmp_path):
    with pytest.raises(DownloadError, match="Is the address right"):
        download("http:///file", tmp_path / "x.part", most_bytes=10, pause_s=0.0)


def test_a_file_that_is_too_large(site, tmp_path):
    with pytest.raises(DownloadError, match=f"{len(BODY)} bytes, at most 1000"):
        get(site, tmp_path, most_bytes=1000)
