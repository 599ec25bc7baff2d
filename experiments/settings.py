"""Settings of a composed config, checked before anything is done with them; what is misspelt names the nearest."""

from __future__ import annotations

import inspect
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path

from synth.clips import ClipStore, SpillingStore
from synth.cluster import Executor
from synth.engine import load_profile, open_engine, require
from synth.engine.opening import local_ways
from synth.errors import CeterisError, UnknownName, find
from synth.factors import ClipSpec


class SettingError(CeterisError):
    """A setting that cannot be: says the key, what was got and what is expected."""


def part(key: str, given, kind: type):
    """The dataclass `kind` from a table of its fields."""
    known_keys(key, given, kind)
    for item in fields(kind):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in given:
            raise SettingError(f"{key} lacks the key {item.name!r}")
    return kind(**given)


def known_keys(key: str, given, kind: type) -> None:
    """Raises UnknownName for a key that is no field of `kind`, SettingError for what is no table."""
    known = [item.name for item in fields(kind)]
    for name in table(key, given):
        if name not in known:
            raise UnknownName(f"key of {key}", name, known)


def plain_name(key: str, given) -> str:
    """A name that files are called by."""
    if not isinstance(given, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", given):
        raise SettingError(f"{key} = {given!r} names files; expected letters, digits, '_', '-' and '.'")
    return given


def check_numbers(given, key: str = "") -> None:
    """Raises SettingError for a whole number anywhere in a config that is more than a float holds."""
    if isinstance(given, Mapping | list):
        items = given.items() if isinstance(given, Mapping) else enumerate(given)
        for name, value in items:
            check_numbers(value, f"{key}.{name}" if key else str(name))
    elif isinstance(given, int) and abs(given) > sys.float_info.max:
        raise SettingError(f"{key} is a whole number of over 300 digits; expected one that a float can hold")


def table(key: str, given) -> Mapping:
    """`given` itself, if it is a table of keys and values."""
    if not isinstance(given, Mapping):
        raise SettingError(f"{key} = {given!r}; expected a table of keys and values")
    return given


def names(key: str, given) -> tuple[str, ...]:
    """A list of names, each once."""
    if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
        raise SettingError(f"{key} = {given!r}; expected a list of names, as {key}=[{given}]")
    if not given:
        raise SettingError(f"{key} is empty; name at least one")
    if twice := [name for name in given if given.count(name) > 1]:
        raise SettingError(f"{key} names {twice[0]!r} more than once; once is enough")
    return tuple(given)


def whole(key: str, given, *, least: int) -> int:
    """A whole number that is not under `least`."""
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise SettingError(f"{key} = {given!r}; expected a whole number, at least {least}")
    return given


def are_numbers(given: Iterable) -> bool:
    """Whether all are finite numbers."""
    return all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in given)


def flag(key: str, given) -> bool:
    """true or false."""
    if not isinstance(given, bool):
        raise SettingError(f"{key} = {given!r}; expected true or false")
    return given


def folder(key: str, given) -> Path:
    """The path of a folder, there or not."""
    if not isinstance(given, str) or not given:
        raise SettingError(f"{key} = {given!r}; expected the path of a folder")
    return Path(given)


def assets_root(config: Mapping) -> Path | None:
    """The folder of motion capture, absolute, since an engine is another process; None where none was given."""
    root = config["assets"]["root"]
    return None if root is None else folder("assets.root", root).resolve()


def clip_store(config: Mapping) -> ClipStore:
    """The store that a config names, shared where `store.spill` says so; raises ClipError where it cannot be
    written."""
    root, url = folder("store.root", config["store"]["root"]), config["store"].get("spill")
    if url is not None and (not isinstance(url, str) or not url):
        raise SettingError(f"store.spill = {url!r}; expected a URL that fsspec knows, as s3://bucket/clips, or null")
    store = SpillingStore(root, url) if url else ClipStore(root)
    store.check_writable()
    return store


def engine_options(given: Mapping) -> dict:
    """The group `engine` as arguments of `open_engine`; raises UnknownName for a key that it does not have."""
    known = inspect.signature(open_engine).parameters.keys() | inspect.signature(local_ways).parameters.keys()
    for name in table("engine", given):
        find("key of engine", name, dict.fromkeys(known - {"how", "executor", "workers"}))
    return dict(given)


def engine_for(config: Mapping, specs: Sequence[ClipSpec], passes: Iterable[str]) -> dict:
    """The arguments of `open_engine` in a composed config, once it is sure that such engines can show `specs`; raises
    EngineLacks with all that they cannot."""
    options = engine_options(config["engine"])
    require(load_profile(options.get("profile", "stage")), specs, passes)
    known_keys("executor", config["executor"], Executor)
    return {**options, "executor": config["executor"], "workers": config["workers"]}
