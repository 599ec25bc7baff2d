"""Files `.skeleton` of NTU RGB+D: per frame the bodies that a Kinect v2 followed, 25 joints each, 30 frames a second.

A file is text: the number of frames; per frame the number of bodies; per body ten numbers (its id first), the number of
joints, and per joint twelve (x, y, z in metres in the sensor's frame first). Ends of lines are CR LF, which is why the
file is read as one row of words. A frame may have no body, and some have more than two.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.recordings.errors import SkeletonError
from synth.errors import UnknownName

FPS = 30.0
JOINTS = 25
ACTORS = 2
_BODY_WORDS, _JOINT_WORDS = 10, 12
_BLOCK = _BODY_WORDS + 1 + JOINTS * _JOINT_WORDS


@dataclass(frozen=True)
class Body:
    """One body in one frame. id: the sensor's, the same from frame to frame. joints: float32 (25, 3), metres."""

    id: int
    joints: np.ndarray


def read_skeleton(path: Path) -> list[list[Body]]:
    """The bodies of each frame, in the file's order. Raises SkeletonError."""
    try:
        words = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise SkeletonError(f"{path} cannot be read as a skeleton file ({error})") from error
    frames, at = [], 1
    for number in range(_count(path, words, 0, "number of frames", least=1)):
        where = f"frame {number + 1}"
        bodies = _count(path, words, at, f"number of bodies of {where}")
        at += 1
        frames.append([_body(path, words, at + _BLOCK * k, f"{where}, body {k + 1}") for k in range(bodies)])
        at += _BLOCK * bodies
    if at != len(words):
        raise SkeletonError(f"{path}: {len(words) - at} numbers follow the last of its {len(frames)} frames")
    return frames


def _count(path: Path, words: list[str], at: int, what: str, least: int = 0) -> int:
    got = words[at] if at < len(words) else "the end of the file"
    if not got.isdigit() or int(got) < least:
        raise SkeletonError(f"{path}: expected the {what}, got {got}; the file is damaged or no skeleton file")
    return int(got)


def _body(path: Path, words: list[str], at: int, where: str) -> Body:
    block = words[at : at + _BLOCK]
    if len(block) < _BLOCK:
        raise SkeletonError(f"{path} ends in {where}; fetch it again")
    if block[_BODY_WORDS] != str(JOINTS):
        raise SkeletonError(f"{path}: {where} has {block[_BODY_WORDS]} joints; expected {JOINTS}")
    try:
        numbers = np.array(block[_BODY_WORDS + 1 :], dtype=np.float32).reshape(JOINTS, _JOINT_WORDS)
        joints, identity = numbers[:, :3], int(block[0])
    except ValueError as error:
        raise SkeletonError(f"{path}: {where} is damaged ({error})") from error
    if not np.isfinite(joints).all():
        raise SkeletonError(f"{path}: {where} has joints that are no numbers; leave the file out")
    return Body(identity, joints)


def in_file_order(frames: list[list[Body]]) -> np.ndarray:
    """float32 (T, 2, 25, 3): the first two bodies of each frame as they stand there, zeros for absent ones."""
    return _placed(frames, lambda bodies: list(enumerate(bodies[:ACTORS])))


def tracked(frames: list[list[Body]]) -> np.ndarray:
    """The same for the two bodies that are there most of the time (of equals, the one seen first), each in one place
    throughout: in file order, a body whose neighbour vanishes moves up into its place."""
    seen = Counter(body.id for bodies in frames for body in bodies)
    chosen = [identity for identity, _ in seen.most_common(ACTORS)]
    order = sorted(chosen, key=list(seen).index)
    return _placed(frames, lambda bodies: [(order.index(b.id), b) for b in bodies if b.id in order])


def as_res_tcn(frames: list[list[Body]]) -> np.ndarray:
    """The same as Res-TCN's authors prepared them: in file order, and frames with more than two bodies left at zero."""
    return _placed(frames, lambda bodies: list(enumerate(bodies)) if len(bodies) <= ACTORS else [])


def _placed(frames: list[list[Body]], places) -> np.ndarray:
    out = np.zeros((len(frames), ACTORS, JOINTS, 3), dtype=np.float32)
    for frame, bodies in zip(out, frames, strict=True):
        for place, body in places(bodies):
            frame[place] = body.joints
    return out


BODIES = {"file_order": in_file_order, "tracked": tracked, "res_tcn": as_res_tcn}


def arrangement(name: str):
    """One of `BODIES`; raises UnknownName."""
    if name not in BODIES:
        raise UnknownName("arrangement of bodies", name, BODIES)
    return BODIES[name]
