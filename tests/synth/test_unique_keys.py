"""A key that stands twice is refused with its line; merging and equal keys of different mappings are not."""

import pytest
import yaml

from synth.unique_keys import UniqueKeys


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(yaml.YAMLError, match=r"(?s)the key 'a' stands twice.*line 3"):
        yaml.load("b:\n  a: 1\n  a: 2\n", Loader=UniqueKeys)


def test_what_may_stand_twice():
    text = "x: &x {a: 1, b: 2}\ny: {<<: *x, a: 3}\nz: {1: p, '1': q}\n"
    found = yaml.load(text, Loader=UniqueKeys)
    assert found == {"x": {"a": 1, "b": 2}, "y": {"a": 3, "b": 2}, "z": {1: "p", "1": "q"}}
