"""What a CMU subject did, joint by joint: the source side of retargeting.

Joints have the body's names (`hip.L`, `elbow.R`), because both skeletons are compared by them and not by bones: CMU's
forearm is two bones with the wrist at the end of the second, and its hips hang on bones of their own.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_closing

from synth.motion.asf import AsfSkeleton
from synth.motion.motion import Motion

SIDES = ("L", "R")
_HEAD, _TAIL = 0, 1
_LEFT = {
    "hip": ("lfemur", _HEAD),
    "knee": ("ltibia", _HEAD),
    "ankle": ("lfoot", _HEAD),
    "toe": ("lfoot", _TAIL),
    "shoulder": ("lhumerus", _HEAD),
    "elbow": ("lradius", _HEAD),
    "wrist": ("lhand", _HEAD),
    "finger": ("lhand", _TAIL),
}
_JOINTS = {
    **{f"{joint}.L": place for joint, place in _LEFT.items()},
    **{f"{joint}.R": ("r" + bone[1:], end) for joint, (bone, end) in _LEFT.items()},
}

PLANTED_M_S = 0.15  # a toe slower than this and low is planted; mocap of a standing foot moves by about 0.06 m/s
PLANTED_HEIGHT_M = 0.03  # above the height under which the toe is 5 % of the time
RAISED_M = 0.10  # a foot whose lowest is this much over the floor of the trial stands on something
BLINK_S = 0.1  # no foot is lifted and put down again in so short a time
STANDING_M_S = 0.12
HEEL_DOWN_M = 0.025  # of the ankle over its lowest; on the ball of the foot it is 6 to 10 cm higher
WALK_M = 1.0
STEEPEST_FLOOR = 0.05  # rise over run
_LEAST_STANDING = 8  # frames; fewer say nothing about a foot


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """A motion on its own skeleton. rotations: (T, B, 3, 3) relative to the zero pose; heads, tails: (T, B, 3).

    floor_m: height of the balls of the feet of one who stands, as of the whole trial even where this is a part of it.
    """

    skeleton: AsfSkeleton
    rotations: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    fps: float
    floor_m: float

    @classmethod
    def of(cls, skeleton: AsfSkeleton, motion: Motion) -> Performance:
        """Poses the source skeleton in every frame."""
        rotations = motion.matrices()
        heads, tails = skeleton.fk(rotations, motion.root)
        feet = [(heads, tails)[end][:, skeleton.index(bone), 2] for bone, end in (_JOINTS["toe.L"], _JOINTS["toe.R"])]
        floor_m = min(float(np.percentile(height, 5)) for height in feet)
        return cls(skeleton=skeleton, rotations=rotations, heads=heads, tails=tails, fps=motion.fps, floor_m=floor_m)

    @classmethod
    def zero_pose(cls, skeleton: AsfSkeleton) -> Performance:
        """One frame in the zero pose."""
        rotations = np.tile(np.eye(3), (1, len(skeleton.names), 1, 1))
        heads, tails = skeleton.fk(rotations, np.zeros((1, 3)))
        return cls(skeleton=skeleton, rotations=rotations, heads=heads, tails=tails, fps=1.0, floor_m=0.0)

    def __len__(self) -> int:
        return len(self.heads)

    def cut(self, frames: slice) -> Performance:
        """Some of the frames."""
        return dataclasses.replace(
            self, rotations=self.rotations[frames], heads=self.heads[frames], tails=self.tails[frames]
        )

    def joint(self, name: str) -> np.ndarray:
        """(T, 3) the path of a joint such as `knee.L`, metres."""
        bone, end = _JOINTS[name]
        return (self.heads, self.tails)[end][:, self.skeleton.index(bone)]

    def turn(self, bone: str) -> np.ndarray:
        """(T, 3, 3) the rotation of a bone relative to the zero pose."""
        return self.rotations[:, self.skeleton.index(bone)]

    def levelled(self) -> Performance:
        """With the floor made level along the way: some captures rise or sink by a few centimetres over a walk.

        The floor is a straight line through the heights of slow toes, by the median of slopes (Theil 1950, Sen 1968).
        Who goes less than `WALK_M`, or up a slope that no floor has (stairs), is left alone.
        """
        way = (self.heads[-1, 0] - self.heads[0, 0]) * [1.0, 1.0, 0.0]
        length = np.linalg.norm(way)
        slow = [self.joint(f"toe.{side}")[self._speed(f"toe.{side}") < PLANTED_M_S] for side in SIDES]
        stands = np.concatenate(slow)
        if length < WALK_M or len(stands) < _LEAST_STANDING:
            return self
        from scipy.stats import theilslopes  # a third of a second, which every engine would wait for

        slope = theilslopes(stands[:, 2], stands @ way / length)[0]
        if abs(slope) > STEEPEST_FLOOR:
            return self
        rise = slope * (self.heads[:, 0] - self.heads[0, 0]) @ way / length
        down = -rise[:, None, None] * np.array([0.0, 0.0, 1.0])
        return dataclasses.replace(self, heads=self.heads + down, tails=self.tails + down)

    def near_floor(self, joint: str, low_m: float, high_m: float) -> np.ndarray:
        """(T,) 1 where a joint is lower over the floor than `low_m`, 0 where it is higher than `high_m`, smooth."""
        above = (self.joint(joint)[:, 2] - self.floor_m - low_m) / (high_m - low_m)
        share = np.clip(1.0 - above, 0.0, 1.0)
        return share * share * (3.0 - 2.0 * share)

    def leg_m(self) -> float:
        """Thigh and shin together, mean of both sides."""
        length = np.linalg.norm(self.skeleton.offsets_m, axis=1)
        return float(sum(length[self.skeleton.index(bone)] for bone in ("lfemur", "ltibia", "rfemur", "rtibia")) / 2)

    def planted(self, side: str) -> np.ndarray:
        """(T,) bool: the foot stands on the floor and does not move; a blink between two stands is no step."""
        toe, ankle = self._speed(f"toe.{side}"), self._speed(f"ankle.{side}")
        stands = (toe < PLANTED_M_S) & (ankle < 3 * PLANTED_M_S) & self._low(side)
        blink = 1 + round(BLINK_S * self.fps)
        return stands | binary_closing(stands, np.ones(blink))

    def standing(self, side: str) -> np.ndarray:
        """(T,) bool: the whole foot rests, so that its sole must be level; the stillest frames if it never does."""
        toe, ankle = self._speed(f"toe.{side}"), self._speed(f"ankle.{side}")
        rests = (toe < STANDING_M_S) & (ankle < STANDING_M_S) & self._low(side)
        if rests.sum() < _LEAST_STANDING:
            height = self.joint(f"toe.{side}")[:, 2]
            unrest = toe + ankle + 5.0 * np.maximum(height - np.percentile(height, 5), 0.0)
            rests[np.argsort(unrest)[: max(_LEAST_STANDING, len(self) // 25)]] = True
        return rests

    def heel_down(self, side: str) -> np.ndarray:
        """(T,) bool: the ankle is as low as that of one who stands flat, on either foot, in any part of the trial."""
        lowest = min(float(np.percentile(self.joint(f"ankle.{foot}")[:, 2], 5)) for foot in SIDES)
        return self.joint(f"ankle.{side}")[:, 2] < lowest + HEEL_DOWN_M

    def _low(self, side: str) -> np.ndarray:
        """(T,) bool: the foot is as low as when it stands; on a rung or a step it is not, however long it stays."""
        height = self.joint(f"toe.{side}")[:, 2]
        own = float(np.percentile(height, 5))
        return height < (own if own < self.floor_m + RAISED_M else self.floor_m) + PLANTED_HEIGHT_M

    def _speed(self, joint: str) -> np.ndarray:
        """(T,) metres per second."""
        if len(self) < 2:
            return np.zeros(len(self))
        return np.linalg.norm(np.gradient(self.joint(joint), 1.0 / self.fps, axis=0), axis=1)
