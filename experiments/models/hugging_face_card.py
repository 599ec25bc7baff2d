"""What a model of Hugging Face says of itself: classes, size and preprocessing, from the files of its folder.

`config.json` holds the network's shape, its number of frames and `id2label`; `preprocessor_config.json` (or
`video_preprocessor_config.json`, or a part of `processor_config.json`) holds size, crop, scale, mean and standard
deviation. The library's own processors of videos need torchvision; these rules are theirs, in our words, and the tests
hold them against the processors frame by frame. What is in no file is how frames are picked in time: a card says it
(`input: {sampling: ..., fps: ...}`), or it is what the authors of this type of model published (`SAMPLED`).

    architecture:
      config: {...}          # stands for config.json, of a model whose files are not there (weights: random)
      preprocessor: {...}    # stands for preprocessor_config.json
      ignore: [...]          # tensors of the file that the network does without, as regular expressions

Imports neither torch nor transformers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.labels import labels
from experiments.models.errors import WeightsError
from experiments.models.hub import CONFIG
from experiments.models.input import InputError
from synth.errors import UnknownName

PREPROCESSING = ("video_preprocessor_config.json", "preprocessor_config.json", "processor_config.json")
PARTS = ("video_processor", "image_processor")  # of processor_config.json
KEYS = ("config", "preprocessor", "ignore")
RESAMPLE = {2: "pil_bilinear", 3: "pil_bicubic"}
NEEDED = ("height", "width", "resize", "interpolation", "crop", "scale", "mean", "std")
# Of config.json, what is told elsewhere or does not change a score.
OTHERWISE = ("id2label", "label2id", "architectures", "dtype", "torch_dtype", "transformers_version", "_name_or_path")
# Types whose number of frames may differ from the one that they were trained with.
ANY_LENGTH = ("timesformer", "vjepa2")
SAMPLED = {
    "videomae": ({"sampling": "centre", "fps": 7.5}, "every 4th frame of 30 per second, centred (Tong et al. 2022)"),
    "vivit": ({"sampling": "centre", "fps": 15.0}, "every 2nd frame of 30 per second, centred (Arnab et al. 2021)"),
    "timesformer": (
        {"sampling": "segments", "fps": None},
        "spread over the clip; published: every 32nd frame of 30 per second, 7.5 s (Bertasius et al. 2021)",
    ),
    "vjepa2": (
        {"sampling": "segments", "fps": None},
        "spread over the clip; published: every 4th frame (Assran et al. 2025)",
    ),
}


def complete(facts: dict, found: Path | None) -> dict:
    """A card's table with classes, input and `architecture.config` filled in from the folder `found`.

    What the card says goes before what the files say. Raises WeightsError, InputError, UnknownName.
    """
    architecture = dict(facts.get("architecture") or {})
    if (odd := next((key for key in architecture if key not in KEYS), None)) is not None:
        raise UnknownName("key of architecture", odd, KEYS)
    folder = found if found is not None and found.is_dir() else None
    config = _table(folder / CONFIG) if folder else architecture.get("config")
    if not isinstance(config, Mapping) or "model_type" not in config:
        where = folder / CONFIG if folder else "architecture.config of the card"
        raise WeightsError(f"{where} is no config.json of Hugging Face: it has no model_type")
    architecture["config"] = {key: value for key, value in config.items() if key not in OTHERWISE}
    told = _preprocessor(folder) if folder else architecture.get("preprocessor")
    shown, remark = _input(facts.get("input") or {}, config, told, folder)
    classes = facts.get("classes") or _classes(config.get("id2label"), facts.get("labels"))
    return {**facts, "architecture": architecture, "input": shown, "classes": classes, **remark}


def _input(given: Mapping, config: Mapping, told: Mapping | None, folder: Path | None) -> tuple[dict, dict]:
    """The fields of InputSpec, and a remark on those that are in no file."""
    kind = config["model_type"]
    shown = {**(preprocessing(told, config) if told else {}), **_length(config), **given}
    if missing := [key for key in NEEDED if key not in shown]:
        raise WeightsError(
            f"{folder or 'the card'} has none of {', '.join(PREPROCESSING)}, and preprocessing is not guessed: write "
            f"{', '.join(missing)} under `input:` of a card (family: hugging_face, weights: FOLDER), as it was trained"
        )
    if "frames" not in shown:
        raise WeightsError(
            f"{CONFIG} of this {kind} names no number of frames: write `input: {{frames: ...}}` in a card"
        )
    remark = {}
    if not {"sampling", "fps"} & set(given):
        if kind not in SAMPLED:
            raise WeightsError(
                f"the files do not say how a {kind} picks frames: write `input: {{sampling: ..., fps: ...}}` in a card"
            )
        shown, remark = {**shown, **SAMPLED[kind][0]}, {"frames_picked": SAMPLED[kind][1]}
    _fits(shown, config)
    return {"fps": None, **shown}, remark


def _length(config: Mapping) -> dict:
    frames = config.get("num_frames", config.get("frames_per_clip"))
    return {} if frames is None else {"frames": int(frames)}


def _fits(shown: Mapping, config: Mapping) -> None:
    """Refuses an input that the network was not made for."""
    side = config.get("image_size", config.get("crop_size"))
    size = [shown["height"], shown["width"]]
    if side is not None and size != (list(side) if isinstance(side, Sequence) else [side, side]):
        raise InputError(f"input is {size[0]} x {size[1]}; the {config['model_type']} was made for {side} ({CONFIG})")
    frames = _length(config).get("frames", shown["frames"])
    if shown["frames"] != frames and config["model_type"] not in ANY_LENGTH:
        raise InputError(
            f"input.frames = {shown['frames']}; the {config['model_type']} was made for {frames} ({CONFIG})"
        )


def preprocessing(told: Mapping, config: Mapping) -> dict:
    """Fields of InputSpec for a table of preprocessor_config.json.

    A flag that it leaves out is the library's default, on; ViViT's `offset` takes 1 from the scaled pixel before the
    mean does; V-JEPA 2's processor computes the size from the crop. Raises WeightsError for what cannot be done.
    """
    kind = next(
        (
            told[key]
            for key in ("video_processor_type", "image_processor_type", "feature_extractor_type")
            if key in told
        ),
        "",
    )
    vivit, crops = kind.startswith("Vivit"), told.get("do_center_crop", True)
    crop = _square(told.get("crop_size"))
    size = {"shortest_edge": int(crop[0] * 256 / 224)} if kind.startswith("VJEPA2") and crop else told.get("size")
    out = _resize(size) if told.get("do_resize", True) else {"resize": "none"}
    view = (crop if crops else None) or out.pop("size", None) or _square(config.get("image_size"))
    out.pop("size", None)
    if view is not None:
        out |= {"height": view[0], "width": view[1]}
    resample = told.get("resample", 2)
    if resample not in RESAMPLE:
        raise WeightsError(f"resample = {resample} of the preprocessing; known are 2 (bilinear) and 3 (bicubic)")
    out |= {"crop": "centre" if crops else "none", "interpolation": RESAMPLE[resample]}
    return out | _levels(told, offset=told.get("offset", vivit), factor=1 / 127.5 if vivit else 1 / 255)


def _resize(size) -> dict:
    """`resize` for a table, or a number that is the short side."""
    if isinstance(size, int | float):
        size = {"shortest_edge": size}
    if not isinstance(size, Mapping):
        return {}
    if "shortest_edge" in size and "longest_edge" not in size:
        return {"resize": f"short {int(size['shortest_edge'])} floor"}
    if {"height", "width"} <= set(size):
        height, width = int(size["height"]), int(size["width"])
        return {"resize": f"{height}x{width}", "size": (height, width)}
    raise WeightsError(f"size = {dict(size)} of the preprocessing; known are shortest_edge, or height and width")


def _levels(told: Mapping, *, offset: bool, factor: float) -> dict:
    """scale, mean, std: ((v factor - offset) - image_mean) / image_std is (v / scale - mean) / std."""
    rescales, normalises = told.get("do_rescale", True), told.get("do_normalize", True)
    shift = 1.0 if rescales and offset else 0.0
    scale = 1 / told.get("rescale_factor", factor) if rescales else 1.0
    if not normalises:
        return {"scale": scale, "mean": [shift] * 3, "std": [1.0] * 3}
    if not {"image_mean", "image_std"} <= set(told):
        return {"scale": scale}
    mean, std = (_three(told[key]) for key in ("image_mean", "image_std"))
    return {"scale": scale, "mean": [shift + m for m in mean], "std": std}


def _three(value) -> list[float]:
    return [float(v) for v in value] if isinstance(value, Sequence) else [float(value)] * 3


def _square(value) -> tuple[int, int] | None:
    """(height, width) of a number, a pair or a table."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return int(value["height"]), int(value["width"])
    return tuple(int(v) for v in value) if isinstance(value, Sequence) else (int(value), int(value))


def _preprocessor(folder: Path) -> Mapping | None:
    """The table of preprocessing in a folder."""
    for name in PREPROCESSING:
        if (folder / name).is_file():
            table = _table(folder / name)
            parts = [table[key] for key in PARTS if isinstance(table.get(key), Mapping)]
            if parts or name != PREPROCESSING[-1]:
                return parts[0] if parts else table
    return None


def _classes(id2label: Mapping | None, published: str | None) -> list[str]:
    """`id2label` in the order of the logits; in the spelling of the list `published` where that is the same list, and
    that list where the model names its classes LABEL_0, LABEL_1, ..."""
    known = list(labels(published).classes) if published else None
    if not id2label:
        return _required(known)
    own = [id2label[key] for key in sorted(id2label, key=int)]
    if all(name == f"LABEL_{index}" for index, name in enumerate(own)):
        return _required(known)
    return known if known and [_plain(name) for name in known] == [_plain(name) for name in own] else own


def _required(known: list[str] | None) -> list[str]:
    if known is None:
        raise WeightsError(f"{CONFIG} names no classes (id2label): write `labels:` or `classes:` in a card")
    return known


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _table(path: Path) -> dict:
    """A JSON file that is a table. Raises WeightsError."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(f"{path.parent} is no folder of a Hugging Face model: there is no {path.name}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from error
    if not isinstance(table, dict):
        raise WeightsError(f"{path} holds {type(table).__name__}; expected a table")
    return table
