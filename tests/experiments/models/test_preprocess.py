"""What a model is shown, against a slow oracle that makes every frame and every pixel on its own."""

import numpy as np
import pytest
import torch
from PIL import Image

from experiments.models.example import example
from experiments.models.footage import Footage
from experiments.models.geometry import boxes, resized_size, share_in_view
from experiments.models.input import InputError, InputSpec
from experiments.models.preprocess import collate, normalise, pictures

SPECS = {
    "as it is": InputSpec(frames=3, fps=25.0, height=24, width=24),
    "stretched": InputSpec(frames=3, fps=12.5, height=16, width=20, interpolation="linear"),
    "I3D": InputSpec(
        frames=4,
        fps=25.0,
        sampling="centre",
        height=16,
        width=16,
        resize="short 18",
        interpolation="linear",
        crop="centre",
        scale=127.5,
        mean=(1, 1, 1),
        std=(1, 1, 1),
    ),
    "TSN": InputSpec(
        frames=3,
        fps=None,
        sampling="segments",
        height=16,
        width=16,
        resize="short 20",
        interpolation="linear",
        crop="ten",
        scale=1.0,
        mean=(104, 117, 128),
        std=(1, 1, 1),
        channels="BGR",
    ),
    "Hugging Face": InputSpec(
        frames=2,
        fps=6.25,
        sampling="centre",
        height=16,
        width=16,
        resize="short 16",
        interpolation="pil_bilinear",
        crop="centre",
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    ),
    "three crops, two clips": InputSpec(
        frames=2,
        fps=25.0,
        sampling="centre",
        clips=2,
        height=16,
        width=16,
        resize="16x28",
        interpolation="linear",
        crop="three",
    ),
}
TEN = [(0, 0), (0, 4), (4, 0), (4, 4), (2, 2)]  # quarters


def clip(count=12, height=24, width=24, seed=0):
    spec = InputSpec(frames=count, fps=25.0, height=height, width=width)
    return Footage(frames=example(spec, seed).frames, fps=25.0)


def oracle(footage, spec):
    """(views, 3, T, H, W) float64, normalised; frame by frame, with Pillow or torch instead of OpenCV."""
    out = []
    for row in spec.indices(len(footage.frames), footage.fps):
        pictures = [_resized(footage.frames[int(i)], spec) for i in row]
        for top, left, mirrored in _corners(spec, *pictures[0].shape[:2]):
            view = []
            for picture in pictures:
                part = picture[top : top + spec.height, left : left + spec.width]
                part = np.fliplr(part) if mirrored else part
                colours = [0, 1, 2] if spec.channels == "RGB" else [2, 1, 0]
                planes = [(part[..., c] / spec.scale - spec.mean[k]) / spec.std[k] for k, c in enumerate(colours)]
                view.append(np.stack(planes))
            out.append(np.stack(view, axis=1))
    return np.stack(out)


def _resized(picture, spec):
    height, width = picture.shape[:2]
    if spec.resize == "stretch":
        size = (spec.height, spec.width)
    elif spec.resize.startswith("short"):
        factor = int(spec.resize.split()[1]) / min(height, width)
        size = (round(height * factor), round(width * factor))
    else:
        size = tuple(map(int, spec.resize.split("x")))
    if size == (height, width):
        return picture.astype(float)
    if spec.interpolation == "pil_bilinear":
        return np.asarray(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BILINEAR), float)
    tensor = torch.from_numpy(picture.astype(np.float64)).permute(2, 0, 1)[None]
    return torch.nn.functional.interpolate(tensor, size, mode="bilinear")[0].permute(1, 2, 0).numpy()


def _corners(spec, height, width):
    free = height - spec.height, width - spec.width
    if spec.crop == "ten":
        return [(y * (free[0] // 4), x * (free[1] // 4), flip) for y, x in TEN for flip in (False, True)]
    if spec.crop == "three":
        return [(s * (free[0] // 2), s * (free[1] // 2), False) for s in (0, 1, 2)]
    return [(free[0] // 2, free[1] // 2, False)]


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("size", [(24, 24), (24, 36), (40, 30)])
def test_every_pixel_is_the_oracles(name, size):
    spec = SPECS[name]
    if name == "as it is" and size != (24, 24):
        spec = InputSpec(**{**vars(spec), "interpolation": "linear"})
    footage = clip(height=size[0], width=size[1])
    got = normalise(pictures(footage, spec), spec).numpy()
    assert got.shape == spec.shape
    one_level = 1.01 / spec.scale / min(spec.std)  # bilinear pictures are rounded to whole levels
    assert np.abs(got - oracle(footage, spec)).max() <= one_level


def test_pictures_of_the_models_size_are_the_decoders_bytes():
    footage = clip(3)
    spec = SPECS["as it is"]
    shown = pictures(footage, spec)
    assert shown.dtype == torch.uint8 and shown.data_ptr() == footage.frames.ctypes.data
    batch = collate([shown, shown])
    assert batch.shape == (2, *spec.shape)
    assert batch.flatten(0, 1).is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(batch[1], shown)


def test_normalising_keeps_gradients():
    spec = SPECS["TSN"]
    pixels = torch.full((1, 3, 2, 4, 4), 7.0, requires_grad=True)
    normalise(pixels, spec).sum().backward()
    assert torch.allclose(pixels.grad, torch.ones(()))


def test_short_side_keeps_the_aspect_ratio():
    spec = InputSpec(resize="short 256", crop="centre", height=224, width=224)
    assert resized_size(spec, 240, 320) == (256, 341)
    assert resized_size(spec, 320, 240) == (341, 256)


def test_crops_are_whole_steps_as_in_mmaction():
    """UCF101: 320 x 240 becomes 341 x 256, whose 117 spare columns are four steps of 29."""
    ten = boxes(InputSpec(crop="ten", resize="short 256", height=224, width=224), 256, 341)
    assert [(box.top, box.left) for box in ten[::2]] == [(0, 0), (0, 116), (32, 0), (32, 116), (16, 58)]
    assert [box.mirrored for box in ten] == [False, True] * 5
    three = boxes(InputSpec(crop="three", resize="short 256", height=256, width=256), 256, 341)
    assert [(box.top, box.left) for box in three] == [(0, 0), (0, 42), (0, 84)]


def test_a_picture_smaller_than_the_crop_is_refused():
    with pytest.raises(InputError, match="smaller than the crop"):
        boxes(InputSpec(crop="centre", resize="none"), 100, 200)
    with pytest.raises(InputError, match="declare a crop"):
        boxes(InputSpec(crop="none", resize="none"), 120, 200)


@pytest.mark.parametrize("pass_name", ["frames", "flow", "joints"])
def test_a_pass_that_is_missing_or_of_a_foreign_type_is_refused(pass_name):
    modality = {"frames": "rgb", "flow": "flow", "joints": "skeleton"}[pass_name]
    spec = InputSpec(modality=modality)
    with pytest.raises(InputError, match=pass_name):
        Footage().require("toy", spec)
    with pytest.raises(InputError, match="int64"):
        Footage(**{pass_name: np.zeros((2, 4, 4, 3), np.int64)}).require("toy", spec)


def test_the_persons_share_is_that_of_the_crop():
    mask = np.zeros((2, 104, 104), np.uint8)
    mask[:, 26:78, 26:78] = 1
    whole = InputSpec(height=52, width=52)
    inner = InputSpec(height=52, width=52, resize="none", crop="centre")
    corners = InputSpec(height=52, width=52, resize="none", crop="ten")
    assert share_in_view(mask, whole) == 0.25
    assert share_in_view(mask, inner) == 1.0
    assert share_in_view(mask, corners) == pytest.approx((4 * 0.25 + 1) / 5)
