"""The sections of a study's page, in their order; each gives the parts that it has something to say in."""

from experiments.report.sections.accuracy import accuracy
from experiments.report.sections.answer import answer
from experiments.report.sections.closing import again, error, glossary
from experiments.report.sections.cross import cross
from experiments.report.sections.curves import curves
from experiments.report.sections.design import design
from experiments.report.sections.effects import effects
from experiments.report.sections.flips import flips
from experiments.report.sections.manifold import manifold
from experiments.report.sections.models import models
from experiments.report.sections.people import people
from experiments.report.sections.shapes import shapes
from experiments.report.sections.shares import shares
from experiments.report.sections.verification import verification

SECTIONS = (
    verification,
    answer,
    shares,
    design,
    models,
    curves,
    people,
    cross,
    flips,
    manifold,
    effects,
    shapes,
    accuracy,
    error,
    again,
    glossary,
)

__all__ = ["SECTIONS"]
