"""Files on their way into the assets root: fetched, added, verified, refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile

import pytest

from synth.assets import __main__ as command
from synth.assets import checksum, lock, store
from synth.assets.errors import AssetError, ChecksumError, Unreachable
from synth.assets.source import Source, Wanted, source
from synth.motion.files import MotionFileError

ASF = """\
:version 1.10
:units
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     name spine
     direction 0 1 0
     length 10
     axis 0 0 0 XYZ
     dof rx ry rz
  end
:hierarchy
  begin
    root spine
  end
"""
AMC = ":FULLY-SPECIFIED\n:DEGREES\n" + "".join(f"{k}\nroot 0 10 {k} 0 0 0\nspine 0 0 {k}\n" for k in range(1, 2001))


@pytest.fixture
def toy(site) -> Source:
    """The CMU source with its files at the test's own server and without known checksums."""
    site.files = {"/02.asf": ASF.encode(), "/02_01.amc": AMC.encode(), "/02_02.amc": AMC.encode()}

    def wanted(selection):
        names = ["02.asf", *(f"{trial}.amc" for trial in selection["names"])]
        return [Wanted(path=f"asfamc/{name}", url=site.url(f"/{name}")) for name in names]

    return dataclasses.replace(source("cmu"), wanted=wanted, checksum=lambda name: None)


@pytest.fixture
def cmu_folder(shared):
    return shared / "data/cmu"


def fetch(toy, root, *trials, **options):
    return [store.fetch(toy, item, root, pause_s=0.0, **options) for item in toy.wanted({"names": trials})]


def names(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_files_are_fetched_once_and_recorded(toy, site, tmp_path):
    assert [outcome.state for outcome in fetch(toy, tmp_path, "02_01")] == [store.NEW, store.NEW]
    assert names(tmp_path) == ["cmu/asfamc/02.asf", "cmu/asfamc/02_01.amc", "cmu/lock.json"]
    entry = lock.read(tmp_path / "cmu")["asfamc/02_01.amc"]
    assert entry.sha256 == checksum.of(tmp_path / "cmu/asfamc/02_01.amc")
    assert entry.origin == f"from {site.url('/02_01.amc')}"
    site.asked.clear()
    assert [outcome.state for outcome in fetch(toy, tmp_path, "02_01")] == [store.THERE, store.THERE]
    assert site.asked == []


def test_a_wrong_checksum_is_refused_and_leaves_nothing(toy, site, tmp_path):
    strict = dataclasses.replace(toy, checksum=lambda name: "0" * 64 if name.endswith(".amc") else None)
    with pytest.raises(ChecksumError, match=r"02_01\.amc.*manifest says 0000.*--trust") as caught:
        fetch(strict, tmp_path, "02_01")
    assert caught.value.got == hashlib.sha256(AMC.encode()).hexdigest()
    assert names(tmp_path) == ["cmu/asfamc/02.asf", "cmu/lock.json"]
    assert fetch(strict, tmp_path, "02_01", trust=True)[1].state == store.NEW


def test_an_error_page_is_no_motion(toy, site, tmp_path):
    site.files["/02_01.amc"] = b"<html>moved</html>\n"
    with pytest.raises(AssetError, match=r"from http.*is not sound: 02_01\.amc:1"):
        fetch(toy, tmp_path, "02_01")
    assert names(tmp_path) == ["cmu/asfamc/02.asf", "cmu/lock.json"]


def test_a_file_that_was_cut_off_by_the_server_is_refused(toy, site, tmp_path):
    """Whole as far as HTTP knows, but its last frame is not."""
    site.files["/02_01.amc"] = AMC.encode()[: AMC.rindex("spine")]
    with pytest.raises(AssetError, match="cut off"):
        fetch(toy, tmp_path, "02_01")
    assert "cmu/asfamc/02_01.amc" not in names(tmp_path)


def test_verify_sees_what_changed(toy, tmp_path):
    fetch(toy, tmp_path, "02_01", "02_02")
    path = tmp_path / "cmu/asfamc/02_01.amc"
    path.write_text(AMC.replace("root 0 10 7", "root 0 11 7"))
    (tmp_path / "cmu/asfamc/02_03.amc.part").write_text("1\n")
    found = {outcome.path: outcome for outcome in store.verify(toy, tmp_path)}
    assert found["asfamc/02_02.amc"].state == store.THERE
    assert "the lock file says" in found["asfamc/02_01.amc"].remark
    assert "did not end" in found["asfamc/02_03.amc.part"].remark
    with pytest.raises(ChecksumError, match="the lock file"):
        fetch(toy, tmp_path, "02_01")
    trusted = {o.path: o.state for o in store.verify(toy, tmp_path, trust=["asfamc/02_01.amc"])}
    assert trusted["asfamc/02_01.amc"] == store.THERE
    assert fetch(toy, tmp_path, "02_01")[1].state == store.THERE


def test_verify_misses_what_the_lock_file_lists(toy, tmp_path, capsys, monkeypatch):
    fetch(toy, tmp_path, "02_01")
    (tmp_path / "cmu/asfamc/02_01.amc").unlink()
    found = {outcome.path: outcome for outcome in store.verify(toy, tmp_path)}
    assert found["asfamc/02.asf"].state == store.THERE
    assert found["asfamc/02_01.amc"].state == store.MISSING
    assert "fetch or add it again" in found["asfamc/02_01.amc"].remark
    monkeypatch.setattr(command, "source", lambda name: toy)
    assert command.main(["verify", "--root", str(tmp_path)]) == 1
    assert "1 missing" in capsys.readouterr().out


def test_a_file_put_there_by_hand_is_read_and_held_to_what_it_was(toy, write, tmp_path):
    write("cmu/asfamc/02.asf", ASF)
    path = write("cmu/asfamc/02_01.amc", AMC[: AMC.rindex("spine")])
    with pytest.raises(MotionFileError, match="cut off"):
        fetch(toy, tmp_path, "02_01")
    path.write_text(AMC)
    assert fetch(toy, tmp_path, "02_01")[1].state == store.THERE
    assert lock.read(tmp_path / "cmu")["asfamc/02_01.amc"].origin == "found on disk"
    path.write_text(AMC.replace("root 0 10 7", "root 0 11 7"))
    with pytest.raises(ChecksumError, match="the lock file"):
        fetch(toy, tmp_path, "02_01")


def test_what_a_killed_command_left_is_named_and_not_taken(toy, write, tmp_path):
    write("cmu/asfamc/02.asf", ASF)
    write("cmu/.adding-x/02_01.amc", AMC)
    write("cmu/asfamc/.checking-y/02_01.amc", AMC)
    write("cmu/asfamc/.02_01.amc.7.part", AMC[:100])
    found = {outcome.path: outcome for outcome in store.verify(toy, tmp_path)}
    left = ["asfamc/.02_01.amc.7.part", ".adding-x", "asfamc/.checking-y"]
    assert set(found) == {"asfamc/02.asf", *left}
    assert all(found[name].state == store.REFUSED and "delete it" in found[name].remark for name in left)
    assert list(lock.read(tmp_path / "cmu")) == ["asfamc/02.asf"]


def test_only_a_file_that_is_there_can_be_trusted(toy, write, tmp_path):
    write("cmu/asfamc/02.asf", ASF)
    with pytest.raises(AssetError, match=r"--trust 02\.asf: there is no such file in .*cmu; expected a path"):
        list(store.verify(toy, tmp_path, trust=["02.asf"]))


def test_a_broken_lock_file_is_named(toy, tmp_path):
    (tmp_path / "cmu").mkdir()
    (tmp_path / "cmu/lock.json").write_text("{}")
    with pytest.raises(AssetError, match=r"lock\.json is no lock file"):
        fetch(toy, tmp_path, "02_01")


def test_files_on_disk_are_added(toy, write, tmp_path):
    given = write("given/subjects/02/02.asf", ASF).parents[2]
    write("given/subjects/02/02_01.amc", AMC)
    write("given/subjects/02/02_02.amc", "1\nroot 0 1 2\n")
    write("given/dance.bvh", "HIERARCHY\n")
    write("given/readme.txt", "x")
    root = tmp_path / "root"
    found = {outcome.path: outcome for outcome in store.add(toy, given, root)}
    assert {path: outcome.state for path, outcome in found.items()} == {
        "asfamc/02.asf": store.NEW,
        "asfamc/02_01.amc": store.NEW,
        "asfamc/02_02.amc": store.REFUSED,
        "dance.bvh": store.REFUSED,
    }
    assert "02_02.amc:2" in found["asfamc/02_02.amc"].remark
    assert names(root) == ["cmu/asfamc/02.asf", "cmu/asfamc/02_01.amc", "cmu/lock.json"]
    assert {outcome.state for outcome in store.add(toy, given / "subjects/02/02_01.amc", root)} == {store.THERE}
    write("other/02_01.amc", AMC.replace("root 0 10 7", "root 0 11 7"))
    (differs,) = store.add(toy, tmp_path / "other", root)
    assert differs.state == store.REFUSED
    assert "differs from" in differs.remark


def test_links_instead_of_copies(toy, write, tmp_path):
    path = write("given/02.asf", ASF)
    list(store.add(toy, path.parent, tmp_path / "root", link=True))
    assert (tmp_path / "root/cmu/asfamc/02.asf").samefile(path)


def test_an_archive_is_added(toy, tmp_path):
    path = tmp_path / "all_asfamc.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("subjects/02/02_01.amc", AMC)
        opened.writestr("subjects/02/02.asf", ASF)
        opened.writestr("__MACOSX/subjects/02/._02.asf", "Mac OS X")
    assert [outcome.state for outcome in store.add(toy, path, tmp_path / "root")] == [store.NEW, store.NEW]
    assert names(tmp_path / "root") == ["cmu/asfamc/02.asf", "cmu/asfamc/02_01.amc", "cmu/lock.json"]
    assert lock.read(tmp_path / "root/cmu")["asfamc/02.asf"].origin == f"from 02.asf in {path}"


def test_nothing_to_add(toy, tmp_path, write):
    with pytest.raises(AssetError, match="no such file"):
        list(store.add(toy, tmp_path / "nowhere", tmp_path / "root"))
    assert not (tmp_path / "root").exists()
    with pytest.raises(AssetError, match="holds no file"):
        list(store.add(toy, write("empty/readme.txt", "x").parent, tmp_path / "root"))


def test_an_amc_without_any_skeleton(toy, write, tmp_path):
    (outcome,) = store.add(toy, write("given/02_01.amc", AMC), tmp_path / "root")
    assert outcome.state == store.REFUSED
    assert "02.asf" in outcome.remark


def test_real_files_are_taken_with_what_is_known_of_them(cmu_folder, tmp_path):
    """The golf swing in circulation ends within its last frame; one BVH flavour is not sound."""
    given, chosen = tmp_path / "given", source("cmu")
    given.mkdir()
    for name in ("asfamc/64.asf", "asfamc/64_01.amc", "bvh/85_02.bvh", "bvh/06_05.bvh"):
        (given / name.partition("/")[2]).symlink_to(cmu_folder / name)
    with pytest.raises(AssetError, match="is a link out of"):
        list(store.add(chosen, given, tmp_path / "root"))
    found = {}
    for name in ("asfamc/64.asf", "asfamc/64_01.amc", "bvh/85_02.bvh", "bvh/06_05.bvh"):
        found |= {outcome.path: outcome for outcome in store.add(chosen, cmu_folder / name, tmp_path / "root")}
    assert "within its last frame" in found["asfamc/64_01.amc"].remark
    assert "DAZ" in found["bvh/85_02.bvh"].remark
    assert [o.state for o in found.values()] == [store.NEW, store.NEW, store.REFUSED, store.NEW]


def test_a_trial_that_ends_before_its_crop_is_refused(cmu_folder, write, tmp_path):
    """Cut between two frames, or within one where the copy in circulation is cut off too."""
    write("given/64.asf", (cmu_folder / "asfamc/64.asf").read_text())
    text = (cmu_folder / "asfamc/64_01.amc").read_text()
    for cut in (text.index("\n200\n") + 1, text.index("\n200\n") + 50):
        path = write("given/64_01.amc", text[:cut])
        found = {outcome.path: outcome for outcome in store.add(source("cmu"), path.parent, tmp_path / "root")}
        assert found["asfamc/64_01.amc"].state == store.REFUSED
        assert "has 199 frames, expected 440 or more" in found["asfamc/64_01.amc"].remark


def test_the_command_line(toy, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "source", lambda name: toy)
    root = ["--root", str(tmp_path)]
    assert command.main(["fetch", "cmu", "--trial", "02_01", *root]) == 0
    printed = capsys.readouterr().out
    assert "NSF EIA-0196217" in printed
    assert "Licence: " in printed
    assert "2 of 2 files are there" in printed
    assert command.main(["fetch", "cmu", "--trial", "02_07", *root]) == 1
    assert "404" in capsys.readouterr().out
    assert command.main(["verify", *root]) == 0
    assert "2 there already" in capsys.readouterr().out
    assert command.main(["add", str(tmp_path / "cmu"), *root]) == 0
    capsys.readouterr()
    assert command.main(["fetch", "cmu", *root]) == 2
    assert "--class NAME" in capsys.readouterr().err
    monkeypatch.delenv(command.ROOT_VARIABLE, raising=False)
    assert command.main(["verify"]) == 2
    assert "CETERIS_ASSETS" in capsys.readouterr().err
    monkeypatch.setenv(command.ROOT_VARIABLE, str(tmp_path))
    assert command.usual_root() == tmp_path


def test_lists(cmu_folder, capsys):
    root = ["--root", str(cmu_folder.parent)]
    assert command.main(["list"]) == 0
    assert command.main(["list", "cmu", *root]) == 0
    assert "golf_swing" in capsys.readouterr().out
    assert command.main(["list", "cmu", "--class", "golf swing", *root]) == 0
    printed = capsys.readouterr().out
    assert "64_01" in printed
    assert "at hand" in printed
    assert command.main(["list", "cmu", "--class", "golff", *root]) == 2
    assert "golf" in capsys.readouterr().err


def test_mistakes_on_the_command_line(tmp_path, capsys):
    assert command.main(["list", "cmuu"]) == 2
    assert "did you mean 'cmu'" in capsys.readouterr().err
    assert command.main(["fetch", "cmu", "--trial", "64_99", "--root", str(tmp_path)]) == 2
    assert "index.csv names them all" in capsys.readouterr().err
    assert command.main(["verify", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"no files in {tmp_path / 'cmu'}\n"
    (tmp_path / "file").write_text("x")
    assert command.main(["add", str(tmp_path), "--root", str(tmp_path / "file")]) == 2
    assert "is a file; expected the folder" in capsys.readouterr().err


def test_a_server_out_of_reach_is_not_asked_for_every_file(toy, tmp_path, capsys, monkeypatch):
    def nobody(source, item, root, **options):
        raise Unreachable(f"{item.url}: nothing came")

    monkeypatch.setattr(command, "source", lambda name: toy)
    monkeypatch.setattr(store, "fetch", nobody)
    assert command.main(["fetch", "cmu", "--trial", "02_01", "--root", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert printed.count("nothing came") == 1
    assert "no further file was tried\n0 of 2 files are there" in printed


def test_ctrl_c_ends_with_a_word_and_no_traceback(tmp_path, capsys, monkeypatch):
    def stopped(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "verify", stopped)
    assert command.main(["verify", "--root", str(tmp_path)]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_the_lock_file_is_readable_by_people(toy, tmp_path):
    fetch(toy, tmp_path)
    content = json.loads((tmp_path / "cmu/lock.json").read_text())
    assert set(content["files"]["asfamc/02.asf"]) == {"sha256", "size", "origin"}
