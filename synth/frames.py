"""Coordinate frames and units: the one place where they are converted (design §4).

Ours: metres, degrees, right-handed, Z up; a person faces +X and has their left at +Y.
Unreal's: centimetres, left-handed, X forward, Y right, Z up; rotations are pitch, yaw, roll.
CMU motion files: Y up, facing +Z, left +X. The anny body: Z up, facing -Y, left +X.
A camera looks along its own +Z with x to the right and y down (the usual vision frame); pixel centres
lie at +0.5, so the principal point of a W x H picture is (W / 2, H / 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Rows are the images of our axes: ours = CMU_TO_OURS @ cmu, so (x, y, z) -> (z, x, y).
CMU_TO_OURS = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
# anny is turned by +90 degrees about Z: (x, y, z) -> (-y, x, z).
ANNY_TO_OURS = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])

CM_PER_M = 100.0


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A pinhole camera in our frame.

    position_m: (x, y, z). yaw_deg: counter-clockwise seen from above, 0 looks along +X.
    pitch_deg: positive looks up. roll_deg: positive turns the camera clockwise. fov_deg: horizontal, (0, 180).
    """

    position_m: tuple[float, float, float]
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    fov_deg: float = 45.0
    width: int = 112
    height: int = 112

    def axes(self) -> np.ndarray:
        """(3, 3) rows: the camera's right, down and forward directions in the world."""
        yaw, pitch, roll = np.radians([self.yaw_deg, self.pitch_deg, self.roll_deg])
        forward = np.array([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)])
        level_right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
        level_down = np.cross(forward, level_right)
        right = np.cos(roll) * level_right + np.sin(roll) * level_down
        return np.stack([right, np.cross(forward, right), forward])

    def view(self) -> np.ndarray:
        """(3, 4) world to camera: `view @ (x, y, z, 1)` is (right, down, forward) in metres."""
        axes = self.axes()
        return np.concatenate([axes, -axes @ np.array(self.position_m)[:, None]], axis=1)

    def intrinsics(self) -> np.ndarray:
        """(3, 3) K in pixels; square pixels, principal point in the middle."""
        focal = self.width / 2 / np.tan(np.radians(self.fov_deg) / 2)
        return np.array([[focal, 0, self.width / 2], [0, focal, self.height / 2], [0, 0, 1.0]])

    def project(self, points_m: np.ndarray) -> np.ndarray:
        """(..., 3) world metres to (..., 3): x and y in pixels (centres at +0.5), planar depth in metres.

        Points behind the camera get a negative depth and meaningless pixels.
        """
        view, k = self.view(), self.intrinsics()
        camera = np.asarray(points_m, dtype=np.float64) @ view[:, :3].T + view[:, 3]
        depth = camera[..., 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = camera[..., :2] / depth * k[[0, 1], [0, 1]] + k[:2, 2]
        return np.concatenate([pixels, depth], axis=-1)


def orbit(
    look_at_m,
    *,
    azimuth_deg: float,
    elevation_deg: float,
    distance_m: float,
    fov_deg: float,
    width: int,
    height: int,
) -> Camera:
    """The camera that looks at `look_at_m` from an azimuth (0: at the front of a person who faces +X;
    counter-clockwise from above), an elevation (positive: from above) and a distance (design §4)."""
    azimuth, elevation = np.radians([azimuth_deg, elevation_deg])
    away = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    position = np.asarray(look_at_m, dtype=np.float64) + distance_m * away
    return Camera(
        position_m=tuple(float(v) for v in position),
        yaw_deg=(azimuth_deg + 180.0) % 360.0,
        pitch_deg=-elevation_deg,
        fov_deg=fov_deg,
        width=width,
        height=height,
    )


def to_unreal_location(point_m) -> tuple[float, float, float]:
    """Our metres to Unreal's centimetres: (x, y, z) -> 100 (x, -y, z)."""
    x, y, z = (float(v) for v in point_m)
    return CM_PER_M * x, -CM_PER_M * y, CM_PER_M * z


def from_unreal_location(point_cm) -> tuple[float, float, float]:
    """Unreal's centimetres to our metres."""
    x, y, z = (float(v) for v in point_cm)
    return x / CM_PER_M, -y / CM_PER_M, z / CM_PER_M


def to_unreal_rotation(*, yaw_deg: float, pitch_deg: float = 0.0, roll_deg: float = 0.0) -> tuple[float, float, float]:
    """Our yaw, pitch, roll to Unreal's (pitch, yaw, roll): its yaw turns right, so the sign of yaw flips."""
    yaw = (-float(yaw_deg) + 180.0) % 360.0 - 180.0
    return float(pitch_deg), yaw, float(roll_deg)


def from_unreal_rotation(pitch_yaw_roll) -> dict[str, float]:
    """Unreal's (pitch, yaw, roll) to our keyword arguments yaw_deg, pitch_deg, roll_deg."""
    pitch, yaw, roll = (float(v) for v in pitch_yaw_roll)
    return {"yaw_deg": -yaw, "pitch_deg": pitch, "roll_deg": roll}


def swap_handedness(vectors: np.ndarray) -> np.ndarray:
    """(..., 3) vectors of our frame in Unreal's, or of Unreal's in ours, units apart: y changes its sign."""
    out = np.array(vectors)
    out[..., 1] = 0 - out[..., 1]  # and not -1 times it, which makes negative zeros
    return out


def rotation_z(angle_deg: float) -> np.ndarray:
    """(3, 3) counter-clockwise rotation about the vertical."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def sun_direction(azimuth_deg: float, elevation_deg: float) -> np.ndarray:
    """(3,) unit vector from the ground towards the sun."""
    a, e = np.radians([azimuth_deg, elevation_deg])
    return np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
