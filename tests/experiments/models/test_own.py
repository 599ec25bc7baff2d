"""A network of one's own: what the card names is run, the scores follow its code, and every mistake is named."""

import json
import sys
import textwrap

import pytest
import torch
import yaml

from experiments.models import Options, WeightsError, describe, load
from experiments.models.check import check_model, main
from experiments.models.errors import LayerError
from experiments.models.own_code import OwnModelError, spot
from experiments.models.r2plus1d import save
from synth.errors import CeterisError, UnknownName

CODE = """
    import torch
    from torch import nn

    import widths

    class Net(nn.Module):
        def __init__(self, classes=2, bias=0.0):
            super().__init__()
            self.convs = nn.ModuleList([nn.Conv3d(3, widths.FIRST, 3, padding=1), nn.Conv3d(widths.FIRST, 3, 1)])
            self.head = nn.Linear(3, classes)
            self.unused = nn.Linear(1, 1)
            self.bias = bias

        def forward(self, x):
            for conv in self.convs:
                x = torch.relu(conv(x))
            return self.head(x.mean((2, 3, 4))) + self.bias

    class FramesFirst(Net):
        def forward(self, x):
            assert x.shape[1:3] == (4, 3)
            return super().forward(x.transpose(1, 2)), {"frames": x}

    class Table(Net):
        def forward(self, x):
            return {"scores": super().forward(x)}

    class Answer:
        def __init__(self, logits):
            self.logits = logits

    class Wrapped(Net):
        def forward(self, x):
            return Answer(super().forward(x))

    def no_module():
        return 3
"""


@pytest.fixture
def card(tmp_path):
    """Writes the code and a card; gives the card's path."""
    (tmp_path / "net.py").write_text(textwrap.dedent(CODE))
    (tmp_path / "widths.py").write_text("FIRST = 4\n")

    def write(weights="random", classes=("a", "b"), **architecture):
        table = {
            "family": "own",
            "classes": list(classes),
            "architecture": {"module": "net.py:Net", "layers": ["convs.0", "head"], **architecture},
            "input": {"frames": 4, "height": 16, "width": 16},
            "weights": weights,
        }
        path = tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump(table))
        return str(path)

    return write


def test_the_contract_holds_for_a_file_beside_the_card(card, capsys):
    assert main([f"model={card()}"]) == 0
    assert "mine.yaml (random weights)" in capsys.readouterr().out


def test_weights_are_loaded_strictly_and_the_logits_are_the_networks_own(card, tmp_path):
    untrained = load(card(arguments={"bias": 2.0}), Options(seed=5))
    state = untrained.net.state_dict()
    torch.save({"state_dict": {f"module.{key}": value for key, value in state.items()}}, tmp_path / "w.pth")
    adapter = load(card(weights="w.pth", arguments={"bias": 2.0}))
    x = torch.randint(0, 256, (2, 1, 3, 4, 16, 16), dtype=torch.uint8)
    plain = (x[:, 0].float() / 255 - 0.45) / 0.25
    assert torch.allclose(adapter.logits(x), untrained.net(plain), atol=1e-6)
    torch.save({**state, "head.weight": torch.zeros(3, 3)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"head\.weight is \(3, 3\), expected \(2, 3\)"):
        load(card(weights="w.pth"))


def test_a_package_is_named_by_its_dotted_path(card, tmp_path, monkeypatch):
    package = tmp_path / "somebodys"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "nets.py").write_text((tmp_path / "net.py").read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    assert spot({"module": "somebodys.nets:Net"}, tmp_path) == ("somebodys.nets", "Net")
    adapter = load(card(module="somebodys.nets:Net"))
    assert type(adapter.net) is sys.modules["somebodys.nets"].Net
    before = describe(adapter.card.origin.as_posix()).fingerprint
    (package / "nets.py").write_text((package / "nets.py").read_text() + "# changed\n")
    assert describe(adapter.card.origin.as_posix()).fingerprint != before


@pytest.mark.parametrize("kind", ["FramesFirst", "Wrapped"])
def test_layouts_and_outputs_that_are_no_tensor(card, kind):
    layout = "NTCHW" if kind == "FramesFirst" else "NCTHW"
    check_model(load(card(module=f"net.py:{kind}", layout=layout)))


def test_the_fingerprint_follows_the_code(card, tmp_path):
    path = card(code=["widths.py"])
    prints = [describe(path).fingerprint]
    for file in ("net.py", "widths.py"):
        (tmp_path / file).write_text((tmp_path / file).read_text() + "# changed\n")
        prints.append(describe(path).fingerprint)
    assert len(set(prints)) == 3 and describe(path).fingerprint == prints[-1]


def test_a_folder_that_it_is_brought_to_stands_alone(card, tmp_path):
    """What training writes: weights and a card beside the code."""
    adapter = load(card(code=["widths.py"]))
    folder = tmp_path / "elsewhere" / "trained"
    architecture = adapter.bring(folder)
    assert architecture["module"] == "net.py:Net" and architecture["code"] == ["widths.py"]
    facts = {"family": "own", "classes": ["a", "b"], "architecture": architecture, "input": vars(adapter.input)}
    (folder / "card.json").write_text(json.dumps(facts))
    save(adapter.net, folder / "weights.safetensors")
    (tmp_path / "net.py").unlink()
    x = torch.rand(1, *adapter.input.shape) * 255
    assert torch.equal(load(str(folder)).logits(x), adapter.logits(x))


def test_by_default_all_children_are_layers_and_one_that_does_not_run_is_named(card):
    adapter = load(card(layers=None))
    assert adapter.layers() == ["convs.0", "convs.1", "head", "unused"]
    x = torch.zeros(1, *adapter.input.shape)
    assert adapter.features(x, "convs.1").shape == (1, 3, 4, 16, 16)
    with pytest.raises(LayerError, match=r"'unused'.*does not run"):
        adapter.features(x, "unused")


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"module": "nett.py:Net"}, OwnModelError, r"net\.py, widths\.py"),
        ({"module": "net.py:Nett"}, UnknownName, "'Net'"),
        ({"module": "net.py"}, OwnModelError, "expected architecture: {module: net.py:Net}"),
        ({"module": "no.such.package:Net"}, OwnModelError, "PYTHONPATH"),
        ({"module": "net.py:no_module"}, OwnModelError, "gives int; expected a torch.nn.Module"),
        ({"arguments": {"clases": 3}}, OwnModelError, "clases"),
        ({"arguments": {"classes": 3}}, OwnModelError, r"gave \(2, 3\).*expected \(2, 2\)"),
        ({"module": "net.py:Table"}, OwnModelError, "gave dict"),
        ({"layers": ["heda"]}, UnknownName, "'head'"),
        ({"layout": "NTHWC"}, UnknownName, "'NTCHW'"),
        ({"argments": {}}, UnknownName, "'arguments'"),
        ({"code": "widths.py"}, OwnModelError, "a list of files"),
        ({"code": ["width.py"]}, OwnModelError, r"names width\.py"),
    ],
)
def test_every_mistake_of_a_card_is_named(card, changes, error, named):
    with pytest.raises(error, match=named):
        check_model(load(card(**changes)))


@pytest.mark.parametrize("text", ["import no_such_package", "class Net(:", "Net = undefined"])
def test_code_that_cannot_be_run_is_named(card, tmp_path, text):
    (tmp_path / "net.py").write_text(text)
    with pytest.raises(CeterisError, match=r"net\.py cannot be imported"):
        load(card())
