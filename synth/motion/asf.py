"""Reader of a subject's skeleton in an ASF file, as CMU's motion capture database writes it.

Source: "Acclaim ASF/AMC" (J. Lander, 1998, "Working with motion capture file formats", Game Developer). What that text
leaves open was measured on CMU's files: `length 0.45` means that one unit is 1 / 0.45 inch, of bone lengths and of the
root's translation alike; `XYZ` turns about the fixed X axis first, R = Rz Ry Rx; a bone goes from its parent's end
along `direction`, which is in world axes. The `limits` are not kept by the motions and not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from synth.frames import CMU_TO_OURS
from synth.motion.files import Lines, MotionFileError, read_lines

INCH_M = 0.0254
CMU_UNIT_M = INCH_M / 0.45  # the unit of every CMU file
ROOT = "root"
ROOT_ORDER = ("TX", "TY", "TZ", "RX", "RY", "RZ")


@dataclass(frozen=True, kw_only=True, eq=False)
class AsfSkeleton:
    """A subject's bones in our frame, in the zero pose (arms level, facing +X).

    names: the root and then every bone, parents first. parents: (B,) int, root -1. offsets_m: (B, 3) from a bone's
    head to its tail. axes: (B, 3, 3) C of each bone in the file's frame. channels: of each bone, its rotations as
    indices of x, y, z in the order of the AMC's values; the root has six values. unit_m: metres per unit of the file.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    offsets_m: np.ndarray
    axes: np.ndarray
    channels: tuple[tuple[int, ...], ...]
    unit_m: float
    path: Path

    def index(self, name: str) -> int:
        """The number of a bone."""
        if name not in self.names:
            raise MotionFileError(self.path, 0, f"no bone {name!r}; its bones: {', '.join(self.names)}")
        return self.names.index(name)

    def fk(self, rotations: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Heads and tails (T, B, 3) of every bone from world rotations (T, B, 3, 3) and the root's path (T, 3)."""
        heads, tails = np.empty((2, len(root), len(self.names), 3))
        heads[:, 0] = tails[:, 0] = root
        for bone in range(1, len(self.names)):
            heads[:, bone] = tails[:, self.parents[bone]]
            tails[:, bone] = heads[:, bone] + rotations[:, bone] @ self.offsets_m[bone]
        return heads, tails


def read_asf(path: Path) -> AsfSkeleton:
    """The skeleton in an ASF file; raises MotionFileError with the line of what is wrong."""
    lines = read_lines(path, comment="#")
    sections = _sections(lines)
    unit_m = _unit(sections, lines)
    _check_root(sections, lines)
    bones = _bones(sections.get(":bonedata", []), lines)
    parents = _hierarchy(sections.get(":hierarchy", []), bones, lines)
    names = (ROOT, *_parents_first(parents, lines))
    zero = {"direction": np.zeros(3), "length": np.zeros(1), "axis": np.zeros(3), "dof": (0, 1, 2)}
    table = [{**zero, **bones[name]} if name != ROOT else zero for name in names]
    offsets = np.array([bone["direction"] * bone["length"] for bone in table]) * unit_m
    return AsfSkeleton(
        names=names,
        parents=np.array([-1] + [names.index(parents[name]) for name in names[1:]], dtype=np.int32),
        offsets_m=offsets @ CMU_TO_OURS.T,
        axes=fixed_xyz(np.array([bone["axis"] for bone in table])),
        channels=tuple(tuple(bone["dof"]) for bone in table),
        unit_m=unit_m,
        path=Path(path),
    )


def fixed_xyz(angles_deg: np.ndarray) -> np.ndarray:
    """(n, 3) degrees about fixed x, then y, then z to (n, 3, 3)."""
    return Rotation.from_euler("xyz", angles_deg, degrees=True).as_matrix()


def _sections(lines: Lines) -> dict[str, list[tuple[int, list[str]]]]:
    sections: dict[str, list[tuple[int, list[str]]]] = {}
    current: list = []
    for number, words in lines:
        if words[0].startswith(":"):
            current = sections.setdefault(words[0].lower(), [])
        else:
            current.append((number, words))
    for name in (":units", ":root", ":bonedata", ":hierarchy"):
        if not sections.get(name):
            raise lines.error(0, f"it has no section {name} or an empty one; this is no whole ASF file")
    return sections


def _unit(sections: dict, lines: Lines) -> float:
    """Metres per unit of length."""
    units = {words[0].lower(): (number, words[1:]) for number, words in sections[":units"]}
    number, angle = units.get("angle", (0, ["deg"]))
    if angle[:1] != ["deg"]:
        raise lines.error(number, f"angles in {' '.join(angle)!r} are not read, only deg")
    number, length = units.get("length", (0, []))
    if len(length) != 1 or lines.numbers(number, length)[0] <= 0:
        raise lines.error(number, "section :units needs a line such as 'length 0.45'")
    return INCH_M / lines.numbers(number, length)[0]


def _check_root(sections: dict, lines: Lines) -> None:
    """CMU's roots all have one order and no position of their own; another would need other arithmetic."""
    for number, words in sections[":root"]:
        key, given = words[0].lower(), tuple(words[1:])
        wanted = {"order": ROOT_ORDER, "axis": ("XYZ",)}.get(key)
        if wanted and tuple(word.upper() for word in given) != wanted:
            raise lines.error(number, f"root {key} {' '.join(given)} is not read, only {' '.join(wanted)}")
        if key in ("position", "orientation") and any(lines.numbers(number, list(given))):
            raise lines.error(number, f"a root {key} other than 0 0 0 is not read")


def _bones(rows: list, lines: Lines) -> dict[str, dict]:
    bones: dict[str, dict] = {}
    bone: dict = {}
    for number, words in rows:
        key = words[0].lower()
        if key == "begin":
            bone = {}
        elif key == "end":
            missing = {"name", "direction", "length", "axis"} - set(bone)
            if missing:
                raise lines.error(number, f"bone {bone.get('name', '?')!r} lacks {', '.join(sorted(missing))}")
            bones[bone["name"]] = {"dof": (), **bone}
        elif key in _BONE_FIELDS:
            bone[key] = _BONE_FIELDS[key](lines, number, words[1:])
    return bones


def _hierarchy(rows: list, bones: dict, lines: Lines) -> dict[str, str]:
    parents: dict[str, str] = {}
    for number, words in rows:
        if words[0] in ("begin", "end"):
            continue
        for name in words:
            if name != ROOT and name not in bones:
                raise lines.error(number, f"bone {name!r} is in the hierarchy but not in :bonedata")
        parents.update({child: words[0] for child in words[1:]})
    loose = [name for name in bones if name not in parents]
    if loose:
        raise lines.error(0, f"the hierarchy leaves out the bones {', '.join(loose)}")
    return parents


def _parents_first(parents: dict[str, str], lines: Lines) -> list[str]:
    ordered: list[str] = []
    while len(ordered) < len(parents):
        ready = [name for name, parent in parents.items() if name not in ordered and parent in (ROOT, *ordered)]
        if not ready:
            raise lines.error(0, "the hierarchy runs in a circle or does not begin at root")
        ordered += ready
    return ordered


def _vector(lines: Lines, number: int, words: list[str]) -> np.ndarray:
    if len(words) < 3:
        raise lines.error(number, f"expected 3 numbers, got {len(words)}")
    return np.array(lines.numbers(number, words[:3]))


def _axis(lines: Lines, number: int, words: list[str]) -> np.ndarray:
    if len(words) != 4 or words[3].upper() != "XYZ":
        raise lines.error(number, f"expected 'axis x y z XYZ', got {' '.join(words)!r}")
    return _vector(lines, number, words)


def _dof(lines: Lines, number: int, words: list[str]) -> tuple[int, ...]:
    order = [("rx", "ry", "rz").index(word.lower()) for word in words if word.lower() in ("rx", "ry", "rz")]
    if len(order) != len(words) or len(set(order)) != len(order):
        raise lines.error(number, f"channels {' '.join(words)!r} are not read, only rx, ry and rz, each once")
    return tuple(order)


_BONE_FIELDS = {
    "name": lambda lines, number, words: " ".join(words),
    "direction": _vector,
    "length": lambda lines, number, words: np.array(lines.numbers(number, words[:1])),
    "axis": _axis,
    "dof": _dof,
}
