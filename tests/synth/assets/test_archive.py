"""ZIP archives that somebody else made."""

from __future__ import annotations

import contextlib
import stat
import zipfile

import pytest

from synth.assets import archive
from synth.assets.errors import AssetError, UnsafeArchive

SUFFIXES = (".asf", ".amc", ".bvh")


@pytest.fixture
def packed(tmp_path):
    """A ZIP archive of {member: content}."""

    def pack(members: dict):
        path = tmp_path / "given.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in members.items():
                opened.writestr(name, content)
        return path

    return pack


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_motion_files_come_out_and_nothing_else(packed, folder):
    path = packed({"all/subjects/02/02_01.amc": b"1\n", "all/02/02.asf": b"x", "readme.txt": b"hello"})
    found = archive.unpack(path, folder, suffixes=SUFFIXES)
    assert sorted(file.name for file in found) == ["02.asf", "02_01.amc"]
    assert sorted(file.name for file in folder.iterdir()) == ["02.asf", "02_01.amc"]


@pytest.mark.parametrize(
    "name", ["../02_01.amc", "/etc/02_01.amc", "a/../../02_01.amc", "C:/02_01.amc", "..\\02_01.amc"]
)
def test_members_that_reach_out_are_refused(packed, folder, name, tmp_path):
    with pytest.raises(UnsafeArchive, match="reaches out"):
        archive.unpack(packed({"02.asf": b"x", name: b"1"}), folder, suffixes=SUFFIXES)
    assert not list(folder.iterdir())
    assert not (tmp_path / "02_01.amc").exists()


def test_a_name_that_no_disk_takes_and_an_offset_before_the_file(packed, folder):
    with pytest.raises(AssetError, match="File name too long"):
        archive.unpack(packed({"x" * 300 + ".amc": b"1"}), folder, suffixes=SUFFIXES)
    path = packed({"02.asf": b"x" * 90})
    whole = path.read_bytes()
    for bit in range(0, 8 * len(whole), 5):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with contextlib.suppress(AssetError):
            archive.unpack(path, folder, suffixes=SUFFIXES)


def test_links_are_refused(packed, folder):
    link = zipfile.ZipInfo("02_01.amc")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(UnsafeArchive, match="is a link"):
        archive.unpack(packed({link: "/etc/passwd"}), folder, suffixes=SUFFIXES)


def test_a_bomb_is_refused(packed, folder, monkeypatch):
    with pytest.raises(UnsafeArchive, match="zip bomb"):
        archive.unpack(packed({"02_01.amc": b"0" * 10**6}), folder, suffixes=SUFFIXES)
    monkeypatch.setattr(archive, "MOST_BYTES", 10)
    with pytest.raises(UnsafeArchive, match="20 bytes, at most 10"):
        archive.unpack(packed({"02_01.amc": bytes(range(20))}), folder, suffixes=SUFFIXES)


def test_a_stream_that_is_broken_inside(packed, folder, write):
    """The table of contents is whole, the packed numbers are not."""
    content = bytearray(packed({"02_01.amc": " ".join(map(str, range(20_000)))}).read_bytes())
    content[1000:21_000:40] = bytes(byte ^ 0xFF for byte in content[1000:21_000:40])
    with pytest.raises(AssetError, match="no whole ZIP"):
        archive.unpack(write("x.zip", bytes(content)), folder, suffixes=SUFFIXES)


def test_a_way_of_packing_that_few_programs_know(tmp_path, folder):
    path = tmp_path / "given.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as opened:
        opened.writestr("02_01.amc", "1\n")
    with pytest.raises(AssetError, match=r"02_01\.amc.*method 12, expected stored or deflated; unpack it yourself"):
        archive.unpack(path, folder, suffixes=SUFFIXES)


def test_broken_archives_and_twins(packed, folder, write):
    with pytest.raises(AssetError, match="no whole ZIP"):
        archive.unpack(write("x.zip", b"PK not at all"), folder, suffixes=SUFFIXES)
    whole = packed({"02_01.amc": bytes(range(200))})
    with pytest.raises(AssetError, match="no whole ZIP"):
        archive.unpack(write("y.zip", whole.read_bytes()[:-30]), folder, suffixes=SUFFIXES)
    with pytest.raises(AssetError, match="differ under one name"):
        archive.unpack(packed({"a/02_01.amc": b"1", "b/02_01.amc": b"2"}), folder, suffixes=SUFFIXES)
