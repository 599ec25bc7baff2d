"""YAML in which a key that stands twice in one mapping is an error; PyYAML itself would keep the last one silently."""

from __future__ import annotations

import yaml


class UniqueKeys(yaml.SafeLoader):
    """Loads plain data; raises yaml.YAMLError, with the line, where a key stands twice (YAML 1.2, section 3.2.1.1)."""

    def compose_mapping_node(self, anchor):
        node = super().compose_mapping_node(anchor)
        seen: set[tuple[str, str]] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if (key.tag, key.value) in seen:
                problem = f"the key {key.value!r} stands twice in one mapping; keep one of them"
                raise yaml.composer.ComposerError(problem=problem, problem_mark=key.start_mark)
            seen.add((key.tag, key.value))
        return node
