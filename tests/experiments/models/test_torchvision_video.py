"""torchvision's video models: cards that need no torchvision, the line that mends a missing or broken one, and layers.

torchvision itself is not among the dependencies (its wheels fit one build of torch alone); a package of that name with
networks as small as a test needs stands for it here.
"""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
import yaml

from experiments.models import InputSpec, Options, describe, load, model_names
from experiments.models.check import check_model
from experiments.models.geometry import boxes, resize, resized_size
from experiments.models.torchvision_video import way_out
from synth.errors import UnknownName

CARDS = [name for name in model_names() if name.startswith("torchvision_")]
BROKEN = {
    "RuntimeError": (
        "raise RuntimeError('operator torchvision::nms does not exist')",
        "is broken here (operator torchvision::nms",
    ),
    "OSError": ("raise OSError('libcudart.so.13: cannot open shared object file')", "is broken here (libcudart.so.13"),
    "ImportError": ("raise ImportError('cannot import name Tensor')", "is broken here (cannot import"),
    "ModuleNotFoundError": ("raise ModuleNotFoundError('No module named torchvision')", "which is not installed"),
}


def test_six_cards_ship_and_are_described_without_torchvision():
    assert len(CARDS) == 6
    for name in CARDS:
        card = describe(name, Options(weights="random"))
        assert len(card.classes) == 400 and card.input.interpolation == "linear_float" and len(card.fingerprint) == 16
    assert "torchvision" not in sys.modules


def test_a_missing_or_broken_package_is_one_line_and_fails_no_check_of_all(tmp_path):
    """In a process of its own, with packages that fail as the real one does on another torch."""
    for kind, (raises, _) in BROKEN.items():
        (tmp_path / kind / "torchvision").mkdir(parents=True)
        (tmp_path / kind / "torchvision" / "__init__.py").write_text(raises)
    code = f"""if True:
        import sys
        from experiments.models import check
        for folder in {[str(tmp_path / kind) for kind in BROKEN]}:
            sys.path.insert(0, folder)
            check.model_names = lambda: ["torchvision_r3d_18"]
            print(check.main(["model=torchvision_r3d_18", "weights=random"]), check.main(["--all"]))
    """
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = ran.stdout.strip().splitlines()
    assert lines[2::3] == ["1 0"] * len(BROKEN)
    for first, second, (_, says) in zip(lines[::3], lines[1::3], BROKEN.values(), strict=True):
        assert first == second
        assert first.startswith("torchvision_r3d_18: not checked: this model needs torchvision, ") and says in first
        assert "pip install" in first and "torchvision==0." in first


def test_the_line_names_the_version_that_fits_this_build_of_torch():
    assert way_out("2.13.0") == way_out("2.13.0+cu130")
    assert way_out("2.13.0").endswith("pip install --force-reinstall --no-deps torchvision==0.28.0")
    assert way_out("2.14.1+cpu").endswith("pip install --force-reinstall torch==2.14.1 torchvision==0.29.1")
    assert way_out("3.0.0").endswith(" torchvision")


FAKE = """
    from torch import nn

    class Convolutional(nn.Module):
        def __init__(self, num_classes, width=4):
            super().__init__()
            self.stem = nn.Sequential(nn.Conv3d(3, width, 3, 2, 1), nn.BatchNorm3d(width), nn.ReLU(inplace=True))
            self.features = nn.Sequential(nn.Conv3d(width, width, 1), nn.ReLU(inplace=True))
            self.fc = nn.Linear(width, num_classes)

        def forward(self, x):
            return self.fc(self.features(self.stem(x)).mean((2, 3, 4)))

    class Attentive(nn.Module):
        def __init__(self, num_classes):
            super().__init__()
            self.conv_proj = nn.Conv3d(3, 4, (1, 8, 8), (1, 8, 8))
            self.features = nn.Sequential(nn.LayerNorm(4))
            self.blocks = nn.ModuleList([nn.Linear(4, 4)])
            self.avgpool = nn.AdaptiveAvgPool3d(1)
            self.head = nn.Linear(4, num_classes)

        def forward(self, x):
            x = self.features(self.conv_proj(x).permute(0, 2, 3, 4, 1))
            tokens = self.blocks[0](x.flatten(1, 3)).mean(1)
            return self.head(self.avgpool(x.permute(0, 4, 1, 2, 3)).flatten(1) + tokens)

    _known = {"small_conv": Convolutional, "small_swin": Attentive}

    def list_models(module):
        return list(_known)

    def get_model(name, weights, **arguments):
        return _known[name](**arguments)
"""


@pytest.fixture
def card(tmp_path, monkeypatch):
    """Writes a card of a small network; gives its path."""
    package = tmp_path / "site" / "torchvision"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "models" / "__init__.py").write_text(textwrap.dedent(FAKE))
    (package / "models" / "video.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in ("torchvision", "torchvision.models", "torchvision.models.video"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    def write(**architecture):
        table = {
            "family": "torchvision",
            "classes": ["a", "b", "c"],
            "architecture": architecture,
            "input": {"frames": 4, "height": 16, "width": 16, "resize": "short 20 floor", "crop": "centre_rounded"},
            "weights": "random",
        }
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(table))
        return str(tmp_path / "mine.yaml")

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]


def test_a_convolutional_network(card):
    adapter = load(card(model="small_conv", arguments={"width": 6}))
    check_model(adapter)
    assert adapter.layers() == ["stem", "features.0", "features.1", "fc"]
    assert adapter.memory_format is torch.channels_last_3d
    assert adapter.features(torch.zeros(1, *adapter.input.shape), "features.0").shape == (1, 6, 2, 8, 8)


def test_a_transformer_whose_channels_come_last(card):
    adapter = load(card(model="small_swin"))
    check_model(adapter)
    assert adapter.memory_format is torch.contiguous_format
    x = torch.rand(1, *adapter.input.shape) * 255
    shapes = {name: tuple(value.shape) for name, value in adapter.run(x, adapter.layers()).features.items()}
    assert shapes == {
        "conv_proj": (1, 4, 4, 2, 2),
        "features.0": (1, 4, 4, 2, 2),
        "blocks.0": (1, 4, 16),
        "avgpool": (1, 4, 1, 1, 1),
        "head": (1, 3),
    }
    tokens = adapter.run(x, ["features.0", "blocks.0"]).features
    own = adapter.net.blocks[0](tokens["features.0"].flatten(2).transpose(1, 2)).transpose(1, 2)
    assert torch.allclose(own, tokens["blocks.0"], atol=1e-6)


def test_a_model_that_is_none_is_answered_with_the_nearest(card):
    with pytest.raises(UnknownName, match="'small_conv'"):
        load(card(model="smal_conv"))
    with pytest.raises(UnknownName, match="'arguments'"):
        load(card(model="small_conv", argments={}))


@pytest.mark.parametrize(
    ("size", "resize", "resized", "corner"),
    [
        ((240, 320), "128x171", (128, 171), (8, 30)),  # (171 - 112) / 2 = 29.5, and 30 is even
        ((100, 133), "short 116 floor", (116, 154), (2, 21)),  # 154.28
        ((301, 200), "short 117 floor", (176, 117), (32, 2)),  # 176.08; (117 - 112) / 2 = 2.5, and 2 is even
    ],
)
def test_torchvisions_geometry_by_hand(size, resize, resized, corner):
    spec = InputSpec(height=112, width=112, resize=resize, crop="centre_rounded")
    assert resized_size(spec, *size) == resized
    (box,) = boxes(spec, *resized)
    assert (box.top, box.left, box.height, box.width) == (*corner, 112, 112)


def test_bilinear_in_floating_point_is_torchs_rounded():
    """What torchvision's resize does without antialiasing; OpenCV's own arithmetic is a level off here and there."""
    frames = np.random.default_rng(0).integers(0, 256, (2, 60, 81, 3), dtype=np.uint8)
    spec = InputSpec(height=43, width=57, interpolation="linear_float")
    own = torch.nn.functional.interpolate(
        torch.from_numpy(frames).permute(0, 3, 1, 2).float(), (43, 57), mode="bilinear", antialias=False
    )
    off = np.abs(resize(frames, spec).astype(int) - own.round().permute(0, 2, 3, 1).numpy())
    assert off.max() <= 1 and (off > 0).mean() < 1e-3  # halves, which the last bit decides
    assert resize(frames.astype(np.float32), spec).dtype == np.float32
