"""Segmenters of Hugging Face: small random networks in folders, against the library's own way through them."""

import json

import numpy as np
import pytest
import torch
import transformers
from torch import nn
from transformers.models.mask2former import image_processing_pil_mask2former as of_mask2former
from transformers.models.maskformer import image_processing_pil_maskformer as of_maskformer
from transformers.models.segformer import image_processing_pil_segformer as of_segformer

from experiments.models.errors import MissingPackage, WeightsError
from experiments.models.footage import Footage
from experiments.segmenters import SegmenterError, load_segmenter
from experiments.segmenters.check import check_segmenter
from experiments.segmenters.hugging_face import persons
from synth.errors import UnknownName

NAMES = {0: "wall", 1: "person;individual;someone", 2: "sky", 3: "rider"}
SWIN = {"model_type": "swin", "image_size": 64, "embed_dim": 8, "depths": [1, 1, 1, 1], "num_heads": [1, 1, 2, 2]}
SWIN |= {"window_size": 2, "out_features": ["stage1", "stage2", "stage3", "stage4"]}
LAYERS = {"encoder_layers": 1, "encoder_ffn_dim": 16, "encoder_attention_heads": 2, "decoder_layers": 1}
LAYERS |= {"decoder_ffn_dim": 16, "decoder_attention_heads": 2, "d_model": 16, "num_queries": 8}
M2F = {
    "feature_size": 32,
    "hidden_dim": 32,
    "mask_feature_size": 32,
    "num_queries": 8,
    "encoder_feedforward_dim": 16,
    "dim_feedforward": 16,
    "encoder_layers": 1,
}
M2F |= {"decoder_layers": 2, "num_attention_heads": 2}
SEGFORMER = {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 1, 2, 2]}
LEVELS = {"image_mean": [0.48, 0.45, 0.4], "image_std": [0.22, 0.23, 0.24]}
SQUARE = {"size": {"height": 64, "width": 64}}
SHORT = {"shortest_edge": 48, "longest_edge": 96}
CONFIGS = {
    "segformer": {**SEGFORMER, "decoder_hidden_size": 16},
    "mask2former": {**M2F, "backbone_config": SWIN},
    "maskformer": {
        "fpn_feature_size": 32,
        "mask_feature_size": 32,
        "backbone_config": {**SWIN, "model_type": "swin"},
        "decoder_config": {**LAYERS, "model_type": "detr"},
    },
}
PROCESSORS = {
    "segformer": of_segformer.SegformerImageProcessorPil(**SQUARE, **LEVELS),
    "mask2former": of_mask2former.Mask2FormerImageProcessorPil(
        size={"shortest_edge": 48, "longest_edge": 96}, **LEVELS
    ),
    "maskformer": of_maskformer.MaskFormerImageProcessorPil(**SQUARE, **LEVELS),
}


def network(kind):
    """The library's network of this kind, with weights that make its answers differ from pixel to pixel."""
    torch.manual_seed(2)
    config = transformers.AutoConfig.for_model(kind, **CONFIGS[kind], id2label=NAMES)
    auto = transformers.AutoModelForSemanticSegmentation if kind == "segformer" else None
    net = (auto or transformers.AutoModelForUniversalSegmentation).from_config(config).eval()
    for name, parameter in net.named_parameters():
        if parameter.ndim > 1 and "norm" not in name:
            nn.init.normal_(parameter, std=0.2)
    return net


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """Kind -> (folder, the library's network)."""
    root, out = tmp_path_factory.mktemp("hub"), {}
    for kind in CONFIGS:
        net = network(kind)
        net.save_pretrained(root / kind)
        PROCESSORS[kind].save_pretrained(root / kind)
        out[kind] = root / kind, net
    return out


def made(folder, tmp_path, **options):
    card = tmp_path / "mine.yaml"
    card.write_text(f"kind: hugging_face\nweights: {folder}\n")
    return load_segmenter(str(card), options=options)


def clip(height=60, width=90, frames=5):
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (frames, height // 10, width // 10, 3), dtype=np.uint8)
    return Footage(frames=coarse.repeat(10, 1).repeat(10, 2))


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("label", ["person", "rider"])
def test_masks_are_those_of_the_librarys_own_processor(zoo, tmp_path, kind, label):
    folder, net = zoo[kind]
    footage = clip()
    got = made(folder, tmp_path, labels=[label], batch=2).segment(footage)
    wanted = 1 if label == "person" else 3
    processor = PROCESSORS[kind]
    with torch.no_grad():
        own = net(**processor(images=list(footage.frames), return_tensors="pt"))
    maps = processor.post_process_semantic_segmentation(own, target_sizes=[footage.frames.shape[1:3]] * 5)
    assert np.mean(got.mask == (torch.stack(maps) == wanted).numpy()) > 0.9999  # ties aside
    assert got.confidence.shape == (5,) and 0 <= got.confidence.min() <= got.confidence.max() <= 1
    assert got.remarks == ()


def test_the_small_networks_do_see_persons(zoo, tmp_path):
    shares = [made(zoo[kind][0], tmp_path, labels=["wall", "person"]).segment(clip()).mask.mean() for kind in CONFIGS]
    assert any(0.01 < share < 0.99 for share in shares), shares


def test_the_contract_holds(zoo, tmp_path):
    assert "determinism" in check_segmenter(made(zoo["segformer"][0], tmp_path, threshold=0.99))


def test_a_threshold_leaves_what_scores_less(zoo, tmp_path):
    every = made(zoo["mask2former"][0], tmp_path, labels=["wall", "sky", "person", "rider"])
    assert every.segment(clip()).mask.all()
    some = made(zoo["mask2former"][0], tmp_path, labels=["wall", "sky", "person", "rider"], threshold=1e6)
    assert not some.segment(clip()).mask.any()


def test_weights_config_and_labels_are_in_the_fingerprint(zoo, tmp_path):
    folder = zoo["segformer"][0]
    one, other = made(folder, tmp_path), made(folder, tmp_path, labels=["rider"])
    assert one.fingerprint != other.fingerprint and one.fingerprint == made(folder, tmp_path).fingerprint


def test_names_of_classes(zoo, tmp_path):
    assert persons(NAMES, ["person"]) == [1] and persons(NAMES, ["Individual", "rider"]) == [1, 3]
    with pytest.raises(UnknownName, match="rider"):
        made(zoo["segformer"][0], tmp_path, labels=["ridr"])


def test_random_weights_say_so(tmp_path):
    card = tmp_path / "mine.yaml"
    card.write_text("kind: hugging_face\nweights: random\n")
    config = {"model_type": "segformer", **CONFIGS["segformer"], "id2label": NAMES}
    options = {"config": config, "preprocessor": SQUARE}
    one, other = (load_segmenter(str(card), options=options, seed=seed) for seed in (0, 1))
    seen = one.segment(clip())
    assert seen.confidence.tolist() == [0.0] * 5 and "untrained" in seen.remarks[0]
    assert one.fingerprint != other.fingerprint
    with pytest.raises(SegmenterError, match="model_type"):
        load_segmenter(str(card))


def test_folders_that_are_not_whole(zoo, tmp_path):
    folder = tmp_path / "spoilt"
    network("segformer").save_pretrained(folder)
    with pytest.raises(WeightsError, match=r"preprocessor_config\.json"):
        made(folder, tmp_path)
    (folder / "preprocessor_config.json").write_text("{")
    with pytest.raises(WeightsError, match="damaged"):
        made(folder, tmp_path)
    PROCESSORS["segformer"].save_pretrained(folder)
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        made(folder, tmp_path)
    (folder / "config.json").unlink()
    with pytest.raises(WeightsError, match=r"no config\.json"):
        made(folder, tmp_path)


def test_a_network_for_whole_clips_is_refused(tmp_path):
    config = transformers.ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32)
    config.id2label = NAMES
    transformers.ViTForImageClassification(config).save_pretrained(tmp_path / "vit")
    transformers.models.vit.image_processing_pil_vit.ViTImageProcessorPil().save_pretrained(tmp_path / "vit")
    with pytest.raises(SegmenterError, match="no class to every pixel"):
        made(tmp_path / "vit", tmp_path)


def test_without_the_package(zoo, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingPackage, match="make zoo"):
        made(zoo["segformer"][0], tmp_path)


def test_files_of_older_releases_are_understood(zoo, tmp_path):
    """As published with SegFormer: the extractor's old name, one number for both sides."""
    folder = tmp_path / "older"
    network("segformer").save_pretrained(folder)
    told = {"feature_extractor_type": "SegformerFeatureExtractor", "size": 64, "reduce_labels": True, **LEVELS}
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    newer = made(zoo["segformer"][0], tmp_path).segment(clip())
    assert np.array_equal(made(folder, tmp_path).segment(clip()).mask, newer.mask)
