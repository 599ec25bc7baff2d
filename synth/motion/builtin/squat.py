"""Body-weight squat: feet flat, hips back and down, knees over the toes, arms forward, folded or hands clasped.

The hips follow from the lean of the shins and the depth, and the trunk leans as far forward as keeps the centre of
mass over the middle of the feet (segment masses after de Leva, J. Biomech. 1996, table 4, rounded).
"""

from __future__ import annotations

import numpy as np

from synth.motion.builtin import easing, feet
from synth.motion.builtin.figure import Figure, arm_key
from synth.motion.builtin.rig import SIDES, SIGN, Rig
from synth.motion.builtin.rotations import fraction, slerp, transpose, turn
from synth.motion.builtin.style import Style
from synth.motion.motion import Motion

STYLE = Style(
    ranges={
        "tempo_hz": (0.32, 0.56),
        "depth_share": (0.68, 1.05),  # 1: the thighs reach the horizontal
        "stance_share": (1.0, 1.8),  # distance of the feet over that of the hip joints
        "toe_out_deg": (6.0, 28.0),
        "shin_lean_deg": (22.0, 33.0),
        "bottom_share": (0.02, 0.14),  # of the cycle that is spent at the bottom
        "top_share": (0.04, 0.2),
        "descent_share": (0.46, 0.58),  # of the moving time
        "arms_raised_deg": (-12.0, 14.0),
        "head_deg": (-6.0, 8.0),
        "shift_m": (-0.012, 0.012),
        "sway_m": (0.002, 0.008),
    },
    choices={"arms": ("forward", "forward", "crossed", "clasped")},
)
UPPER, THIGHS, SHANKS = 0.68, 0.2, 0.12  # shares of the body's mass: trunk, head and arms; thighs; shanks and feet
UPPER_SHARE = 0.6  # of the trunk's length from the hips to the centre of mass of all above them


def motion(rig: Rig, style: dict, rng: np.random.Generator, label: str) -> Motion:
    """The squats of one style as a motion on the body of `rig`."""
    clock = easing.clock(style["tempo_hz"], wander=easing.sway(rng, 0.006))
    down = _down(style, clock.phase) * (1 + easing.drift(easing.sway(rng, 0.02), clock.loop))
    figure = Figure(rig, clock.frames)
    steps = _stance(rig, style, clock.frames)
    hips, lean = _trunk(rig, style, down, steps["L"].ankle[:, 0])
    hips[:, 1] += style["shift_m"] * down + easing.drift(easing.sway(rng, style["sway_m"]), clock.loop)
    pelvis_pitch = 0.8 * lean + 4.0 * down
    sway = easing.drift(easing.sway(rng, 1.0), clock.loop)
    figure.pelvis(hips, turn(pitch_deg=pelvis_pitch, roll_deg=0.6 * sway))
    figure.spine(turn(pitch_deg=lean - pelvis_pitch + 3.0 * down, yaw_deg=sway))
    figure.head(turn(pitch_deg=0.22 * lean + style["head_deg"], yaw_deg=1.5 * sway))
    for side in SIDES:
        figure.leg(side, steps[side], knees_out_deg=4.0 * down)
        _arms(figure, side, style, down, sway)
    return figure.motion(label, cycles=clock.cycles)


def _down(style: dict, phase: np.ndarray) -> np.ndarray:
    """(T,) 0 standing to 1 at the bottom: down steadily, up with more haste."""
    top, bottom = style["top_share"], style["bottom_share"]
    moving = 1 - top - bottom
    reached = top / 2 + style["descent_share"] * moving
    keys = {top / 2: 0.0, reached: 1.0, reached + bottom: 1.0, 1 - top / 2: 0.0}
    return easing.soften(easing.ease(keys, phase), 0.05)


def _stance(rig: Rig, style: dict, frames: int) -> dict[str, feet.Step]:
    steps = {}
    for side in SIDES:
        at = np.array([0.0, SIGN[side] * style["stance_share"] * rig.hip_half_m, 0.0])
        yaw = SIGN[side] * style["toe_out_deg"]
        steps[side] = feet.roll(rig, side, ground=np.tile(at, (frames, 1)), yaw_deg=yaw, pitch_deg=0.0)
    return steps


def _trunk(rig: Rig, style: dict, down: np.ndarray, ankle_x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hips (T, 3) and the trunk's lean (T,) in degrees."""
    thigh, shin = rig.legs["L"].lengths
    spread = (style["stance_share"] - 1) * rig.hip_half_m
    lean = np.radians(style["shin_lean_deg"] * np.sin(np.pi / 2 * np.clip(down, 0, 1.1)) + 1.0)
    thigh_deg = 90.0 * style["depth_share"] * down + 3.0
    flat = np.sqrt(1 - (spread / (thigh + shin)) ** 2)
    ahead = shin * np.sin(lean) * flat
    x = ankle_x + ahead - thigh * np.sin(np.radians(thigh_deg)) * flat
    z = rig.feet["L"].ankle_m + (shin * np.cos(lean) + thigh * np.cos(np.radians(thigh_deg))) * flat
    middle = ankle_x + 0.35 * rig.feet["L"].ball[0]
    trunk = UPPER_SHARE * (rig.joint("neck01")[2] - rig.stand_m)
    legs = THIGHS * (x + ankle_x + ahead) / 2 + SHANKS * (ankle_x + ahead / 2)
    arms = 0.05 * rig.arm_m * down * (style["arms"] == "forward")
    lever = ((middle - legs - arms) / UPPER - x) / trunk
    pitch = np.degrees(np.arcsin(np.clip(lever, -0.1, 0.86)))
    standing = pitch[np.argmin(down)]  # who stands is balanced by the ankles and not by a bow
    hips = np.stack([x, np.zeros_like(x), z], axis=1)
    return hips, easing.soften(pitch - (standing - 1.5) * (1 - down), 0.04)


def _arms(figure: Figure, side: str, style: dict, down: np.ndarray, sway: np.ndarray) -> None:
    raised = np.radians(style["arms_raised_deg"])
    under = {"L": -0.22, "R": -0.52}[side] + 0.5 * raised  # folded arms lie one on the other
    poses = {
        "forward": ((0.05, 0.2, -1.0), (0.24, 0.1, -1.0), (1.0, 0.02, raised), (1.0, -0.12, raised + 0.16)),
        "crossed": ((0.85, 0.06, under), (0.08, -1.0, 0.16)) * 2,
        "clasped": ((0.3, 0.3, -0.9), (0.6, -0.55, 0.6)) * 2,
    }
    upper, fore, upper_down, fore_down = poses[style["arms"]]
    (start, start_flex), (end, end_flex) = arm_key(side, upper, fore), arm_key(side, upper_down, fore_down)
    share = easing.minimum_jerk(1.25 * down)
    turned = slerp(start, end, share)
    chest = figure.bone("spine01")
    upright = 1.0 if style["arms"] == "forward" else 0.6  # arms stay level while the trunk leans, or half so
    base = chest @ fraction(transpose(chest), upright * share)
    figure.aim(side, turned, start_flex + (end_flex - start_flex) * share + sway, base=base)
    figure.hand(side, pronation_deg=70.0 * share * (style["arms"] == "forward") + 10.0)
    figure.fingers(side, "open" if style["arms"] == "forward" else "relaxed")
