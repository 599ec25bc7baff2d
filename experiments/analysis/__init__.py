"""Score rows to tables: curves with intervals, effects with floor, null and verdict, accuracy, motions."""

from experiments.analysis.blocks import ALL, AnalysisError, Sweep, pooled, sweeps
from experiments.analysis.tables import Tables, analyse

__all__ = ["ALL", "AnalysisError", "Sweep", "Tables", "analyse", "pooled", "sweeps"]
