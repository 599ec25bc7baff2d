"""The embedded engine: a world, a batch renderer on NVIDIA Warp, and a server that speaks UnrealCV.

`synth.stage.render` draws without a server, in this process; importing this package loads no Warp.
"""

from __future__ import annotations


def __getattr__(name: str):
    if name == "render":
        from synth.stage.direct import render

        return render
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
