"""Each layout read back by the library that people read it with.

Two of them have no such library here. torchvision reads UCF101 and Kinetics, but its wheels for the CPU build of
PyTorch are not on PyPI, and the one that is there cannot be imported beside it. mmaction2 needs mmcv, which must be
compiled, and another build of OpenCV than ours. What these libraries do with the files is short, and done here by
pandas, PyAV and the rule of their source. Both were run by hand (docs/export.md).
"""

import dataclasses
import io
import json
import re
import tarfile

import av
import numpy as np
import pandas as pd
import pytest
import webdataset
import yaml
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from synth.body.pack import load_pack
from synth.coco import KEYPOINTS, keypoints
from synth.errors import UnknownName
from synth.export import FORMATS, ExportError, open_format
from synth.export.card import hub_card
from synth.export.check import toy_arrays
from synth.ntu import as_seen, ntu_joints
from synth.resolve import resolve


def video(source):
    with av.open(str(source) if not isinstance(source, bytes) else io.BytesIO(source)) as file:
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])
        return frames, float(file.streams.video[0].average_rate)


def assert_shows(source, item):
    """A file shows a clip, but for what compression changes."""
    frames, fps = video(source)
    truth = toy_arrays(item.spec)["frames"]
    assert frames.shape == truth.shape and fps == item.spec.fps
    assert np.abs(frames.astype(int) - truth).mean() < 8


def test_ucf101(exported, toy):
    root = exported / "ucf101"
    names = dict(line.split()[::-1] for line in (root / "ucfTrainTestlist/classInd.txt").read_text().splitlines())
    assert names == {"PushUp": "1", "Squat": "2"}
    groups, read = {}, 0
    for split in toy.splits:
        rows = pd.read_csv(root / f"ucfTrainTestlist/{split}list01.txt", sep=" ", header=None)
        assert rows.shape[1] == (2 if split == "train" else 1)
        for row in rows.itertuples(index=False):
            found = re.fullmatch(r"(\w+)/v_(\1)_g(\d\d)_c(\d\d)\.avi", row[0])
            if split == "train":
                assert names[found[1]] == str(row[1])
            groups.setdefault((found[1], found[3]), set()).add(split)
            item = next(i for i in toy.of_split(split) if (f"v_{found[1]}_g{i.group:02d}_c{i.number:02d}") in row[0]
                        and found[1].lower() == i.class_name.replace("_", ""))  # fmt: skip
            assert_shows(root / "UCF-101" / row[0], item)
            read += 1
    assert read == len(toy.items) == len(list(root.glob("UCF-101/*/*.avi")))
    assert all(len(splits) == 1 for splits in groups.values()), "no group is in two splits"


def test_kinetics(exported, toy):
    root, items = exported / "kinetics", {item.id: item for item in toy.items}
    read = pd.concat([pd.read_csv(root / f"{split}.csv") for split in toy.splits])
    assert read.columns.tolist() == ["label", "youtube_id", "time_start", "time_end", "split"]
    assert set(read["youtube_id"]) == set(items) and set(read["label"]) == {"push up", "squat"}
    for row in read.itertuples():
        item, name = items[row.youtube_id], f"{row.youtube_id}_{row.time_start:06d}_{row.time_end:06d}.mp4"
        assert item.split == row.split and item.class_name.replace("_", " ") == row.label
        assert_shows(root / row.split / row.label / name, item)


def test_webdataset(exported, toy):
    items = {item.id: item for item in toy.items}
    seen = set()
    for split in toy.splits:
        shard = str(exported / "webdataset" / f"{split}-000000.tar")
        for sample in webdataset.WebDataset(shard, shardshuffle=False).decode():
            item = items[sample["__key__"]]
            assert item.split == split == sample["json"]["split"] and sample["cls"] == item.label
            assert sample["json"]["viewpoint.azimuth_deg"] == item.spec.viewpoint.azimuth_deg
            assert np.array_equal(sample["joints.npy"], toy_arrays(item.spec)["joints"])
            assert_shows(sample["mp4"], item)
            seen.add(item.id)
    assert seen == set(items)
    assert not (exported / "webdataset" / "pieces").exists()


def test_webdataset_cuts_into_shards_and_takes_other_passes(toy, pool, tmp_path):
    from synth.export import Job, export

    form = open_format("webdataset", {"clips_per_shard": 3, "arrays": ["mask", "depth"]})
    export(Job(data=toy, formats=[form], root=tmp_path), pool)
    shards = sorted(path.name for path in tmp_path.glob("webdataset/train-*.tar"))
    assert shards == ["train-000000.tar", "train-000001.tar", "train-000002.tar"]
    with tarfile.open(tmp_path / "webdataset" / shards[0]) as archive:
        assert len(archive.getnames()) == 3 * 5 and {m.mtime for m in archive} == {0}
    pattern = str(tmp_path / "webdataset" / "train-{000000..000002}.tar")
    samples = list(webdataset.WebDataset(pattern, shardshuffle=False).decode())
    assert len(samples) == len(toy.of_split("train"))
    assert samples[0]["mask.npy"].shape == samples[0]["depth.npy"].shape == (4, 32, 32)


def test_hugging_face(exported, toy, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    datasets.disable_progress_bars()
    items = {item.id: item for item in toy.items}
    folder = str(exported / "hugging_face")
    for read in (
        datasets.load_dataset("videofolder", data_dir=folder, cache_dir=str(tmp_path)),
        datasets.load_dataset(folder, cache_dir=str(tmp_path)),
    ):
        assert {name: len(rows) for name, rows in read.items()} == {"train": 8, "validation": 4, "test": 4}
        for split, rows in read.items():
            for row in rows.cast_column("video", datasets.Video(decode=False)):
                item = items[row["id"]]
                assert row["label"] == item.class_name and item.split in (split, "val")
                assert row["viewpoint_azimuth_deg"] == item.spec.viewpoint.azimuth_deg
                assert_shows(row["video"]["path"], item)


def test_the_hub_reads_the_card(exported):
    text = (exported / "hugging_face" / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["task_categories"] == ["video-classification"] and front["size_categories"] == ["n<1K"]
    assert [file["split"] for file in front["configs"][0]["data_files"]] == ["train", "validation", "test"]


def test_a_name_never_becomes_a_key_of_the_card(toy):
    name = 'a: "b"\nlicense: mit # <b>'
    text = hub_card(dataclasses.replace(toy, name=name), {"train": "train"})
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["pretty_name"] == name and front["license"] == "other"


def test_mmaction2(exported, toy):
    """As VideoDataset.load_data_list of mmaction2 1.2.0 does: a line is stripped and split at blanks, the first word is
    joined to data_prefix, the second is the label."""
    root, items = exported / "mmaction2", {item.id: item for item in toy.items}
    classes, seen = (root / "classes.txt").read_text().split(), set()
    for split in toy.splits:
        for line in (root / f"{split}_list.txt").read_text().splitlines():
            name, label = line.strip().split(" ")
            item = items[name.removesuffix(".mp4").partition("/")[2]]
            assert item.split == split and classes[int(label)] == item.class_name
            assert_shows(root / name, item)
            seen.add(item.id)
    assert seen == set(items)


def test_coco(exported, toy, capsys):
    items = {item.id: item for item in toy.items}
    for split in toy.splits:
        read = COCO(str(exported / "coco" / f"annotations/person_keypoints_{split}.json"))
        assert read.loadCats(read.getCatIds())[0]["keypoints"] == list(KEYPOINTS)
        images = read.loadImgs(read.getImgIds())
        assert len(images) == 4 * len(toy.of_split(split))
        for image in images:
            item = items[image["clip"]]
            arrays, camera = toy_arrays(item.spec), resolve(item.spec).camera
            (person,) = read.loadAnns(read.getAnnIds(imgIds=[image["id"]]))
            truth = arrays["mask"][image["frame"]]
            assert item.split == split and np.array_equal(read.annToMask(person), truth)
            assert person["area"] == truth.sum() and np.array(image["intrinsics"]) == pytest.approx(camera.intrinsics())
            wanted = keypoints(*(arrays[k] for k in ("joints", "depth", "parts")), camera, load_pack().bone_names)
            assert np.allclose(np.reshape(person["keypoints"], (17, 3)), wanted[image["frame"]])
            with av.open(str(exported / "coco" / split / image["file_name"])) as file:
                frame = next(file.decode(video=0)).to_ndarray(format="rgb24")
            assert np.abs(frame.astype(int) - arrays["frames"][image["frame"]]).mean() < 4
    assert "index created" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_coco_grades_the_truth_as_perfect(exported, kind, capsys):
    truth = COCO(str(exported / "coco" / "annotations/person_keypoints_train.json"))
    found = [{**annotation, "score": 1.0} for annotation in truth.dataset["annotations"]]
    grade = COCOeval(truth, truth.loadRes(found), kind)
    with np.errstate(all="ignore"):
        grade.evaluate()
        grade.accumulate()
        grade.summarize()
    assert grade.stats[0] == pytest.approx(1.0) and capsys.readouterr().out


def test_ntu_by_the_official_description(exported, toy):
    """The words of a file in the order of the data set's own description (read_skeleton_file.m): frames; per frame
    bodies; per body ten numbers, joints; per joint twelve."""
    root, seen = exported / "ntu", set()
    classes = dict(line.split() for line in (root / "classes.txt").read_text().splitlines())
    for split in toy.splits:
        for name in (root / f"{split}.txt").read_text().split():
            codes = re.fullmatch(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})", name)
            item = next(i for i in toy.of_split(split)
                        if (i.person, i.take, i.label + 1) == tuple(int(codes[k]) for k in (3, 4, 5)))  # fmt: skip
            assert classes[f"A{codes[5]}"] == item.class_name
            lines = (root / "nturgb+d_skeletons" / f"{name}.skeleton").read_bytes().decode().split("\r\n")
            joints, pixels = _parsed(iter(lines))
            camera = resolve(item.spec).camera
            truth = as_seen(ntu_joints(toy_arrays(item.spec)["joints"], load_pack().bone_names), camera)
            assert len(joints) == 8, "four frames at 12.5 a second last as long as eight at 30"
            between = truth[2] + (truth[3] - truth[2]) / 12  # frame 5 of 30 a second is frame 2 1/12 of 12.5
            assert np.abs(joints[0] - truth[0]).max() < 1e-6 and np.abs(joints[5] - between).max() < 1e-5
            world = ntu_joints(toy_arrays(item.spec)["joints"], load_pack().bone_names)
            assert np.abs(pixels[0] - camera.project(world[0])[:, :2]).max() < 1e-3
            seen.add(item.id)
    assert seen == {item.id for item in toy.items}


def _parsed(lines):
    joints, pixels = [], []
    for _ in range(int(next(lines))):
        assert int(next(lines)) == 1
        body = next(lines).split()
        assert len(body) == 10 and int(body[0]) > 0 and body[9] == "2"
        rows = [[float(word) for word in next(lines).split()] for _ in range(int(next(lines)))]
        assert {len(row) for row in rows} == {12} and {row[11] for row in rows} == {2.0}
        joints.append([row[:3] for row in rows])
        pixels.append([row[5:7] for row in rows])
    assert list(lines) == [""]
    return np.array(joints), np.array(pixels)


def test_no_layout_mixes_its_splits(exported, toy):
    """Whatever names a split names none of another's clips."""
    for path in exported.rglob("*"):
        own = [split for split in toy.splits if split in path.name] if path.suffix in (".csv", ".txt", ".json") else []
        if len(own) == 1 and "ucf" not in str(path) and "ntu" not in str(path):
            strangers = [item.id for item in toy.items if item.split != own[0]]
            assert not [name for name in strangers if name in path.read_text()], path


def test_the_card(exported, toy):
    card, text = json.loads((exported / "card.json").read_text()), (exported / "README.md").read_text()
    assert card["splits"]["train"] == {"clips": 8, "motions": 4, "people": 2, "places": 1}
    assert card["classes"] == ["push_up", "squat"] and card["per_class"]["squat"] == {"train": 4, "val": 2, "test": 2}
    assert card["factors"]["azimuth"] == {"low": 0.0, "high": 90.0, "unit": "deg", "distinct": 2}
    assert card["video"] == {"codec": "vp9", "lossy": True, "crf": 18} and set(card["formats"]) == set(FORMATS)
    assert (
        "compressed **with loss**" in text
        and "|---|---|---|---|\n| push_up | 4 | 2 | 2 |\n" in text
        and "0 to 90 deg" in text
    )
    assert "licences" in card and "Please cite" in text and "mocap.cs.cmu.edu" not in text


@pytest.mark.parametrize(
    ("name", "options", "error", "says"),
    [
        ("coca", {}, UnknownName, "did you mean 'coco'"),
        ("coco", {"evry": 2}, UnknownName, "did you mean 'every'"),
        ("coco", {"every": 0}, ExportError, "every = 0"),
        ("coco", {"picture": "bmp"}, ExportError, "expected one of jpg, png"),
        ("webdataset", {"arrays": ["dept"]}, UnknownName, "did you mean 'depth'"),
        ("webdataset", {"arrays": "depth"}, ExportError, "expected a list of passes"),
        ("webdataset", {"clips_per_shard": True}, ExportError, "clips_per_shard = True"),
    ],
)
def test_options_that_cannot_be(name, options, error, says):
    with pytest.raises(error, match=says):
        open_format(name, options)
