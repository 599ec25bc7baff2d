"""The table of top-1 accuracies, over all activities."""

from __future__ import annotations

import numpy as np

from experiments.analysis import ALL
from experiments.report.section import Section, part
from experiments.report.study import Study, marked


def accuracy(study: Study) -> list[Section]:
    """One section."""
    html = part("sections/accuracy.html.j2", index=study.index, accuracy=_accuracy(study, study.sweeps))
    return [Section(id="accuracy", title="Accuracy", html=html, tables={"accuracy": study.tables.accuracy})]


def _accuracy(study: Study, sweeps: list[dict]) -> list[dict]:
    """The rows of the table of accuracies, over all activities; where nothing differs, no place is the worst."""
    rows = [row | {"title": s["title"]} for s in sweeps for row in marked(study.of("accuracy", ALL, s))]
    for row in rows:
        alike = np.isclose(row["mean"], row["worst"])
        row["where"] = "everywhere" if alike else study.look(row["factor"]).text(row["worst_at"])
    return rows
