"""The place behind a person who moves before a camera that stands, and how far a picture is from it.

The plate is the temporal median. A pixel's distance from it is in units of its noise: that of the camera and the codec,
from the median absolute difference of consecutive frames, and that of edges, which shake and codecs move by parts of
a pixel. A shadow dims a colour and keeps its hue: brightness and chromaticity distortion after Horprasert, Harwood and
Davis (1999), "A statistical approach for real-time robust background subtraction and shadow detection".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

MAD = 1.4826  # of a normal distribution, standard deviation by median absolute deviation
LEAST = 1.0  # levels of noise that are granted to every pixel: rounding, before and after a codec
SHAKE_PX, GAIN = 0.25, 0.02  # pixels by which edges may waver; share of a level by which light may
SHADE = (0.4, 0.97)  # brightness of a shadow, as a share of the plate's
HUE = 4.0  # chromaticity distortion, in noise, up to which a darker colour may be a shadow
SMOOTH_PX = 1.0
NOISY = 2.0  # levels of noise from which frames are calmed
CALMED_PX, ALIKE = 7, 4.0  # width of the window; how far colours may differ that are averaged, in noise


@dataclass(frozen=True, kw_only=True)
class Plate:
    """colour: float32 (H, W, 3). noise: float32 (H, W, 3), the standard deviation of a pixel that shows the place."""

    colour: np.ndarray
    noise: np.ndarray

    def distance(self, frame: np.ndarray) -> np.ndarray:
        """float32 (H, W) of a float32 frame: root mean square over the channels, in noise, smoothed a little."""
        off = (frame - self.colour) / self.noise
        return cv2.GaussianBlur(np.sqrt((off**2).mean(axis=-1)), (0, 0), SMOOTH_PX)

    def shadow(self, frame: np.ndarray) -> np.ndarray:
        """bool (H, W): where the frame is the plate, darker."""
        colour = self.colour + 1
        bright = (frame * colour).sum(axis=-1) / (colour**2).sum(axis=-1)
        off = (frame - bright[..., None] * colour) / self.noise
        dim = (bright > SHADE[0]) & (bright < SHADE[1])
        return dim & (np.sqrt((off**2).sum(axis=-1) / 2) < HUE)  # two channels are left of three


def plate_of(colour: np.ndarray, sigma: np.ndarray) -> Plate:
    """The plate of a picture, float32 (H, W, 3), for noise (3,) of flat areas."""
    soft = cv2.GaussianBlur(colour, (0, 0), 1.0)
    slope = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)) / 8
    noise = np.sqrt(2 * sigma**2 + (SHAKE_PX * slope) ** 2 + (GAIN * colour) ** 2)
    return Plate(colour=colour, noise=noise.astype(np.float32))


def median_of(frames: np.ndarray) -> np.ndarray:
    """float32 (H, W, 3): the temporal median."""
    return np.median(frames, axis=0).astype(np.float32)


def sigma_of(frames: np.ndarray) -> np.ndarray:
    """float32 (3,): standard deviation of a channel's noise in areas without motion or edges, of uint8 frames."""
    if len(frames) < 2:
        return np.full(3, LEAST, np.float32)
    steps = np.abs(np.diff(frames.astype(np.int16), axis=0))
    typical = MAD * np.median(steps, axis=0) / np.sqrt(2)
    return np.maximum(np.median(typical.reshape(-1, 3), axis=0), LEAST).astype(np.float32)


def calmed(frames: np.ndarray) -> np.ndarray:
    """uint8 (T, H, W, 3): the frames without the noise of a sensor, edges kept (Tomasi and Manduchi 1998); frames that
    have next to none are given back as they are."""
    sigma = float(sigma_of(frames).max())
    if sigma < NOISY:
        return frames
    return np.stack([cv2.bilateralFilter(frame, CALMED_PX, ALIKE * sigma, CALMED_PX / 3) for frame in frames])


def levelled(frames: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """float32 (T, H, W, 3): frames less what the whole picture is brighter than the plate, as by automatic exposure."""
    off = frames.astype(np.float32) - colour
    return colour + off - np.median(off, axis=(1, 2), keepdims=True)


def uncovered(frames: np.ndarray, covered: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """The median over the frames in which a pixel is not covered, and whether there are at least `least` of them.

    frames: float32 (T, H, W, 3); covered: bool (T, H, W). Pixels without enough are filled in from those around them
    (Telea 2004).
    """
    free = np.sort(np.where(covered[..., None], np.float32(np.inf), frames), axis=0)
    count = (~covered).sum(axis=0)
    middle = np.maximum(count - 1, 0) // 2
    colour = np.take_along_axis(free, np.broadcast_to(middle[None, ..., None], (1, *free.shape[1:])), axis=0)[0]
    seen = count >= least
    colour = np.where(seen[..., None], colour, 0).clip(0, 255).astype(np.float32)
    around = cv2.inpaint(colour.astype(np.uint8), (~seen).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return np.where(seen[..., None], colour, around.astype(np.float32)), seen
