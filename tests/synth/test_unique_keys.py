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


@pytest.mark.parametrize(
    "text",
    ["2001-13-45", "0b_", "!!int abc", "!!int ''", "!!bool perhaps", "!!timestamp soon", "9" * 400, "0x" + "f" * 9000],
)
def test_what_python_cannot_make_a_value_of_is_refused_with_its_line(text):
    with pytest.raises(yaml.YAMLError, match=r"(?s)is no value of the type (int|bool|timestamp).*line 2"):
        yaml.load(f"a: 1\nb: {text}\n", Loader=UniqueKeys)


GROWING = ["a0: &a0 {k: 1}", *(f"a{n + 1}: &a{n + 1} {{p: *a{n}, q: *a{n}, r: *a{n}}}" for n in range(20))]


@pytest.mark.parametrize(
    "lines", [GROWING, [*GROWING[:8], "z: {<<: [*a7, *a7]}"], ["[" * 2000 + "]" * 2000], ["&b [*b]"]]
)
def test_a_few_lines_that_grow_beyond_all_memory_are_refused(lines, monkeypatch):
    monkeypatch.setattr("synth.unique_keys.MOST_NODES", 5000)
    with pytest.raises(yaml.YAMLError, match=r"over 5000 values|over 50 lists|stands within what it names"):
        yaml.load("\n".join(lines), Loader=UniqueKeys)
