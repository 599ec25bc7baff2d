"""A clip and its place in a design."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from synth.axes import Level
from synth.factors import ClipSpec
from synth.resolve import resolve

SWEEP, CROSS, FLIP, EFFECTS = "sweep", "cross", "flip", "effects"  # designs
BY = " x "  # between the factors of a cross


@dataclass(frozen=True, kw_only=True)
class PlannedClip:
    """A clip and its place in the design. `id` is empty until an engine was asked for its digests.

    design: what it is made for; each is analysed on its own. sweep: the name of the sweep. factor: what is swept, of a
    cross both joined by BY. value: where it stands as a number (`Study.position`); of a cross the number of the cell.
    level: the same as text, a name where the factor has names. block: the identity of the replicate; clips of one
    block and sweep are matched. cluster: what motions share a performer's recording. A clip whose recipe has
    repeat > 0 belongs to the floor.
    """

    spec: ClipSpec
    activity: str
    sweep: str
    factor: str
    value: float
    block: str
    cluster: str
    level: str = ""
    design: str = SWEEP
    id: str = ""

    @property
    def factors(self) -> tuple[str, ...]:
        """What may differ between clips of one block and sweep."""
        return tuple(self.factor.split(BY))

    @property
    def below_floor(self) -> bool:
        """Whether the camera is under the floor, which is not drawn then (design §4)."""
        return resolve(self.spec).camera.position_m[2] < 0.0


def level_text(level: Level) -> str:
    """A level as it stands in tables: 3.5, true, lawn."""
    return f"{level:g}" if isinstance(level, float) else str(level).lower() if isinstance(level, bool) else level


def with_ids(clips: Iterable[PlannedClip], ids: Mapping[ClipSpec, str]) -> list[PlannedClip]:
    """The clips with the ids that an engine's digests give them."""
    return [dataclasses.replace(clip, id=ids[clip.spec]) for clip in clips]
