"""Every pass of one moment from Python, in false colour: a person who holds a ball, written as a sheet of pictures.

Run it from the root of the clone:  python -m docs.examples.every_pass
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

import synth
from synth.aim import aim
from synth.clips import PASSES
from synth.factors import ClipSpec, MotionRef, Viewpoint

COLUMNS = 5


def main(out: Path = Path("runs/every_pass.png"), *, size: int = 320) -> dict[str, np.ndarray]:
    """Render two frames, write a sheet of the first one's passes to `out`, and return the arrays."""
    motion = MotionRef(activity="wave")
    spec = ClipSpec(
        motion=motion,
        props="basketball",
        viewpoint=Viewpoint(azimuth_deg=35, elevation_deg=8, distance_m=3.0),
        look_at_m=aim(motion, root="in_place").look_at_m,
        start_s=0.5,
        num_frames=2,
        width=size,
        height=size,
    )
    with synth.open_engine(workers=1) as engine:
        clip = engine.render(spec, passes=tuple(PASSES))
    pictures = [_titled(name, picture) for name, picture in false_colours(clip).items()]
    rows = [np.concatenate(pictures[k : k + COLUMNS], axis=1) for k in range(0, len(pictures), COLUMNS)]
    out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out), cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))
    return clip


def false_colours(clip: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """(H, W, 3) uint8 pictures of the first frame of every pass."""
    first = {name: array[0] for name, array in clip.items()}
    hues = np.random.default_rng(1).integers(60, 256, (256, 3), dtype=np.uint8)
    hues[0] = 0
    nearest = float(first["depth"].min())
    return {
        "frames": first["frames"],
        "mask": _grey(first["mask"] * 255),
        "parts": hues[first["parts"]],
        "depth": _grey(255 * nearest / first["depth"]),
        "normal": np.round(first["normal"] * 127.5 + 127.5).astype(np.uint8),
        "flow": _flow(first["flow"]),
        "foreground": _on_squares(first["foreground"]),
        "background": first["background"],
        "joints (from the left)": _from_the_left(first["joints"], len(first["frames"])),
        "joints2d": _dots(first["frames"] // 2, first["joints2d"]),
    }


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=-1)


def _flow(flow: np.ndarray) -> np.ndarray:
    """The direction as hue, the length as brightness."""
    length, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1], angleInDegrees=True)
    value = 255 * np.sqrt(length / max(float(length.max()), 1e-6))
    hsv = np.stack([angle / 2, np.full_like(angle, 200), value], axis=-1).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def _on_squares(foreground: np.ndarray) -> np.ndarray:
    """Over a chequered ground, as what is transparent is usually shown."""
    rows, columns = np.indices(foreground.shape[:2]) // 12
    ground = np.where((rows + columns) % 2, 150, 200)[..., None]
    share = foreground[..., 3:] / 255
    return np.round(foreground[..., :3] * share + ground * (1 - share)).astype(np.uint8)


def _from_the_left(joints_m: np.ndarray, size: int) -> np.ndarray:
    """The joints from a person's left, 2.2 metres to the height of the picture."""
    scale = size / 2.2
    place = np.stack([size / 2 - scale * joints_m[:, 0], size - scale * (joints_m[:, 2] + 0.1)], axis=1)
    ground = np.full((size, size, 3), 40, np.uint8)
    return _dots(ground, np.concatenate([place, np.ones((len(place), 1))], axis=1))


def _dots(picture: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Joints as dots; those that are hidden in red."""
    out = np.ascontiguousarray(picture)
    for x, y, visible in joints[np.isfinite(joints).all(axis=1)]:
        colour = (90, 230, 120) if visible else (240, 70, 60)
        cv2.circle(out, (round(float(x)), round(float(y))), 2, colour, -1, cv2.LINE_AA)
    return out


def _titled(name: str, picture: np.ndarray) -> np.ndarray:
    title = np.full((24, picture.shape[1], 3), 255, np.uint8)
    cv2.putText(title, name, (6, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 1, cv2.LINE_AA)
    return np.concatenate([title, picture])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
