"""One clip from Python: a waving person, seen from their left, written as a picture strip.

Run it from the root of the clone:  python -m docs.examples.one_clip
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

import synth
from synth.aim import aim
from synth.factors import ClipSpec, MotionRef, Viewpoint


def main(out: Path = Path("runs/one_clip.png")) -> dict[str, np.ndarray]:
    """Render the clip, write its frames side by side to `out`, and return its arrays."""
    motion = MotionRef(activity="wave")
    spec = ClipSpec(
        motion=motion,
        viewpoint=Viewpoint(azimuth_deg=90, elevation_deg=10, distance_m=3.5),
        look_at_m=aim(motion, root="in_place").look_at_m,
        fps=6.25,
        num_frames=8,
    )
    with synth.open_engine() as engine:
        clip = engine.render(spec, passes=("frames", "mask", "depth", "joints"))
    out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out), cv2.cvtColor(np.concatenate(list(clip["frames"]), axis=1), cv2.COLOR_RGB2BGR))
    return clip


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
