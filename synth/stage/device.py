"""The device the stage renders on, and buffers that are kept and reused from call to call."""

from __future__ import annotations

import contextlib
import os

import numpy as np
import warp as wp

from synth.errors import CeterisError


class DeviceError(CeterisError):
    """A device was asked for that this machine does not have."""


def open_device(name: str) -> wp.Device:
    """The Warp device `name` ("cpu", "cuda:0"); raises DeviceError where it is absent."""
    with _silent(when=name == "cpu"):
        wp.init()
    known = [str(device) for device in wp.get_devices()]
    if name == "cuda" and any(alias.startswith("cuda") for alias in known):
        name = "cuda:0"
    if name not in known:
        raise DeviceError(
            f"the device {name!r} is not on this machine, which has {', '.join(known)}; "
            "ask for one of these (a CUDA device needs an NVIDIA driver)"
        )
    return wp.get_device(name)


@contextlib.contextmanager
def _silent(*, when: bool):
    """Keeps the driver's loader, which writes past Python, from telling those who want no GPU that there is none."""
    if not when:
        yield
        return
    held = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(held, 2)
        os.close(held)
        os.close(nowhere)


def run_length(device: wp.Device) -> int:
    """How many pixels or faces one thread works through: on a CPU starting a thread of a kernel copies all its
    arguments, on a GPU threads are many and cheap."""
    return 64 if device.is_cpu else 1


_FRAME_BYTES = {True: 24 << 20, False: 2 << 30}  # by whether the device is a CPU, whose caches are small
_VIEW_BYTES = {True: 64 << 20, False: 4 << 30}


def room(device: wp.Device, *, views: bool, pixels: int, samples: int) -> int:
    """How many frames, or views on the place alone, are under way at once: what their visibility buffers fill."""
    budget = (_VIEW_BYTES if views else _FRAME_BYTES)[device.is_cpu]
    return max(1, budget // (pixels * samples * 8))


_OWN_TYPES = {int: wp.int32, float: wp.float32}  # what Warp makes of Python's


class Buffers:
    """Named device arrays that only ever grow, so that a long run allocates nothing."""

    def __init__(self, device: wp.Device):
        self.device = device
        self._held: dict[str, wp.array] = {}

    def get(self, name: str, length: int, dtype) -> wp.array:
        """An array of at least one and exactly `length` elements; its contents are left over from the last use."""
        dtype = _OWN_TYPES.get(dtype, dtype)
        held = self._held.get(name)
        if held is None or held.shape[0] < length or held.dtype is not dtype:
            held = self._held[name] = wp.empty(max(length, 1), dtype=dtype, device=self.device)
        return held[:length]

    def put(self, name: str, values: np.ndarray, dtype) -> wp.array:
        """`values` copied to the device."""
        out = self.get(name, len(values), dtype)
        if len(values):
            out.assign(values)
        return out
