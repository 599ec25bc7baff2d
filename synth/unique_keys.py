"""YAML that is plain data, small, and says every key once; for files that somebody else may have written.

PyYAML itself keeps the last of two equal keys silently, writes a few lines of aliases out to more than a memory holds,
and lets Python's own errors through for `2001-13-45`, `!!int x` or a thousand brackets.
"""

from __future__ import annotations

import math

import yaml

MOST_NODES = 100_000  # values and keys, those of an alias as often as it stands
MOST_DEPTH = 50
_PYTHONS_OWN = (ValueError, LookupError, AttributeError, OverflowError)


class UniqueKeys(yaml.SafeLoader):
    """Loads plain data; raises yaml.YAMLError, with the line, where a key stands twice (YAML 1.2, section 3.2.1.1),
    where there is far too much of it, and for a date or number that is none."""

    def __init__(self, stream):
        super().__init__(stream)
        self._count, self._depth = 0, 0
        self._sizes: dict[yaml.Node, int] = {}

    def compose_node(self, parent, index):
        event, before = self.peek_event(), self._count
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        alias = isinstance(event, yaml.AliasEvent)
        if alias and node not in self._sizes:
            raise _refused(f"the alias *{event.anchor} stands within what it names; write it out", event.start_mark)
        self._count += self._sizes[node] if alias else 1
        self._sizes.setdefault(node, self._count - before)
        if self._count > MOST_NODES:
            raise _refused(f"over {MOST_NODES} values, aliases written out; expected fewer", event.start_mark)
        return node

    def compose_sequence_node(self, anchor):
        self._check_depth()
        return super().compose_sequence_node(anchor)

    def compose_mapping_node(self, anchor):
        self._check_depth()
        node = super().compose_mapping_node(anchor)
        seen: set[tuple[str, str]] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if (key.tag, key.value) in seen:
                raise _refused(f"the key {key.value!r} stands twice in one mapping; keep one of them", key.start_mark)
            seen.add((key.tag, key.value))
        return node

    def construct_object(self, node, deep=False):
        try:
            found = super().construct_object(node, deep)
            if isinstance(found, int):
                math.isfinite(found)
        except _PYTHONS_OWN as error:
            shown = node.value if isinstance(node, yaml.ScalarNode) else ""
            raise _refused(
                f"{shown[:40]!r} is no value of the type {node.tag.rpartition(':')[2]} ({error}); put text in quotes",
                node.start_mark,
            ) from error
        return found

    def _check_depth(self) -> None:
        if self._depth > MOST_DEPTH:
            raise _refused(f"over {MOST_DEPTH} lists or mappings within each other", self.peek_event().start_mark)


def _refused(problem: str, mark) -> yaml.YAMLError:
    return yaml.composer.ComposerError(problem=problem, problem_mark=mark)
