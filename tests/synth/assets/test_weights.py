"""Published weights: the manifest, checksums of every kind, the way from a name to a file."""

import hashlib

import pytest
import yaml

from synth.assets import checksum, store, weights
from synth.assets.__main__ import main
from synth.assets.cmu import ManifestError
from synth.assets.errors import AssetError, ChecksumError
from synth.assets.source import Wanted, source
from synth.errors import UnknownName

PART = "tsn_bninception_ucf101"


def test_every_entry_holds_together_and_names_its_licence_and_citation():
    assert len(weights.entries()) >= 30
    paths = [file.path for entry in weights.entries().values() for file in entry.files]
    assert len(paths) == len(set(paths))
    for entry in weights.entries().values():
        assert entry.citation and entry.title and (entry.licence is None or entry.licence.strip())
        assert all(file.url.startswith(("https://", "http://")) for file in entry.files)


def test_checksums_are_of_a_kind_that_is_known():
    for entry in weights.entries().values():
        for file in entry.files:
            kind, _, digits = (file.checksum or "sha256:0").rpartition(":")
            assert kind in ("", "git", "sha256") and set(digits) <= set("0123456789abcdef"), entry.name
            assert len(digits) == 40 if kind == "git" else len(digits) <= 64
            assert file.size is None or file.size > 0


def test_a_checksum_is_compared_in_the_form_it_was_published_in(tmp_path):
    file = tmp_path / "w"
    file.write_bytes(b"hello\n")
    digest = hashlib.sha256(b"hello\n").hexdigest()
    assert checksum.of_git(file) == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object
    assert checksum.as_published(file, "git:0", digest) == "git:ce013625030ba8dba906f756967f9e9ca394464a"
    assert checksum.as_published(file, "sha256:98160339", digest) == f"sha256:{digest[:8]}"
    assert checksum.as_published(file, "0" * 64, digest) == digest


def publish(monkeypatch, content, kind):
    """An entry whose published checksum is that of `content`."""
    sums = {
        "git": f"git:{hashlib.sha1(b'blob %d' % len(content) + bytes(1) + content).hexdigest()}",
        "prefix": f"sha256:{hashlib.sha256(content).hexdigest()[:8]}",
    }
    entry = weights.Weights(
        name="toy",
        title="Toy",
        licence=None,
        commercial_use=False,
        citation="nobody",
        labels=None,
        accuracy="1.0",
        files=(weights.WeightsFile(path="toy/toy.pth", url="http://127.0.0.1:9/toy.pth", checksum=sums[kind]),),
    )
    monkeypatch.setattr(weights, "entries", lambda: {"toy": entry})
    source.__globals__["_weights"].cache_clear()
    return entry


@pytest.fixture(autouse=True)
def forget():
    yield
    source.__globals__["_weights"].cache_clear()


@pytest.mark.parametrize("kind", ["git", "prefix"])
def test_a_file_that_is_on_disk_is_taken_if_its_checksum_is_right(tmp_path, monkeypatch, kind):
    publish(monkeypatch, b"the weights", kind)
    file, root = tmp_path / "toy.pth", tmp_path / "assets"
    file.write_bytes(b"the weights")
    (outcome,) = store.add(source("weights"), file, root)
    assert outcome.state == store.NEW and weights.weights_file("toy", root) == root / "weights/toy/toy.pth"
    assert [o.state for o in store.verify(source("weights"), root)] == [store.THERE]
    (root / "weights/toy/toy.pth").write_bytes(b"the wrights")
    assert [o.state for o in store.verify(source("weights"), root)] == [store.REFUSED]


@pytest.mark.parametrize("kind", ["git", "prefix"])
def test_another_file_is_refused_and_leaves_no_trace(tmp_path, monkeypatch, kind):
    publish(monkeypatch, b"the weights", kind)
    file, root = tmp_path / "toy.pth", tmp_path / "assets"
    file.write_bytes(b"other weights")
    (outcome,) = store.add(source("weights"), file, root)
    assert outcome.state == store.REFUSED and "was not taken" in outcome.remark
    assert not list((root / "weights").rglob("*.pth"))
    with pytest.raises(AssetError, match="fetch weights toy"):
        weights.weights_file("toy", root)


def test_a_download_is_resumed_verified_and_found(tmp_path, monkeypatch, site):
    content = bytes(range(256)) * 400
    entry = publish(monkeypatch, content, "prefix")
    site.files["/toy.pth"] = content
    url = site.url("/toy.pth")
    wanted = Wanted(path=entry.files[0].path, url=url, sha256=entry.files[0].checksum)
    site.breaks.append(30_000)
    outcome = store.fetch(source("weights"), wanted, tmp_path, pause_s=0.0)
    assert outcome.state == store.NEW and len(site.asked) == 2 and site.asked[1][1].startswith("bytes=")
    assert weights.weights_file("toy", tmp_path).read_bytes() == content
    site.files["/toy.pth"] = content[:-1] + b"x"
    weights.weights_file("toy", tmp_path).unlink()
    with pytest.raises(ChecksumError, match="the lock file"):
        store.fetch(source("weights"), wanted, tmp_path, pause_s=0.0)
    assert not list(tmp_path.rglob("*.pth*"))


@pytest.fixture
def two_files(monkeypatch, site):
    """An entry of an index and its data, which lie on the server; (index, data)."""
    contents = {"toy/model.index": b"index" * 100, "toy/model.data": bytes(range(256)) * 100}
    files = []
    for path, content in contents.items():
        site.files[f"/{path}"] = content
        git = hashlib.sha1(b"blob %d" % len(content) + bytes(1) + content).hexdigest()
        files.append(weights.WeightsFile(path=path, url=site.url(f"/{path}"), checksum=f"git:{git}", size=len(content)))
    entry = weights.Weights(
        name="toy",
        title="Toy",
        licence="CC-BY-NC-4.0",
        commercial_use=False,
        citation="Nobody, Nowhere, 2026",
        labels=None,
        accuracy="1.0",
        files=tuple(files),
        load="model.index",
    )
    monkeypatch.setattr(weights, "entries", lambda: {"toy": entry})
    source.__globals__["_weights"].cache_clear()
    return contents


def test_the_command_brings_both_files_of_a_checkpoint_and_tells_its_terms(tmp_path, capsys, site, two_files):
    assert main(["fetch", "weights", "toy", "--root", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    for part in ("CC-BY-NC-4.0. No commercial use.", "Nobody, Nowhere, 2026", "0.03 MB, checksum git:", "2 of 2 files"):
        assert part in told
    index = weights.weights_file("toy", tmp_path)
    assert index.read_bytes() == two_files["toy/model.index"]
    assert index.with_name("model.data").read_bytes() == two_files["toy/model.data"]
    asked = len(site.asked)
    assert main(["fetch", "weights", "toy", "--root", str(tmp_path)]) == 0 and len(site.asked) == asked
    assert main(["verify", "weights", "--root", str(tmp_path)]) == 0


def test_a_checkpoint_of_which_a_file_is_another_is_refused_and_what_is_missing_is_named(
    tmp_path, capsys, site, two_files
):
    site.files["/toy/model.data"] = two_files["toy/model.data"][:-1] + b"?"
    assert main(["fetch", "weights", "toy", "--root", str(tmp_path)]) == 1
    assert "1 of 2 files" in capsys.readouterr().out
    with pytest.raises(AssetError, match=r"model\.data is not there.*fetch weights toy"):
        weights.weights_file("toy", tmp_path)
    assert [path.name for path in (tmp_path / "weights" / "toy").iterdir()] == ["model.index"]


@pytest.mark.parametrize("page", [b"", b"  <!DOCTYPE html>", b"version https://git-lfs.github.com/spec/v1"])
def test_a_page_instead_of_weights_is_refused(tmp_path, monkeypatch, page):
    publish(monkeypatch, page, "prefix")
    (tmp_path / "toy.pth").write_bytes(page)
    (outcome,) = store.add(source("weights"), tmp_path / "toy.pth", tmp_path / "assets")
    assert outcome.state == store.REFUSED and "no file of weights" in outcome.remark


def test_files_of_one_name_are_told_apart_by_their_folder():
    index = "model.ckpt.index"
    assert weights.file_of(f"somewhere/rgb_imagenet/{index}").path == f"i3d_rgb_imagenet/{index}"
    assert weights.file_of(f"somewhere/flow_imagenet/{index}").path == f"i3d_flow_imagenet/{index}"
    assert weights.file_of(index) is None and weights.file_of("holiday.jpg") is None
    published = "tsn_2d_rgb_bninception_seg3_f1s1_b32_g8-98160339.pth"
    assert weights.file_of(published).path == f"{PART}.pth" == weights.file_of(f"{PART}.pth").path


def test_a_name_that_is_not_there_is_answered_with_the_nearest_and_with_the_command(tmp_path):
    with pytest.raises(UnknownName, match=f"'{PART}'"):
        weights.weights_file("tsn_bninception_ucf10", tmp_path)
    with pytest.raises(AssetError, match=r"fetch weights tsn_bninception_ucf101 --root .*weights=PATH"):
        weights.weights_file(PART, tmp_path)
    with pytest.raises(AssetError, match="no assets root"):
        weights.weights_file(PART, None)
    with pytest.raises(AssetError, match="hf download MCG-NJU/videomae-base"):
        weights.weights_file("videomae_base_kinetics", tmp_path)


def test_a_folder_of_the_hub_is_found_by_its_config(tmp_path):
    folder = tmp_path / "weights" / "videomae_base_kinetics"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert weights.weights_file("videomae_base_kinetics", tmp_path) == folder


@pytest.mark.parametrize(
    "change", [{"licence": 1, "odd": 2}, {"files": [{"path": "a"}]}, {"files": []}, {"hub": "a/b"}]
)
def test_a_manifest_with_a_mistake_is_named(tmp_path, monkeypatch, change):
    table = yaml.safe_load((weights.MANIFEST / f"{PART}.yaml").read_text()) | change
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(table))
    monkeypatch.setattr(weights, "MANIFEST", tmp_path)
    with pytest.raises(ManifestError, match=r"mine\.yaml"):
        weights.entries.__wrapped__()


def test_the_command_line_tells_terms_and_states(tmp_path, capsys):
    assert main(["list", "weights", "--root", str(tmp_path)]) == 0
    assert PART in capsys.readouterr().out
    assert main(["list", "weights", "videomae_base_kinetics"]) == 0
    assert "No commercial use" in capsys.readouterr().out
    assert main(["fetch", "weights", "videomae_base_kinetics", "--root", str(tmp_path)]) == 2
    assert "hf download" in capsys.readouterr().err
    assert main(["fetch", "weights", "--root", str(tmp_path)]) == 2
    assert main(["fetch", "weights", "--class", "golf swing", "--root", str(tmp_path)]) == 2
    assert "no classes of motions" in capsys.readouterr().err
