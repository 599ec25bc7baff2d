"""Reader of BVH motion files, and the way from cgspeed's BVH flavours to a CMU skeleton.

Format: M. Meredith and S. Maddock, 2001, "Motion capture file formats explained". A joint's channels are
turned in the order in which they are listed, each about the axes left by the one before.

cgspeed (B. Hahne's conversions of the CMU database) comes in three flavours, told apart by their joints' names:

- MotionBuilder-friendly (`LeftUpLeg`): one frame of T-pose is put first, so that frame k of the AMC is frame k + 1 of
  the BVH; the rotations are those of the AMC.
- 3ds-max-friendly (`LeftKnee`): no frame is added and the arms hang in the zero pose, so that their rotations differ
  from the AMC's by a constant quarter turn. Its hands differ by more than a constant and are not used: they follow the
  forearms.
- DAZ-friendly (`lForeArm`): one figure for all subjects, its limbs up to 20 degrees off. It is refused.

Where a bone has several children its length is lost in all of them (thorax, wrist), so that joint positions are wrong
by up to 12 cm. `onto_asf` therefore takes the rotations alone and lets an ASF skeleton, scaled to the file's legs, say
where the joints are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from synth.frames import CMU_TO_OURS
from synth.motion.asf import CMU_UNIT_M, ROOT, AsfSkeleton
from synth.motion.files import Lines, MotionFileError, read_lines
from synth.motion.motion import Motion, multiply

_LEFT = {
    "LHipJoint": "lhipjoint",
    "LeftUpLeg": "lfemur",
    "LeftLeg": "ltibia",
    "LeftFoot": "lfoot",
    "LeftToeBase": "ltoes",
    "LeftShoulder": "lclavicle",
    "LeftArm": "lhumerus",
    "LeftForeArm": "lradius",
    "LeftHand": "lwrist",
    "LeftFingerBase": "lhand",
    "LFingers": "lfingers",
    "LeftHandIndex1": "lfingers",
    "LThumb": "lthumb",
}
_MIDDLE = {
    "Hips": ROOT,
    "LowerBack": "lowerback",
    "Spine": "upperback",
    "Spine1": "thorax",
    "Neck": "lowerneck",
    "Neck1": "upperneck",
    "Head": "head",
}
_MAX_LEFT = {
    "LHipJoint": "lhipjoint",
    "LeftHip": "lfemur",
    "LeftKnee": "ltibia",
    "LeftAnkle": "lfoot",
    "LeftToe": "ltoes",
    "LeftCollar": "lclavicle",
    "LeftShoulder": "lhumerus",
    "LeftElbow": "lradius",
}
_MAX_MIDDLE = {
    "Hips": ROOT,
    "lowerback": "lowerback",
    "Chest": "upperback",
    "Chest2": "thorax",
    "lowerneck": "lowerneck",
    "Neck": "upperneck",
    "Head": "head",
}


def _both(left: dict[str, str]) -> dict[str, str]:
    """The joints of the left side and those of the right."""
    right = {k.replace("Left", "Right") if "Left" in k else "R" + k[1:]: "r" + bone[1:] for k, bone in left.items()}
    return {**left, **right}


TO_ASF = {**_MIDDLE, **_both(_LEFT)}
MAX_TO_ASF = {**_MAX_MIDDLE, **_both(_MAX_LEFT)}
_MAX_FOREARM = ("radius", "wrist", "hand", "fingers", "thumb")  # bones that follow the elbow's rotation
_DAZ_JOINT, _MAX_JOINT = "lForeArm", "LeftKnee"
_LEG = {True: ("LeftKnee", "LeftAnkle"), False: ("LeftLeg", "LeftFoot")}  # max-friendly or not: ends of thigh and shin


@dataclass(frozen=True, kw_only=True, eq=False)
class Bvh:
    """names and parents of J joints, offsets_m: (J, 3) from the parent in the zero pose, motion: relative to it."""

    names: tuple[str, ...]
    parents: np.ndarray
    offsets_m: np.ndarray
    motion: Motion
    path: Path

    def offset(self, name: str) -> np.ndarray:
        """(3,) offset of a joint from its parent, metres."""
        return self.offsets_m[self.index(name)]

    def index(self, name: str) -> int:
        """The number of a joint."""
        if name not in self.names:
            raise MotionFileError(self.path, 0, f"no joint {name!r}; its joints: {', '.join(self.names)}")
        return self.names.index(name)


@dataclass
class _Joint:
    name: str
    parent: int
    line: int
    offset: list[float] | None = None
    channels: list[str] = field(default_factory=list)


def read_bvh(path: Path, *, unit_m: float = CMU_UNIT_M) -> Bvh:
    """A BVH file (Y up, facing +Z) in our frame. unit_m: metres per unit of its offsets and positions.

    Raises MotionFileError with the line: no MOTION, a frame count that differs, wrong value counts, text or NaN for
    numbers, an open brace.
    """
    path = Path(path)
    lines = read_lines(path)
    split = next((row for row, (_, words) in enumerate(lines.rows) if words[0] == "MOTION"), None)
    if split is None:
        raise lines.error(0, "it has no MOTION section; the file is no BVH or cut off")
    joints = _joints(lines, lines.rows[:split])
    values, fps = _frames(lines, lines.rows[split:], channels=sum(len(joint.channels) for joint in joints))
    world, root = _forward(joints, values)
    names = tuple(joint.name for joint in joints)
    return Bvh(
        names=names,
        parents=np.array([joint.parent for joint in joints], dtype=np.int32),
        offsets_m=np.array([joint.offset for joint in joints]) * unit_m @ CMU_TO_OURS.T,
        motion=Motion.from_matrices(
            matrices=CMU_TO_OURS @ world @ CMU_TO_OURS.T,
            names=names,
            root=root * unit_m @ CMU_TO_OURS.T,
            fps=fps,
            kind="cmu",
            label=path.name,
        ),
        path=path,
    )


def onto_asf(bvh: Bvh, skeleton: AsfSkeleton) -> tuple[AsfSkeleton, Motion]:
    """A cgspeed file as (skeleton, motion) with ASF bones; its frames are those of the AMC.

    skeleton: any subject's; it is scaled so that its thigh and shin together are as long as the file's. Raises
    MotionFileError for the DAZ-friendly flavour and for joints that are no flavour's.
    """
    if _DAZ_JOINT in bvh.names:
        raise MotionFileError(
            bvh.path,
            0,
            "this is cgspeed's DAZ-friendly flavour, one figure for all subjects whose forearms are 20 degrees off; it "
            "is not read. Take the MotionBuilder-friendly or 3ds-max-friendly file, or CMU's own AMC",
        )
    is_max = _MAX_JOINT in bvh.names
    rotations = _rotations_of_max(bvh, skeleton) if is_max else _rotations_of_motionbuilder(bvh, skeleton)
    legs = [np.linalg.norm(bvh.offset(joint)) for joint in _LEG[is_max]]
    own = [np.linalg.norm(skeleton.offsets_m[skeleton.index(bone)]) for bone in ("lfemur", "ltibia")]
    scaled = dataclasses.replace(skeleton, offsets_m=skeleton.offsets_m * (sum(legs) / sum(own)))
    root = bvh.motion.root[len(bvh.motion) - len(rotations) :]
    return scaled, dataclasses.replace(bvh.motion, names=skeleton.names, rotations=rotations, root=root)


def _rotations_of_motionbuilder(bvh: Bvh, skeleton: AsfSkeleton) -> np.ndarray:
    """(T - 1, B, 4) of the skeleton's bones, without the T-pose frame."""
    columns = [bvh.index(_joint_of(bvh, bone, TO_ASF)) for bone in skeleton.names]
    if len(bvh.motion) < 2:
        raise MotionFileError(bvh.path, 0, "it has only the T-pose frame that cgspeed puts first")
    return bvh.motion.rotations[1:, columns]


def _rotations_of_max(bvh: Bvh, skeleton: AsfSkeleton) -> np.ndarray:
    """(T, B, 4) of the skeleton's bones, the arms turned from hanging to level."""
    columns, raises = [], []
    for bone in skeleton.names:
        forearm = bone[1:] in _MAX_FOREARM
        columns.append(bvh.index(_joint_of(bvh, bone[0] + "radius" if forearm else bone, MAX_TO_ASF)))
        raises.append(_arm_raise(bone[0]) if forearm or bone[1:] == "humerus" else np.array([1.0, 0.0, 0.0, 0.0]))
    return multiply(bvh.motion.rotations[:, columns], np.stack(raises))


def _arm_raise(side: str) -> np.ndarray:
    """(4,) the quarter turn about our x from the level arm of a side ("l", "r") to the hanging one of the file."""
    angle = np.radians(90.0 if side == "r" else -90.0) / 2
    return np.array([np.cos(angle), np.sin(angle), 0.0, 0.0])


def _joint_of(bvh: Bvh, bone: str, table: dict[str, str]) -> str:
    """The file's name for an ASF bone; the first of its known names where it has none."""
    names = [joint for joint, known in table.items() if known == bone]
    if not names:
        raise MotionFileError(bvh.path, 0, f"a cgspeed BVH has no joint for the bone {bone!r} of the skeleton")
    return next((name for name in names if name in bvh.names), names[0])


def _joints(lines: Lines, rows: list[tuple[int, list[str]]]) -> list[_Joint]:
    """The HIERARCHY, parents first. End sites only bound the last bone and are passed over."""
    tokens = ((number, word) for number, words in rows for word in words)
    joints: list[_Joint] = []
    open_blocks: list[int | None] = []
    block: int | None = None
    for number, word in tokens:
        if word in ("ROOT", "JOINT"):
            parent = next((b for b in reversed(open_blocks) if b is not None), -1)
            joints.append(_Joint(_take(lines, tokens, number, 1)[0], parent, number))
            block = len(joints) - 1
        elif word == "End":
            _take(lines, tokens, number, 1)
            block = None
        elif word == "{":
            open_blocks.append(block)
        elif word == "}":
            if not open_blocks:
                raise lines.error(number, "a brace closes that was never opened")
            open_blocks.pop()
        elif word == "OFFSET":
            _set_offset(lines, tokens, number, joints, open_blocks)
        elif word == "CHANNELS":
            _set_channels(lines, tokens, number, joints, open_blocks)
    _check_joints(lines, joints, open_blocks)
    return joints


def _take(lines: Lines, tokens: Iterator[tuple[int, str]], number: int, count: int) -> list[str]:
    words = [word for _, (_, word) in zip(range(count), tokens, strict=False)]
    if len(words) < count:
        raise lines.error(number, "the HIERARCHY ends in the middle of a statement")
    return words


def _set_offset(lines: Lines, tokens, number: int, joints: list[_Joint], open_blocks: list) -> None:
    offset = lines.numbers(number, _take(lines, tokens, number, 3))
    if not open_blocks:
        raise lines.error(number, "an OFFSET outside every joint's braces")
    if open_blocks[-1] is not None:
        joints[open_blocks[-1]].offset = offset


def _set_channels(lines: Lines, tokens, number: int, joints: list[_Joint], open_blocks: list) -> None:
    count = _take(lines, tokens, number, 1)[0]
    if not count.isdigit() or not open_blocks or open_blocks[-1] is None:
        raise lines.error(number, "expected CHANNELS, a count and as many names, inside a joint's braces")
    channels = [word.lower() for word in _take(lines, tokens, number, int(count))]
    wrong = [word for word in channels if word[0] not in "xyz" or word[1:] not in ("position", "rotation")]
    if wrong:
        raise lines.error(number, f"channel {wrong[0]!r} is none of Xposition .. Zrotation; is the count right?")
    joint = joints[open_blocks[-1]]
    if joint.parent >= 0 and any(word.endswith("position") for word in channels):
        raise lines.error(number, f"joint {joint.name!r} has a position of its own; only the root may")
    joint.channels = channels


def _check_joints(lines: Lines, joints: list[_Joint], open_blocks: list) -> None:
    if not joints:
        raise lines.error(0, "its HIERARCHY has no joints")
    if open_blocks:
        raise lines.error(joints[-1].line, f"{len(open_blocks)} braces are still open where MOTION begins")
    for joint in joints:
        if joint.offset is None:
            raise lines.error(joint.line, f"joint {joint.name!r} has no OFFSET")


def _frames(lines: Lines, rows: list[tuple[int, list[str]]], *, channels: int) -> tuple[np.ndarray, float]:
    """(T, channels) values and the frame rate."""
    heads = [words for _, words in rows[1:3]]
    if len(heads) < 2 or heads[0][0] != "Frames:" or heads[1][:2] != ["Frame", "Time:"]:
        raise lines.error(rows[0][0], "after MOTION expected the lines 'Frames: <count>' and 'Frame Time: <seconds>'")
    count = lines.numbers(rows[1][0], heads[0][1:2])
    step = lines.numbers(rows[2][0], heads[1][2:3])
    if not count or not step or step[0] <= 0:
        raise lines.error(rows[1][0], "the number of frames and a frame time above 0 must be given")
    values = []
    for number, words in rows[3:]:
        if len(words) != channels:
            raise lines.error(number, f"{len(words)} values, expected {channels}, one for each channel")
        values.append(lines.numbers(number, words))
    if len(values) != int(count[0]) or not values:
        raise lines.error(rows[1][0], f"it says {int(count[0])} frames and has {len(values)}; is the file cut off?")
    return np.array(values), round(1.0 / step[0], 3)


def _forward(joints: list[_Joint], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """World rotations (T, J, 3, 3) and root (T, 3) in the file's frame and units."""
    world = np.empty((len(values), len(joints), 3, 3))
    root = np.tile(np.array(joints[0].offset), (len(values), 1))
    column = 0
    for index, joint in enumerate(joints):
        local = Rotation.identity(len(values))
        for channel in joint.channels:
            axis = "xyz".index(channel[0])
            if channel.endswith("position"):
                root[:, axis] += values[:, column]
            else:
                local = local * Rotation.from_euler(channel[0], values[:, [column]], degrees=True)
            column += 1
        world[:, index] = local.as_matrix() if joint.parent < 0 else world[:, joint.parent] @ local.as_matrix()
    return world, root
