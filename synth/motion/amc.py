"""Reader of a trial's joint angles in an AMC file, as CMU's motion capture database writes it.

A bone's world rotation is R = R_parent C M C^-1, with C the bone's axis in the ASF and M the turn of its channels.
An AMC carries no frame rate: it is 120 or 60 per second as the index of the database says (published lists, checked by
free fall: bodies in flight accelerate at 9.81 m/s^2 at the right rate alone). What is read comes out in our frame and
metres, rotations relative to the file's zero pose.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import numpy as np

from synth.assets import cmu
from synth.frames import CMU_TO_OURS
from synth.motion.asf import ROOT, AsfSkeleton, fixed_xyz
from synth.motion.files import Lines, MotionFileError, read_lines
from synth.motion.motion import Motion

_TRIAL = re.compile(r"(\d+)_\d+\Z")
USUAL_FPS = 120.0


def trial_fps(trial: str) -> float:
    """The frame rate of a CMU trial such as "88_01"; raises MotionFileError for a name that is no trial.

    A trial that the index lacks has the rate of most of its subject's.
    """
    if trial in cmu.index():
        return cmu.index()[trial].fps
    match = _TRIAL.match(trial)
    if not match:
        raise MotionFileError(Path(trial), 0, "is not named <subject>_<trial>, as 02_01; say its frame rate instead")
    rates = [entry.fps for entry in cmu.index().values() if int(entry.subject) == int(match[1])]
    return statistics.mode(rates) if rates else USUAL_FPS


def read_amc(path: Path, skeleton: AsfSkeleton, *, fps: float | None = None, cut_off: bool = False) -> Motion:
    """The motion in an AMC file: world rotations relative to the skeleton's zero pose, root in metres, our frame.

    fps defaults to the rate of the trial that the file is named after. cut_off: the file is known to end within its
    last frame, which is dropped. Raises MotionFileError with the line: bones that the skeleton does not have or that a
    frame lacks, wrong counts, text or NaN for numbers, frames out of order, a file that ends early, no frames.
    """
    path = Path(path)
    rate = trial_fps(path.stem) if fps is None else fps
    lines = read_lines(path, comment="#")
    values = _amc_values(_without_last_frame(lines) if cut_off else lines, skeleton)
    frames = len(values[ROOT])
    world = np.empty((frames, len(skeleton.names), 3, 3))
    for bone, name in enumerate(skeleton.names):
        turn = fixed_xyz(_angles(values.get(name), skeleton.channels[bone], frames, is_root=bone == 0))
        axis = skeleton.axes[bone]
        local = axis @ turn @ axis.T
        world[:, bone] = local if bone == 0 else world[:, skeleton.parents[bone]] @ local
    return Motion.from_matrices(
        matrices=CMU_TO_OURS @ world @ CMU_TO_OURS.T,
        names=skeleton.names,
        root=values[ROOT][:, :3] * skeleton.unit_m @ CMU_TO_OURS.T,
        fps=rate,
        kind="cmu",
        label=path.name,
    )


def _without_last_frame(lines: Lines) -> Lines:
    starts = [row for row, (_, words) in enumerate(lines.rows) if len(words) == 1 and words[0].isdigit()]
    return Lines(lines.path, lines.rows[: starts[-1]] if starts else lines.rows)


def _angles(values: np.ndarray | None, channels: tuple[int, ...], frames: int, *, is_root: bool) -> np.ndarray:
    """(T, 3) degrees about x, y and z; axes without a channel stay 0."""
    angles = np.zeros((frames, 3))
    if values is not None:
        angles[:, channels] = values[:, 3:] if is_root else values
    return angles


def _amc_values(lines: Lines, skeleton: AsfSkeleton) -> dict[str, np.ndarray]:
    """The values of every bone with channels, (T, channels); every frame must have each of them once."""
    counts = {name: len(channels) for name, channels in zip(skeleton.names, skeleton.channels, strict=True) if channels}
    counts[ROOT] = 6
    frames: list[dict[str, list[float]]] = []
    start = 0
    for number, words in lines:
        if words[0].startswith(":"):
            if words[0].lower() == ":radians":
                raise lines.error(number, "angles in radians are not read; CMU's files are in degrees")
        elif len(words) == 1 and words[0].isdigit():
            _check_frame(frames, counts, lines, start, expected=int(words[0]))
            frames.append({})
            start = number
        else:
            _add_values(frames, words, counts, lines, number)
    _check_frame(frames, counts, lines, start, expected=None)
    if not frames:
        raise lines.error(0, "it has no frames; expected a line with the number 1 and then a line for each bone")
    return {name: np.array([frame[name] for frame in frames]) for name in counts}


def _add_values(frames: list, words: list[str], counts: dict[str, int], lines: Lines, number: int) -> None:
    if not frames:
        raise lines.error(number, f"got {words[0]!r} before the first frame's number; expected 1")
    if words[0] not in counts:
        raise lines.error(
            number,
            f"bone {words[0]!r} has no channels in the skeleton; this AMC belongs to another ASF, which has "
            f"{', '.join(counts)}",
        )
    if len(words) - 1 != counts[words[0]]:
        raise lines.error(number, f"bone {words[0]!r} has {len(words) - 1} values, expected {counts[words[0]]}")
    frames[-1][words[0]] = lines.numbers(number, words[1:])


def _check_frame(frames: list, counts: dict[str, int], lines: Lines, start: int, *, expected: int | None) -> None:
    """The frame that ends here is whole, and the next has the next number (None: the file ends)."""
    missing = [name for name in counts if name not in frames[-1]] if frames else []
    if missing:
        ends = "" if expected is not None else "; the file seems cut off: delete this last frame or fetch it anew"
        raise lines.error(start, f"frame {len(frames)} lacks the bones {', '.join(missing)}{ends}")
    if expected is not None and expected != len(frames) + 1:
        raise lines.error(start, f"after frame {len(frames)} comes number {expected}, expected {len(frames) + 1}")
