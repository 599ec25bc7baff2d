"""A network of one's own, as docs/models.md explains it, shown one rendered clip.

Run it from the root of the clone:  python -m docs.examples.own_model
The card beside it, own_model.yaml, is what every other command takes:
  python -m experiments.models.check model=docs/examples/own_model.yaml
  python -m experiments.run models=[docs/examples/own_model.yaml]
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import nn

CARD = Path(__file__).with_suffix(".yaml")


class FrameDifferences(nn.Module):
    """Looks at what changes from frame to frame, in (N, 3, T, H, W); gives (N, classes)."""

    def __init__(self, classes: int, width: int):
        super().__init__()
        self.stem = nn.Conv3d(3, width, (3, 7, 7), stride=(1, 4, 4), padding=(1, 3, 3))
        self.block = nn.Sequential(nn.ReLU(), nn.Conv3d(width, width, 3, stride=2, padding=1), nn.ReLU())
        self.head = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        changes = x[:, :, 1:] - x[:, :, :-1]
        return self.head(self.block(self.stem(changes)).mean((2, 3, 4)))


def main(activity: str = "squat") -> dict[str, float]:
    """Render a clip of the activity, score it, and return class -> probability."""
    import synth
    from experiments.models import Footage, load
    from synth.factors import ClipSpec, MotionRef

    model = load(str(CARD))
    spec = ClipSpec(
        motion=MotionRef(activity=activity), fps=model.input.fps, num_frames=model.input.needs(model.input.fps)
    )
    with synth.open_engine() as engine:
        frames = engine.render(spec, passes=("frames",))["frames"]
    batch = model.prepare(Footage(frames=frames, fps=spec.fps))[None]
    with torch.inference_mode():
        output = model.run(batch, layers=["block"])  # scores and features from one forward pass
    return dict(zip(model.classes, output.logits.softmax(-1)[0].tolist(), strict=True))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    for name, probability in main().items():
        sys.stdout.write(f"{name:14s} {probability:.3f}\n")
