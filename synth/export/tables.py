"""Tables as text: CSV as RFC 4180 has it with LF, and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping


def csv_table(rows: Iterable[Mapping]) -> str:
    """Rows of one set of keys as CSV, with a header."""
    buffer, writer = io.StringIO(), None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(buffer, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
    return buffer.getvalue()


def json_lines(rows: Iterable[Mapping]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)
