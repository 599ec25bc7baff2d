"""Contact sheets and videos, so that people can judge what models are shown.

Every picture comes from the engine over the wire, exactly as a study's does. `python -m synth.gallery --help` says
what there is.
"""
