"""What a model is shown, as data: which frames of a clip, at which size, cut how, scaled how.

A study shows all its models the same clips; each picks frames from them and resizes, crops and normalises as its
authors did. That is declared here, field by field, so that the report can print it and a test can hold it against a
frame-by-frame oracle: preprocessing must not become a confounder. Nothing here imports a deep-learning library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth.errors import CeterisError, find


class InputError(CeterisError):
    """Frames, a batch or a declared input that a model cannot take: what was got and what was expected."""


class ClipTooShort(InputError):
    """A clip with fewer frames than a model needs at its own frame rate."""


# modality -> (passes of a clip that it is made of, channels of the RGB part, channels of one field of flow)
MODALITIES = {
    "rgb": (("frames",), 3, 0),
    "flow": (("flow",), 0, 2),
    "rgb+flow": (("frames", "flow"), 3, 2),
    "skeleton": (("joints",), 0, 0),
}
SAMPLINGS = {
    "stride": "the first frame, then every 1/fps seconds",
    "centre": "every 1/fps seconds, centred in the clip",
    "uniform": "spread over the clip, frame ceil(i L / n); the last is repeated where the clip is shorter",
    "segments": "the middle of each of n equal segments",
    "padded": "all of the clip, brought to fps, zeros after its end",
}
# A clip that is long enough for sampling "padded": the shorter of NTU RGB+D's recordings.
PADDED_LEAST_S = 2.5
CROPS = {"none": 1, "centre": 1, "centre_rounded": 1, "three": 3, "ten": 10}
INTERPOLATIONS = ("area", "linear", "linear_float", "cubic", "pil_bilinear", "pil_bicubic")
AVERAGES = ("logit", "prob")
FLOW_SOURCES, FLOW_LEVELS = ("given", "tvl1", "dis"), ("unit", "bytes", "mmaction")
SKELETON = 2 * 25 * 3  # two actors x NTU RGB+D's joints x (x, y, z)
_SHORT, _SIZE = re.compile(r"short (\d+)( floor)?\Z"), re.compile(r"(\d+)x(\d+)\Z")


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """What one model is shown of a clip.

    modality: rgb, flow, rgb+flow or skeleton. frames: T of one view. fps: what the model saw in training (None for
    sampling uniform and segments, which follow the clip's length). sampling: see SAMPLINGS. clips: how many views in
    time (sampling centre only); each starts in the middle of one of as many equal parts of all starts. height, width:
    of one view. resize: "stretch" (to height x width, aspect ratio not kept), "short N" (short side to N, aspect ratio
    kept; "short N floor" where the long side is rounded down, as Hugging Face and torchvision do), "HxW" (stretched to
    that), "none".
    interpolation: area (when shrinking, else linear), linear, cubic (OpenCV, no antialiasing), linear_float (the
    same in floating point, rounded to the nearest level, as torchvision), pil_bilinear and pil_bicubic (Pillow,
    antialiased). crop: see CROPS; the odd pixel of a centre crop is to the right and below, of
    centre_rounded where rounding halves to even puts it (torchvision). scale, mean, std, per channel in the order of
    `channels`: pixel v in 0..255 becomes (v / scale - mean) / std. channels: RGB or BGR. average: over views, of logits
    or of probabilities. flow_stack: fields of flow that go with each frame, centred on it (two-stream networks); 1
    elsewhere. flow_from: the clip's own ("given") or estimated from its frames. flow_fps: the rate it was trained at.
    flow_bound, flow_levels: flow is clipped to +-bound pixels and divided by it, or made bytes (see flow.py).
    """

    modality: str = "rgb"
    frames: int = 8
    fps: float | None = 6.25
    sampling: str = "stride"
    clips: int = 1
    height: int = 112
    width: int = 112
    resize: str = "stretch"
    interpolation: str = "area"
    crop: str = "none"
    scale: float = 255.0
    mean: tuple[float, ...] = (0.45, 0.45, 0.45)
    std: tuple[float, ...] = (0.25, 0.25, 0.25)
    channels: str = "RGB"
    average: str = "logit"
    flow_bound: float = 20.0
    flow_stack: int = 1
    flow_from: str = "given"
    flow_fps: float = 25.0
    flow_levels: str = "unit"

    def __post_init__(self):
        for name in ("mean", "std"):
            object.__setattr__(self, name, tuple(float(v) for v in getattr(self, name)))
        find("modality", self.modality, MODALITIES)
        find("sampling", self.sampling, SAMPLINGS)
        find("crop", self.crop, CROPS)
        find("interpolation", self.interpolation, dict.fromkeys(INTERPOLATIONS))
        find("average", self.average, dict.fromkeys(AVERAGES))
        find("source of flow", self.flow_from, dict.fromkeys(FLOW_SOURCES))
        find("levels of flow", self.flow_levels, dict.fromkeys(FLOW_LEVELS))
        find("order of channels", self.channels, dict.fromkeys(("RGB", "BGR")))
        for name in ("frames", "clips", "height", "width", "flow_stack"):
            self._refuse(name, getattr(self, name) >= 1, "at least 1")
        self._refuse("fps", self.fps is None or self.fps > 0, "a rate, or null for uniform and segments")
        self._refuse(
            "fps", self.fps is not None or self.sampling in ("uniform", "segments"), "a rate for this sampling"
        )
        self._refuse("flow_fps", self.flow_fps > 0, "a rate")
        self._refuse("clips", self.clips == 1 or self.sampling == "centre", "1 unless sampling is centre")
        self._refuse("std", self.scale > 0 and all(v > 0 for v in self.std), "scale and std above 0")
        self._refuse("mean", len(self.mean) == len(self.std) == 3, "three numbers, as std")
        self._refuse(
            "resize",
            bool(self._side() or self.resize in ("stretch", "none")),
            "stretch, none, short N, short N floor or HxW",
        )

    def _refuse(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            raise InputError(f"input.{name} = {getattr(self, name)!r}; expected {expected}")

    def _side(self) -> tuple[int, int] | None:
        """(height, width) that "short N" or "HxW" name; a square for the former."""
        if match := _SHORT.match(self.resize):
            return int(match[1]), int(match[1])
        match = _SIZE.match(self.resize)
        return (int(match[1]), int(match[2])) if match else None

    @property
    def passes(self) -> tuple[str, ...]:
        """The passes of a clip that the model is made of; flow that is estimated is made of frames."""
        passes = MODALITIES[self.modality][0]
        return passes if self.flow_from == "given" or "flow" not in passes else ("frames",)

    @property
    def rate(self) -> float | None:
        """The frame rate of a clip that shows the model all it wants; flow is of neighbours at its own rate."""
        return self.flow_fps if "flow" in self.modality else self.fps

    @property
    def views(self) -> int:
        """How many views of one clip are scored and averaged: clips in time x crops."""
        return self.clips * CROPS[self.crop]

    @property
    def depth(self) -> int:
        """Channels of one view: those of RGB, then those of flow (u, v of every field in turn)."""
        _, rgb, flow = MODALITIES[self.modality]
        return rgb + flow * self.flow_stack

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one clip's model input: (views, channels, frames, height, width); of skeletons (views, frames, 150)."""
        if self.modality == "skeleton":
            return self.views, self.frames, SKELETON
        return self.views, self.depth, self.frames, self.height, self.width

    @property
    def source(self) -> tuple[int, int]:
        """(height, width) of a square clip that need not be resampled."""
        return self._side() or (self.height, self.width)

    def needs(self, fps: float) -> int:
        """The fewest frames of a clip at `fps` that show the model all it wants."""
        if self.sampling == "padded":
            return int(np.ceil(PADDED_LEAST_S * fps))
        around = int(np.rint(self.flow_stack * fps / self.flow_fps)) if self.flow_stack > 1 else 0
        if self.fps is None:
            return self.frames + around
        return int(np.rint((self.frames - 1) * fps / self.fps)) + 1 + around

    def indices(self, num_frames: int, fps: float, *, loop: bool = False) -> np.ndarray:
        """(clips, frames) which frames of a clip of `num_frames` at `fps` the model is shown; the frames of a loop
        begin again after the last. Raises ClipTooShort."""
        if self.sampling == "uniform":
            at = np.ceil(np.arange(self.frames) * num_frames / self.frames).astype(int)
            if num_frames < self.frames:  # a short clip shows every frame once, then its last
                at = np.arange(self.frames)
            return np.minimum(at, num_frames - 1)[None]
        if self.sampling == "segments":
            tick = num_frames / self.frames  # summed as in mmaction: tick * (k + 0.5) is rounded otherwise
            return (tick * np.arange(self.frames) + tick / 2).astype(int)[None]
        if self.sampling == "padded":
            return np.arange(num_frames)[None]
        return self._paced(num_frames, fps, loop)

    def _paced(self, num_frames: int, fps: float, loop: bool) -> np.ndarray:
        """Frames 1 / self.fps apart, from the first on or centred; see `indices`."""
        picks = np.rint(np.arange(self.frames) * fps / self.fps).astype(int)
        if len(set(picks)) < self.frames or (picks[-1] >= num_frames and not loop):
            raise ClipTooShort(
                f"a clip of {num_frames} frames at {fps:g} per second is too short or too coarse: the model needs "
                f"{self.frames} frames at {self.fps:g} per second. Render at least {picks[-1] + 1} frames at "
                f"{max(fps, self.fps):g} per second (num_frames, fps of the study)."
            )
        if self.sampling == "stride":
            return (picks % num_frames)[None]
        starts = self._starts(num_frames if loop else num_frames - picks[-1], loop)
        return (starts[:, None] + picks) % num_frames

    def _starts(self, count: int, loop: bool) -> np.ndarray:
        """(clips,) where the views begin, of `count` frames where one can; mmaction v0's rule for several."""
        if self.clips == 1:
            return np.array([0 if loop else (count - 1) // 2])
        tick = count / self.clips
        return (tick * np.arange(self.clips) + tick / 2).astype(int)

    def words(self) -> str:
        """The whole of it in one sentence, for a report."""
        pace = "" if self.fps is None else f" at {self.fps:g} per second"
        views = "" if self.views == 1 else f"; {self.views} views, mean of {self.average}s"
        if self.modality == "skeleton":
            return f"skeletons, {self.frames} frames{pace} ({SAMPLINGS[self.sampling]}){views}"
        cut = "" if self.crop == "none" else f", {self.crop} crop"
        levels = f"(v / {self.scale:g} - {_list(self.mean)}) / {_list(self.std)}, {self.channels}"
        flow = f"; {self._flow_words()}" if self.depth != 3 else ""
        colour = f"; {levels}" if "rgb" in self.modality else ""
        return (
            f"{self.modality}: {self.frames} frames{pace} ({SAMPLINGS[self.sampling]}); resize {self.resize} "
            f"({self.interpolation}){cut} to {self.height} x {self.width}{colour}{flow}{views}"
        )

    def _flow_words(self) -> str:
        """Of the flow."""
        return (
            f"flow {self.flow_from}, per 1/{self.flow_fps:g} s, within +-{self.flow_bound:g} px as {self.flow_levels}, "
            f"fields a frame: {self.flow_stack}"
        )


def common_rate(specs: Sequence[InputSpec], full: float = 25.0) -> float:
    """Frames per second that serve all models: the one rate they share, if every one is paced alike, else `full`."""
    rates = {spec.rate for spec in specs}
    rate = next(iter(rates)) if len(rates) == 1 else None
    return full if rate is None or rate > full else rate


def common_size(specs: Sequence[InputSpec]) -> tuple[int, int]:
    """(height, width) of clips that no model must enlarge."""
    return tuple(max(spec.source[axis] for spec in specs) for axis in (0, 1))


def common_length(specs: Sequence[InputSpec], fps: float) -> int:
    """Frames of clips at `fps` that are long enough for every model."""
    return max(spec.needs(fps) for spec in specs)


def _list(values: tuple[float, ...]) -> str:
    same = len(set(values)) == 1
    return f"{values[0]:g}" if same else "[" + ", ".join(f"{v:g}" for v in values) + "]"
