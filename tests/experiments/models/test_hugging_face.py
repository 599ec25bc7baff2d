"""Models of Hugging Face: the library's own preprocessing and logits, from small networks saved to a folder."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn

from experiments.models import Footage, Options, WeightsError, describe, load
from experiments.models.card import MODEL_DIR
from experiments.models.check import check_model, main
from experiments.models.errors import MissingPackage
from experiments.models.hugging_face_card import complete, preprocessing
from experiments.models.input import InputError
from synth.errors import CeterisError, UnknownName

NAMES = {0: "push up", 1: "squat", 2: "walking the dog"}
SIDE, FRAMES = 32, 4
SHAPE = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
COMMON = {"image_size": SIDE, "num_frames": FRAMES, "intermediate_size": 64, **SHAPE}
MODELS = {
    "videomae": ("VideoMAE", {**COMMON, "patch_size": 16}),
    "timesformer": ("Timesformer", {**COMMON, "patch_size": 16}),
    "vivit": ("Vivit", {**COMMON, "tubelet_size": [2, 16, 16]}),
    "vjepa2": (
        "VJEPA2",
        {
            **SHAPE,
            "crop_size": SIDE,
            "frames_per_clip": FRAMES,
            "patch_size": 16,
            "num_pooler_layers": 1,
            "pred_hidden_size": 24,
            "pred_num_attention_heads": 2,
            "pred_num_hidden_layers": 1,
        },
    ),
}
LEVELS = {"image_mean": [0.48, 0.45, 0.4], "image_std": [0.22, 0.23, 0.24]}
PROCESSORS = {
    "videomae": transformers.VideoMAEImageProcessor(
        size={"shortest_edge": 37}, crop_size={"height": 32, "width": 32}, **LEVELS
    ),
    "timesformer": transformers.VideoMAEImageProcessor(
        size={"height": 40, "width": 36}, crop_size={"height": 32, "width": 32}, resample=3, **LEVELS
    ),
    "vivit": transformers.VivitImageProcessor(size={"shortest_edge": 40}, crop_size={"height": 32, "width": 32}),
    "vjepa2": {"video_processor_type": "VJEPA2VideoProcessor", "crop_size": SIDE, "resample": 2, **LEVELS},
}


def saved(kind, folder, *, names=NAMES):
    """A small network of this kind with weights of its own, in a folder as the hub has them."""
    library, fields = MODELS[kind]
    torch.manual_seed(1)
    config = getattr(transformers, f"{library}Config")(
        **fields, id2label=names, label2id={v: k for k, v in names.items()}
    )
    net = getattr(transformers, f"{library}ForVideoClassification")(config).eval()
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.2)
    net.save_pretrained(folder)
    processor = PROCESSORS[kind]
    if isinstance(processor, dict):
        (folder / "video_preprocessor_config.json").write_text(json.dumps(processor))
    else:
        processor.save_pretrained(folder)
    return net


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """Kind -> (folder, the library's network)."""
    root = tmp_path_factory.mktemp("hub")
    return {kind: (root / kind, saved(kind, root / kind)) for kind in MODELS}


@pytest.fixture
def videomae(tmp_path):
    """A folder of one's own to spoil."""
    saved("videomae", tmp_path / "videomae")
    return tmp_path / "videomae"


def clip(height=45, width=70, frames=40, seed=0):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (frames, height // 5, width // 5, 3), dtype=np.uint8)
    return Footage(frames=coarse.repeat(5, 1).repeat(5, 2), fps=25.0)


@pytest.mark.parametrize("kind", MODELS)
def test_the_contract_holds(zoo, kind):
    assert "gradients" in check_model(load(str(zoo[kind][0])))


@pytest.mark.parametrize("kind", ["videomae", "timesformer", "vivit"])
@pytest.mark.parametrize("size", [(45, 70), (80, 35), (60, 60)])
def test_preprocessing_is_the_librarys_own_frame_by_frame(zoo, kind, size):
    adapter, footage = load(str(zoo[kind][0])), clip(*size)
    shown = adapter.normalise(adapter.prepare(footage))[0].transpose(0, 1)
    for index, frame in zip(adapter.input.indices(40, 25.0)[0], shown, strict=True):
        own = PROCESSORS[kind]([footage.frames[index]], return_tensors="pt")["pixel_values"][0, 0]
        assert torch.allclose(frame, own, atol=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_logits_and_hidden_states_are_the_librarys_own(zoo, kind):
    folder, net = zoo[kind]
    adapter = load(str(folder))
    pixels = torch.stack([adapter.prepare(clip(seed=seed)) for seed in (0, 1)])
    given = {net.main_input_name: adapter.normalise(pixels)[:, 0].transpose(1, 2)}
    with torch.no_grad():
        own = net(**given, output_hidden_states=True)
        got = adapter.run(pixels, adapter.layers())
    assert torch.allclose(got.logits, own.logits, atol=1e-5)
    assert adapter.layers() == ["embeddings", "layer1", "layer2", "layer3", "pooled"]
    assert torch.allclose(net.classifier(got.features["pooled"]), own.logits, atol=1e-5)
    for layer, tokens in zip(adapter.layers()[:3], own.hidden_states, strict=False):
        grid = got.features[layer]
        times = FRAMES if kind == "timesformer" else FRAMES // 2
        assert grid.shape == (2, 32, times, 2, 2)
        flat = grid.permute(0, 3, 4, 2, 1) if kind == "timesformer" else grid.permute(0, 2, 3, 4, 1)
        places = times * 4
        assert torch.allclose(flat.reshape(2, places, 32), tokens[:, -places:], atol=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_a_tokens_place_is_where_it_looks(zoo, kind):
    """A change of the last frames' lower left moves the embedding there and nowhere else."""
    adapter = load(str(zoo[kind][0]))
    one = adapter.prepare(clip())[None].clone()
    other = one.clone()
    other[:, :, :, -2:, 16:, :16] = 255 - other[:, :, :, -2:, 16:, :16]
    moved = (adapter.features(one, "embeddings") - adapter.features(other, "embeddings")).abs().amax(1)[0] > 1e-4
    where = torch.zeros_like(moved)
    where[-2 if kind == "timesformer" else -1 :, 1, 0] = True
    assert torch.equal(moved, where)


def test_classes_and_frames_are_the_files(zoo):
    card = describe(str(zoo["videomae"][0]))
    assert card.name == "videomae" and card.classes == tuple(NAMES.values()) and card.input.frames == FRAMES
    assert card.input.fps == 7.5 and "every 4th" in card.facts["frames_picked"]
    assert describe(str(zoo["vjepa2"][0])).input.resize == f"short {int(SIDE * 256 / 224)} floor"
    assert preprocessing({"image_mean": 0.5, "image_std": 0.5, "size": 256, "crop_size": 224}, {})["mean"] == [0.5] * 3
    raw = preprocessing(
        {"do_rescale": False, "do_normalize": False, "do_resize": False, "do_center_crop": False}, {"image_size": 9}
    )
    assert raw == {
        "resize": "none", "height": 9, "width": 9, "crop": "none", "interpolation": "pil_bilinear",
        "scale": 1.0, "mean": [0.0] * 3, "std": [1.0] * 3,
    }  # fmt: skip


def test_describing_needs_neither_torch_nor_transformers(zoo):
    code = """if True:
        import sys
        from experiments.models import describe
        describe(sys.argv[1]).fingerprint
        print("torch" in sys.modules, "transformers" in sys.modules)
    """
    ran = subprocess.run([sys.executable, "-c", code, str(zoo["vivit"][0])], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False False"


def test_a_card_goes_before_the_files(zoo, tmp_path):
    folder = zoo["videomae"][0]
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"family: hugging_face\nweights: {folder}\nclasses: [a, b, c]\ninput: {{sampling: uniform, mean: [0, 0, 0]}}\n"
    )
    card = describe(str(path))
    assert card.classes == ("a", "b", "c") and card.input.sampling == "uniform" and card.input.mean == (0.0, 0.0, 0.0)
    assert card.input.std == (0.22, 0.23, 0.24) and "frames_picked" not in card.facts
    assert load(str(path)).logits(torch.zeros(1, *card.input.shape)).shape == (1, 3)


def test_untrained_it_has_the_shape_of_its_files_and_the_seeds_weights(zoo):
    one, same, other = (load(str(zoo["vivit"][0]), Options(weights="random", seed=seed)) for seed in (0, 0, 1))
    key = "vivit.layers.0.attention.q_proj.weight"
    assert torch.equal(one.net.get_parameter(key), same.net.get_parameter(key))
    assert not torch.equal(one.net.get_parameter(key), other.net.get_parameter(key))
    assert one.card.random and one.classes == list(NAMES.values())


def test_weights_of_a_trainer_are_a_file_beside_the_config(zoo, tmp_path):
    """What training writes: the network's own names in one file; config and input are in the card."""
    adapter = load(str(zoo["videomae"][0]))
    save_file({k: v.contiguous() for k, v in adapter.net.state_dict().items()}, tmp_path / "weights.safetensors")
    facts = {
        "family": "hugging_face",
        "classes": adapter.classes,
        "architecture": adapter.card.architecture,
        "input": vars(adapter.input),
    }
    (tmp_path / "card.json").write_text(json.dumps(facts))
    x = adapter.prepare(clip())[None]
    assert torch.equal(load(str(tmp_path)).logits(x), adapter.logits(x))


def test_the_fingerprint_follows_every_file_but_hidden_ones(videomae):
    before = describe(str(videomae)).fingerprint
    (videomae / ".cache").mkdir()
    (videomae / ".cache" / "stamp").write_text("1")
    assert describe(str(videomae)).fingerprint == before
    (videomae / "added_tokens.json").write_text("{}")
    assert describe(str(videomae)).fingerprint != before


def change(file, **fields):
    table = json.loads(file.read_text())
    for key, value in fields.items():
        table.pop(key, None)
        table |= {} if value is None else {key: value}
    file.write_text(json.dumps(table))


@pytest.mark.parametrize(
    ("file", "fields", "named"),
    [
        ("preprocessor_config.json", {"image_mean": None}, "write mean, std under `input:`"),
        ("preprocessor_config.json", {"resample": 1}, "resample = 1"),
        ("preprocessor_config.json", {"size": {"shortest_edge": 40, "longest_edge": 80}}, "longest_edge"),
        ("config.json", {"model_type": None}, "no model_type"),
        ("config.json", {"model_type": "bert"}, "no config.json|frames"),
        ("config.json", {"num_frames": None}, "names no number of frames"),
        ("config.json", {"id2label": None}, r"names no classes.*write `labels:`"),
        ("config.json", {"image_size": 64}, "made for 64"),
        ("config.json", {"id2label": {"0": "a", "1": "b"}}, r"classifier\.bias.*expected \(2,\)"),
    ],
)
def test_files_that_do_not_hold_together_are_named(videomae, file, fields, named):
    change(videomae / file, **fields)
    with pytest.raises((WeightsError, InputError), match=named):
        load(str(videomae))


def test_a_folder_without_preprocessing_says_what_to_write(videomae):
    (videomae / "preprocessor_config.json").unlink()
    with pytest.raises(WeightsError, match=r"not guessed: write height, width, resize.*under `input:`"):
        describe(str(videomae))
    table = {"video_processor": json.loads(json.dumps(PROCESSORS["vjepa2"]))}
    (videomae / "processor_config.json").write_text(json.dumps(table))
    assert describe(str(videomae)).input.std == (0.22, 0.23, 0.24)
    (videomae / "processor_config.json").write_text("{")
    with pytest.raises(WeightsError, match=r"processor_config\.json is damaged"):
        describe(str(videomae))


def test_a_type_whose_sampling_is_not_known_has_to_say_it(videomae):
    change(videomae / "config.json", model_type="something_new")
    with pytest.raises(WeightsError, match=r"how a something_new picks frames: write"):
        describe(str(videomae))
    path = videomae.parent / "new.yaml"
    path.write_text("family: hugging_face\nweights: videomae\ninput: {sampling: uniform}\n")
    with pytest.raises(WeightsError, match="something_new"):
        load(str(path))


def test_missing_and_unexpected_tensors_are_named(videomae):
    file = videomae / "model.safetensors"
    tensors = load_file(file)
    save_file({**tensors, "stray.weight": torch.zeros(2)}, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=r"unexpected stray\.weight.*ignore"):
        load(str(videomae))
    path = videomae.parent / "lenient.yaml"
    path.write_text("family: hugging_face\nweights: videomae\ninput: {}\narchitecture: {ignore: [stray]}\n")
    assert load(str(path)).classes == list(NAMES.values())
    body = {key: value for key, value in tensors.items() if not key.startswith("classifier")}
    save_file(body, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=r"missing classifier\.bias.*only pre-trained"):
        load(str(videomae))
    file.write_bytes(b"no tensors")
    with pytest.raises(WeightsError, match="cannot be loaded as VideoMAEForVideoClassification"):
        load(str(videomae))


def test_an_id_is_found_in_the_local_cache_only(videomae, monkeypatch, tmp_path, capsys):
    cache = tmp_path / "cache"
    home = cache / "models--somebody--small-videomae"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("abc")
    (home / "snapshots").mkdir()
    videomae.rename(home / "snapshots" / "abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    card = describe("somebody/small-videomae")
    assert card.name == "small-videomae" and card.classes == tuple(NAMES.values())
    path = tmp_path / "mine.yaml"
    path.write_text("family: hugging_face\nweights: somebody/small-videomae\ninput: {}\n")
    assert load(str(path)).fingerprint == card.fingerprint
    assert main(["model=somebody/smal-videomae"]) == 1
    assert "hf download somebody/smal-videomae" in capsys.readouterr().out


def test_without_the_library_one_line_mends_it(zoo, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingPackage, match=r"make zoo, or: pip install"):
        load(str(zoo["vivit"][0]))


def test_a_torchvision_that_does_not_fit_is_named(zoo, monkeypatch):
    """The library takes up torchvision wherever it is, and breaks with it."""

    class Breaks:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "transformers.modeling_utils":
                raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.delitem(sys.modules, "transformers.modeling_utils")
    monkeypatch.setattr(sys, "meta_path", [Breaks, *sys.meta_path])
    with pytest.raises(MissingPackage, match=r"does not work here .operator torchvision::nms.*pip uninstall"):
        load(str(zoo["vivit"][0]))


def test_the_cards_that_ship_are_whole():
    cards = [path for path in MODEL_DIR.glob("*.yaml") if "family: hugging_face" in path.read_text()]
    assert {path.stem for path in cards} >= {"videomae_base_kinetics", "vivit_b_kinetics", "vjepa2_vitl_ssv2"}
    for path in cards:
        card = describe(path.stem, Options(weights="random"))
        assert len(card.classes) in (174, 400) and card.input.frames in (8, 16, 32) and card.random
        with pytest.raises(CeterisError, match="hf download"):
            Path(describe(path.stem).file)


def test_a_published_list_spells_the_classes_where_it_is_the_same():
    facts = {
        "input": {"sampling": "uniform"},
        "labels": "kth",
        "architecture": {
            "config": {"model_type": "vivit", "num_frames": 4, "image_size": 8, "id2label": {}},
            "preprocessor": {"size": 8, "crop_size": 8, **LEVELS},
        },
    }
    published = complete(facts, None)["classes"]
    config = facts["architecture"]["config"]
    for names, want in (
        ([name.upper() for name in published], published),
        ([f"LABEL_{k}" for k in range(6)], published),
        (published[::-1], published[::-1]),
    ):
        config["id2label"] = {str(index): name for index, name in enumerate(names)}
        assert complete(facts, None)["classes"] == want
    with pytest.raises(UnknownName, match="'config'"):
        complete({**facts, "architecture": {"cnfig": {}}}, None)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"id2label": {"0": None, "1": "squat", "2": "walk"}}),
        ("config.json", {"id2label": {"0": "\ud800", "1": "squat", "2": "walk"}}),
        ("config.json", {"num_frames": float("inf")}),
        ("preprocessor_config.json", {"crop_size": [1]}),
        ("preprocessor_config.json", {"rescale_factor": 0}),
        ("preprocessor_config.json", {"size": {"shortest_edge": 1e30}}),
    ],
)
def test_a_folder_of_somebody_else_never_ends_in_pythons_own_errors(tmp_path, file, change):
    config = {"model_type": "videomae", "num_frames": 4, "image_size": SIDE, "id2label": NAMES}
    shown = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}, **LEVELS}
    tables = {"config.json": config, "preprocessor_config.json": shown}
    for name, table in tables.items():
        (tmp_path / name).write_text(json.dumps(table | (change if name == file else {})))
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(CeterisError):
        describe(str(tmp_path))
