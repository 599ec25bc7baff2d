"""Pictures in rows and columns with words beside them, as one picture."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synth.whole import whole

PAPER, INK, FAINT = (255, 255, 255), (20, 20, 24), (90, 90, 98)
GAP, MARGIN, LINE = 4, 10, 14
TEXT, TITLE = 11, 16


def board(
    pictures: Sequence[np.ndarray],
    columns: int,
    *,
    title: str = "",
    captions: Sequence[Sequence[str]] = (),
    rows: Sequence[str] = (),
    heads: Sequence[str] = (),
) -> np.ndarray:
    """uint8 (H, W, 3): pictures (h, w, 3) of one size in order, `columns` to a row.

    captions: lines under each picture. rows, heads: words to the left of each row and above each column; long ones are
    broken into lines that fit.
    """
    height, width = pictures[0].shape[:2]
    lines = [[part for line in caption for part in _wrapped(line, width)] for caption in captions]
    under = LINE * max(map(len, lines), default=0)
    top = MARGIN + (TITLE + GAP + 4) * bool(title) + LINE * max((len(_wrapped(h, width)) for h in heads), default=0)
    left = MARGIN + (max(int(_font(TEXT).getlength(row)) for row in rows) + 2 * GAP if rows else 0)
    count = -(-len(pictures) // columns)
    size = (left + columns * (width + GAP) + MARGIN, top + count * (height + under + GAP) + MARGIN)
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN - 3), title, fill=INK, font=_font(TITLE))
    for column, head in enumerate(heads):
        words = _wrapped(head, width)
        _lines(pen, left + column * (width + GAP), top - LINE * len(words), words, INK)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        x, y = left + column * (width + GAP), top + row * (height + under + GAP)
        sheet.paste(Image.fromarray(picture), (x, y))
        if number < len(lines):
            _lines(pen, x, y + height, lines[number], FAINT)
        if column == 0 and row < len(rows):
            pen.text((MARGIN, y + height // 2 - TEXT), rows[row], fill=INK, font=_font(TEXT))
    return np.asarray(sheet)


def write_png(path: Path, picture: np.ndarray) -> None:
    """Written beside and renamed, so that a picture is whole or not there."""
    with whole(path) as partial:
        Image.fromarray(picture).save(partial, format="PNG")


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with Matplotlib: Pillow's own font runs small words together."""
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)


def _lines(pen: ImageDraw.ImageDraw, x: int, y: int, words: Sequence[str], ink: tuple[int, int, int]) -> None:
    for number, line in enumerate(words):
        pen.text((x, y + number * LINE), line, fill=ink, font=_font(TEXT))


def _wrapped(text: str, width: int) -> list[str]:
    """Lines no wider than `width` pixels, broken at spaces."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(TEXT).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
