"""synth makes controlled clips and knows nothing of models.

    import synth
    from synth.factors import ClipSpec, MotionRef, Viewpoint

    with synth.open_engine() as engine:
        clip = engine.render(ClipSpec(motion=MotionRef(activity="wave"), viewpoint=Viewpoint(azimuth_deg=90)))
    clip["frames"]  # uint8 (T, H, W, 3) sRGB

Many clips at once: `engine.capture(specs, passes)`; many that are to be kept: `synth.render`.
"""

from __future__ import annotations


def open_engine(**options):
    """An engine session as a context manager; see `synth.engine.open_engine`."""
    from synth import engine

    return engine.open_engine(**options)
