"""The errors of the house: named, and each says what was got, what was expected and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CeterisError(Exception):
    """Base of every error a user can cause; the entry points print it without a traceback."""


class UnknownName(CeterisError):
    """A name that nothing answers to, with the nearest ones.

    Args:
        kind: what was looked for, e.g. "activity".
        name: what was asked for.
        known: every name that exists.
        hint: how to list or add one, appended to the message.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = ""):
        self.kind, self.name, self.known = kind, name, sorted(map(str, known))
        near = difflib.get_close_matches(str(name), self.known, n=3, cutoff=0.4)  # YAML knows more than text
        tip = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known: {', '.join(self.known) or 'none'}."
        super().__init__(f"there is no {kind} named {name!r}; {tip}{' ' + hint if hint else ''}")


def find(kind: str, name: str, table: dict, hint: str = ""):
    """`table[name]`, or `UnknownName` with the nearest names."""
    if name not in table:
        raise UnknownName(kind, name, table, hint)
    return table[name]
