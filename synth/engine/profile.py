"""Command profiles: how each thing that we want of an engine is said to it, as data (`conf/engine/profile/*.yaml`).

Engines differ in their commands, not in the protocol. A profile maps a capability to a command template; a capability
exists when its template does. Templates are checked when they are read, because the wire's grammar has no exponents:
every real number needs a format such as `{x:.4f}`.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from synth.engine.errors import ProfileError
from synth.errors import UnknownName
from synth.unique_keys import UniqueKeys

FOLDER = Path(__file__).resolve().parents[2] / "conf" / "engine" / "profile"
_REAL = re.compile(r"\.\d+f")
_POSE = "x y z pitch yaw roll fov"
_SUN = "yaw elevation intensity temperature ambient"
_MANNER = "phase amplitude mirror noise_deg noise_seed freeze"
_REALS = frozenset(f"{_POSE} {_SUN} seconds ratio phase amplitude noise_deg".split())
# Every capability that we know how to use, and the fields that its template may have.
COMMANDS: dict[str, frozenset[str]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "identity": "",
        "digest": "kind name",
        "set_motion": "human motion",
        "set_manner": f"human {_MANNER}",
        "set_props": "human props",
        "set_time": "human seconds",
        "set_ratio": "human motion ratio",
        "set_root": "human root",
        "set_appearance": "human appearance",
        "set_background": "name",
        "set_sun": _SUN,
        "show_human": "human",
        "set_human_location": "human x y z",
        "set_human_rotation": "human pitch yaw roll",
        "set_human_color": "human r g b",
        "cameras": "",
        "spawn_camera": "",
        "set_camera_location": "camera x y z",
        "set_camera_rotation": "camera pitch yaw roll",
        "set_camera_fov": "camera fov",
        "set_camera_size": "camera width height",
        "lit": "camera",
        "object_mask": "camera",
        "parts": "camera",
        "depth": "camera",
        "normal": "camera",
        "flow": "camera seconds",
        "foreground": "camera",
        "background": "camera",
        "joints": "human",
        "capture": "passes human times cameras width height",
        "capture_time": "seconds",
        "capture_camera": _POSE,
        "capture_joints": "human times",
    }.items()
}


@dataclass(frozen=True)
class Profile:
    """name: for messages. commands: capability to template. human: the person's name in the engine. camera: the
    camera used where pictures are taken one by one. mask_color: what the person gets in the object mask."""

    name: str
    commands: Mapping[str, str]
    human: str = "Human"
    camera: int = 1
    mask_color: tuple[int, int, int] = (255, 255, 255)
    where: str = field(default="", compare=False)

    def __post_init__(self):
        for capability, template in self.commands.items():
            if capability not in COMMANDS:
                raise ProfileError(f"{self.where}: {UnknownName('command of a profile', capability, COMMANDS)}")
            _check(self.where, capability, template)

    @property
    def digest(self) -> str:
        """16 hex digits of all that is said to an engine; a template with fewer digits shows other pixels."""
        said = [sorted(self.commands.items()), self.human, self.camera, self.mask_color]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    def can(self, *capabilities: str) -> bool:
        """Whether every one of them has a template."""
        return all(capability in self.commands for capability in capabilities)

    def line(self, capability: str, **values) -> str:
        """The command for `capability`; raises ProfileError where the engine has none."""
        if capability not in self.commands:
            raise ProfileError(
                f"the profile {self.name!r} has no command {capability!r}, so this engine cannot do it; "
                f"choose another engine, or add `{capability}: ...` to {self.where}"
            )
        return self.commands[capability].format(**values)


def load_profile(source: str | Path | Mapping | Profile) -> Profile:
    """A profile by its name in conf/engine/profile, by the path of a YAML file, or from its content; one that is loaded
    is given back.

    Raises ProfileError for a file that is none, an unknown key, and a template with a wrong field or number format.
    """
    if isinstance(source, Profile):
        return source
    if isinstance(source, Mapping):
        return _build(dict(source), "engine.profile")
    path = Path(source) if str(source).endswith(".yaml") else FOLDER / f"{source}.yaml"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeys)
    except FileNotFoundError as error:
        known = [other.stem for other in FOLDER.glob("*.yaml")]
        raise UnknownName("engine profile", str(source), known, f"profiles are files in {FOLDER}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ProfileError(f"{path}: expected a table with the keys profile and commands")
    return _build(content, str(path))


def _build(content: dict, where: str) -> Profile:
    allowed = {"profile", "commands", "human", "camera", "mask_color"}
    if unknown := sorted(map(str, set(content) - allowed)):
        raise ProfileError(f"{where}: {UnknownName('key of a profile', unknown[0], allowed)}")
    if missing := sorted({"profile", "commands"} - set(content)):
        raise ProfileError(f"{where}: the key {missing[0]!r} is missing")
    for key, (fits, expected) in _FORMS.items():
        if key in content and not fits(content[key]):
            raise ProfileError(f"{where}: {key} = {content[key]!r}; expected {expected}")
    options = {key: content[key] for key in ("human", "camera") if key in content}
    if "mask_color" in content:
        options["mask_color"] = tuple(content["mask_color"])
    return Profile(name=content["profile"], commands=dict(content["commands"]), where=where, **options)


def _whole(value, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_color(value) -> bool:
    return isinstance(value, list | tuple) and len(value) == 3 and all(_whole(part, 255) for part in value)


# What the keys of a profile hold: the check, and what is expected for people.
_FORMS = {
    "profile": (lambda value: isinstance(value, str), "a name"),
    "commands": (lambda value: isinstance(value, Mapping), "a table of capabilities and templates"),
    "human": (lambda value: isinstance(value, str) and bool(re.fullmatch(r"\S+", value)), "a name without blanks"),
    "camera": (lambda value: _whole(value, 1 << 16), "the number of a camera"),
    "mask_color": (_is_color, "[red, green, blue], whole numbers from 0 to 255"),
}


def _check(where: str, capability: str, template: str) -> None:
    """Raises ProfileError for a field that the capability does not have, or a number that could be written 1e-05."""
    if not isinstance(template, str):
        raise ProfileError(f"{where}: {capability}: {template!r} is not text")
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ProfileError(f"{where}: {capability}: {template!r} is no template: {error}") from error
    for _, name, form, _ in fields:
        if name is None:
            continue
        if name not in COMMANDS[capability]:
            raise ProfileError(f"{where}: {capability}: {UnknownName('field', name, COMMANDS[capability])}")
        if name in _REALS and not _REAL.fullmatch(form or ""):
            raise ProfileError(
                f"{where}: {capability}: write {{{name}:.4f}} instead of {{{name}{':' + form if form else ''}}}; "
                "the wire's grammar does not know 1e-05"
            )
