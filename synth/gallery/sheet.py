"""A contact sheet as data: which recipe, frame and pass stands where, and what is written beside it.

Blind sheets are the same pictures in a shuffled order with numbers for names, so that somebody who has not seen the
key can say what is shown (a forced guess teaches nothing, so no list of answers is given).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth.factors import ClipSpec


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One picture: a frame of a pass of a clip, and the lines under it."""

    spec: ClipSpec
    frame: int = 0
    shown: str = "frames"
    caption: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Cells row by row. name: of the file. rows, heads: words to the left of each row and above each column.

    told: whether title ("title"), rows ("rows") and columns ("heads") say what is to be guessed.
    """

    name: str
    title: str
    cells: tuple[Cell, ...]
    columns: int
    rows: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    told: tuple[str, ...] = ("title",)

    @property
    def specs(self) -> list[ClipSpec]:
        """The recipes on it, each once."""
        return list(dict.fromkeys(cell.spec for cell in self.cells))


def blind(sheets: Sequence[Sheet], seed: int) -> tuple[list[Sheet], dict[str, str]]:
    """The sheets shuffled and without names, and the key: what is written there -> what it stands for.

    Captions go, since they tell. The same seed gives the same order.
    """
    rng, key, hidden = np.random.default_rng(seed), {}, []
    for number, at in enumerate(rng.permutation(len(sheets)), 1):
        sheet = sheets[at]
        name = f"sheet-{number:02d}"
        if "title" in sheet.told:
            key[name] = sheet.title
        sheet = dataclasses.replace(
            sheet,
            name=name,
            title=name if "title" in sheet.told else sheet.title,
            cells=tuple(dataclasses.replace(cell, caption=()) for cell in sheet.cells),
        )
        for axis in ("rows", "heads"):
            if axis in sheet.told:
                sheet, told = _shuffled(sheet, axis, rng)
                key.update({f"{name} {label}": meaning for label, meaning in told.items()})
        hidden.append(sheet)
    return hidden, key


def _shuffled(sheet: Sheet, axis: str, rng: np.random.Generator) -> tuple[Sheet, dict[str, str]]:
    """With its rows or columns in another order, numbered (rows) or lettered (columns)."""
    grid = np.arange(len(sheet.cells)).reshape(-1, sheet.columns)
    labels = getattr(sheet, axis)
    order = rng.permutation(len(labels))
    grid = grid[order] if axis == "rows" else grid[:, order]
    names = [f"{'row' if axis == 'rows' else 'column'} {k}" for k in range(1, len(labels) + 1)]
    told = {name: labels[k] for name, k in zip(names, order, strict=True)}
    cells = tuple(sheet.cells[k] for k in grid.ravel())
    return dataclasses.replace(sheet, cells=cells, **{axis: tuple(names)}), told
