"""The client side of the wire: starts or finds engines, says what they should show, and brings the clips home.

    with open_engine(device="cpu", workers=2) as engine:
        for spec, arrays, camera in engine.capture(specs, ["frames", "mask"]):
            ...

`engine.identity()` and `engine.digest(kind, name)` tell what a clip's id is made of.
"""

from __future__ import annotations

from synth.engine.capture import Engine
from synth.engine.errors import (
    BadReply,
    CannotConnect,
    ClipsQuarantined,
    EngineChanged,
    EngineDied,
    EngineError,
    EngineLacks,
    EngineLost,
    EngineRefused,
    EngineTimeout,
    ProfileError,
    StalePose,
    StartFailed,
)
from synth.engine.faults import Fault, Limits
from synth.engine.needs import require
from synth.engine.opening import open_engine
from synth.engine.pool import EnginePool
from synth.engine.profile import Profile, load_profile

__all__ = [
    "BadReply",
    "CannotConnect",
    "ClipsQuarantined",
    "Engine",
    "EngineChanged",
    "EngineDied",
    "EngineError",
    "EngineLacks",
    "EngineLost",
    "EnginePool",
    "EngineRefused",
    "EngineTimeout",
    "Fault",
    "Limits",
    "Profile",
    "ProfileError",
    "StalePose",
    "StartFailed",
    "load_profile",
    "open_engine",
    "require",
]
