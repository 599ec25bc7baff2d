"""COCO's layout (Lin et al. 2014): pictures, and one annotation file a split with boxes, masks and keypoints.

    train/<id>_000.jpg
    annotations/person_keypoints_train.json

A picture is a frame of a clip; the person in it is one annotation: the silhouette as run lengths (hair, clothes and
shoes being person, what is held not), its area and box, and 17 keypoints (`synth.coco`). Pictures without a visible
person have none. Of each picture the file also says clip, frame, class, and the camera in `synth.frames`' terms.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from synth import coco
from synth.body.pack import load_pack
from synth.export.dataset import DataSet, Item, Sample
from synth.export.errors import ExportError
from synth.export.files import Files
from synth.export.formats import Format, whole
from synth.frames import Camera

PERSON = 1
PICTURES = ("jpg", "png")


@dataclass(frozen=True, kw_only=True)
class Coco(Format):
    """every: of how many frames one is taken. picture: "jpg" (lossy, 4:4:4) or "png". quality: of JPEG."""

    every: int = 1
    picture: str = "jpg"
    quality: int = 95

    name = "coco"
    title = "COCO: pictures with masks, boxes and keypoints"
    videos = False
    passes = ("frames", "mask", "parts", "depth", "joints")

    def __post_init__(self):
        whole("options.coco.every", self.every, 1, 100_000)
        whole("options.coco.quality", self.quality, 1, 100)
        if self.picture not in PICTURES:
            raise ExportError(f"options.coco.picture = {self.picture!r}; expected one of {', '.join(PICTURES)}")

    def add(self, sample: Sample, files: Files) -> dict:
        """The pictures; what each frame's annotation says."""
        item, arrays, chosen = sample.item, sample.arrays, slice(None, None, self.every)
        for number, frame in zip(self._frames(item), arrays["frames"][chosen], strict=True):
            files.write(self._place(item, number), self._picture(frame))
        found = coco.keypoints(
            *(arrays[name][chosen] for name in ("joints", "depth", "parts")), sample.camera, load_pack().bone_names
        )
        people = [_person(mask, points) for mask, points in zip(arrays["mask"][chosen], found, strict=True)]
        camera = {**dataclasses.asdict(sample.camera), "position_m": list(sample.camera.position_m)}
        return {"people": people, "camera": camera}

    def finish(self, data: DataSet, notes: Mapping[str, Mapping], files: Files) -> None:
        """The annotations of each split."""
        for split in data.splits:
            images, annotations = [], []
            for item in data.of_split(split):
                note = notes[item.id]
                for number, person in zip(self._frames(item), note["people"], strict=True):
                    images.append(self._image(item, number, note["camera"]))
                    if person is not None:
                        who = {"id": images[-1]["id"], "image_id": images[-1]["id"], "category_id": PERSON}
                        annotations.append({**who, "iscrowd": 0, **person})
            whole_file = {**_head(data, split), "images": images, "annotations": annotations}
            files.write(f"annotations/person_keypoints_{split}.json", json.dumps(whole_file) + "\n")

    def _frames(self, item: Item) -> range:
        return range(0, item.spec.num_frames, self.every)

    def _place(self, item: Item, frame: int) -> str:
        return f"{item.split}/{item.id}_{frame:03d}.{self.picture}"

    def _picture(self, frame: np.ndarray) -> bytes:
        buffer = io.BytesIO()
        how = {"quality": self.quality, "subsampling": 0} if self.picture == "jpg" else {}
        Image.fromarray(frame).save(buffer, "JPEG" if self.picture == "jpg" else "PNG", **how)
        return buffer.getvalue()

    def _image(self, item: Item, frame: int, camera: Mapping) -> dict:
        """An entry of `images`; ids are unique in the whole data set."""
        return {
            "id": item.index * 100_000 + frame + 1,
            "file_name": self._place(item, frame).partition("/")[2],
            "width": item.spec.width,
            "height": item.spec.height,
            "license": 1,
            "clip": item.id,
            "frame": frame,
            "class": item.class_name,
            "intrinsics": Camera(**camera).intrinsics().tolist(),
            "camera": camera,
        }


def _person(mask: np.ndarray, points: np.ndarray) -> dict | None:
    """What an annotation says of the person in one frame; None where none is seen."""
    person = mask > 0
    if not person.any():
        return None
    return {
        "area": int(person.sum()),
        "bbox": coco.box(person),
        "segmentation": {"size": list(mask.shape), "counts": coco.run_lengths(person)},
        "num_keypoints": int((points[:, 2] > coco.ABSENT).sum()),
        "keypoints": [int(v) if k % 3 == 2 else float(v) for k, v in enumerate(points.ravel())],
    }


def _head(data: DataSet, split: str) -> dict:
    category = {
        "id": PERSON,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(coco.KEYPOINTS),
        "skeleton": [list(pair) for pair in coco.SKELETON],
    }
    return {
        "info": {"description": f"{data.name}, {split}: rendered by Ceteris", "version": "1.0"},
        "licenses": [{"id": 1, "name": "see README.md", "url": ""}],
        "categories": [category],
    }
