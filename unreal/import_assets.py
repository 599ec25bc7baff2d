"""Imports motions, people and levels into an Unreal project, by a manifest; runs in Unreal's own editor Python.

    UnrealEditor PROJECT.uproject -ExecutePythonScript="import_assets.py manifest.json"
    python import_assets.py manifest.json --plan        what would be done, without an editor

The manifest and where things land are described in README.md beside this file. The part that plans is tested; the part
that speaks to the editor (`Editor`) was written from Epic's documentation of its Python interface, Unreal 5.2, and has
not been run: no Unreal was at hand. Uses the standard library alone, since the editor has nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = "/Game/Ceteris"
FORMATS = (".fbx", ".gltf", ".glb")
DIGESTS = f"{ROOT}/Digests"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_KEY = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+")
_ASSET = re.compile(r"/Game(/[A-Za-z0-9_-]+)+")
_KEYS = ("target_mesh", "motions", "appearances", "levels")


class ManifestError(Exception):
    """A manifest that cannot be imported: says where, what was got and what is expected."""


@dataclass(frozen=True)
class Step:
    """One asset. kind: motion, appearance or environment. source: the file, or for a level its own asset path.
    skeleton, retargeter: of a motion, asset paths; empty for none. digest: SHA-256 hex of the source."""

    kind: str
    name: str
    source: str
    target: str
    digest: str
    skeleton: str = ""
    retargeter: str = ""


@dataclass(frozen=True)
class Plan:
    """target_mesh: on whose skeleton motions are carried over; empty where none is."""

    steps: tuple[Step, ...]
    target_mesh: str


def plan(manifest: Path) -> Plan:
    """The steps in order, people first, since motions are carried over to them; raises ManifestError."""
    content = _read(manifest)
    mesh = content.get("target_mesh", "")
    people = [_person(manifest, *item) for item in _table(content, "appearances").items()]
    motions = [_motion(manifest, *item) for item in _table(content, "motions").items()]
    if any(step.retargeter for step in motions) and not _ASSET.fullmatch(str(mesh)):
        raise ManifestError(
            f"target_mesh = {mesh!r}; motions with a retargeter need one, such as {ROOT}/Appearances/NAME"
        )
    levels = [_level(*item) for item in _table(content, "levels").items()]
    return Plan((*people, *motions, *levels), mesh)


def _read(manifest: Path) -> dict:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{manifest}: cannot be read as JSON: {error}") from error
    if not isinstance(content, dict) or set(content) - set(_KEYS):
        raise ManifestError(f"{manifest}: expected a table with keys of {', '.join(_KEYS)}")
    return content


def _table(content: dict, key: str) -> dict:
    if not isinstance(table := content.get(key, {}), dict):
        raise ManifestError(f"{key}: expected a table of names, got {type(table).__name__}")
    return table


def _person(manifest: Path, name: str, file) -> Step:
    _fits(_NAME, "appearances", name, "letters, digits, _ and -")
    source = _file(manifest, f"appearances.{name}", file)
    return Step("appearance", name, str(source), f"{ROOT}/Appearances/{name}", _digest(source))


def _motion(manifest: Path, key: str, told) -> Step:
    _fits(_KEY, "motions", key, "source/activity/variant")
    if not isinstance(told, dict) or not {"file", "skeleton"} <= set(told) <= {"file", "skeleton", "retargeter"}:
        raise ManifestError(f"motions.{key}: expected a table with file, skeleton and, if wanted, retargeter")
    for name in ("skeleton", "retargeter"):
        if name in told:
            _fits(_ASSET, f"motions.{key}.{name}", told[name], "an asset path such as /Game/Mocap/Skeleton")
    source = _file(manifest, f"motions.{key}.file", told["file"])
    target, more = f"{ROOT}/Motions/{key}", told.get("retargeter", "")
    return Step("motion", key, str(source), target, _digest(source), told["skeleton"], more)


def _level(name: str, path) -> Step:
    """A level is in the project already; its digest is that of its path, since only the package knows the rest."""
    _fits(_NAME, "levels", name, "letters, digits, _ and -")
    _fits(_ASSET, f"levels.{name}", path, "an asset path such as /Game/Maps/Gym")
    return Step("environment", name, path, path, hashlib.sha256(path.encode()).hexdigest())


def _fits(form: re.Pattern, where: str, text, expected: str) -> None:
    if not isinstance(text, str) or not form.fullmatch(text):
        raise ManifestError(f"{where}: got {text!r}, expected {expected}")


def _file(manifest: Path, where: str, name) -> Path:
    path = manifest.parent / str(name)
    if path.suffix.lower() not in FORMATS:
        raise ManifestError(f"{where}: {name!r} is none of {', '.join(FORMATS)}")
    if not path.is_file():
        raise ManifestError(f"{where}: there is no file {path}; names are relative to the manifest")
    return path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Editor:
    """What is asked of the editor. unreal: its module of that name."""

    def __init__(self, unreal):
        self._unreal = unreal
        self._tools = unreal.AssetToolsHelpers.get_asset_tools()

    def run(self, wanted: Plan) -> None:
        """Import everything and write the table of digests."""
        for step in wanted.steps:
            if step.kind == "appearance":
                self._import(step, skeleton=None)
            elif step.kind == "motion":
                self._import(step, skeleton=self._load(step.skeleton))
                if step.retargeter:
                    self._retarget(step, wanted.target_mesh)
            else:
                self._load(step.source)
        self._write_digests(wanted)

    def _load(self, path: str):
        if (asset := self._unreal.load_asset(path)) is None:
            raise ManifestError(f"the project has no asset {path}")
        return asset

    def _import(self, step: Step, skeleton) -> None:
        """An animation where there is a skeleton, else a mesh with a skeleton of its own."""
        folder, _, name = step.target.rpartition("/")
        task = self._unreal.AssetImportTask()
        settings = {"filename": step.source, "destination_path": folder, "destination_name": name}
        for key, value in {**settings, "automated": True, "replace_existing": True, "save": True}.items():
            task.set_editor_property(key, value)
        if step.source.lower().endswith(".fbx"):  # glTF goes through Interchange, which asks nothing
            task.set_editor_property("options", self._fbx(skeleton))
        self._tools.import_asset_tasks([task])
        if not self._unreal.EditorAssetLibrary.does_asset_exist(step.target):
            raise ManifestError(f"{step.source}: nothing was imported as {step.target}; see the editor's log")

    def _fbx(self, skeleton):
        options = self._unreal.FbxImportUI()
        wanted = {
            "import_as_skeletal": True,
            "import_mesh": skeleton is None,
            "import_animations": skeleton is not None,
        }
        for key, value in {**wanted, "automated_import_should_detect_type": False}.items():
            options.set_editor_property(key, value)
        if skeleton is not None:
            options.set_editor_property("skeleton", skeleton)
            options.set_editor_property("mesh_type_to_import", self._unreal.FBXImportType.FBXIT_ANIMATION)
        return options

    def _retarget(self, step: Step, target_mesh: str) -> None:
        """The motion on the target's skeleton takes the place of the one imported."""
        data = self._unreal.EditorAssetLibrary.find_asset_data(step.target)
        retargeter, target = self._load(step.retargeter), self._load(target_mesh)
        source = self._load(step.skeleton).get_editor_property("preview_skeletal_mesh")
        made = self._unreal.IKRetargetBatchOperation.duplicate_and_retarget(
            [data], source, target, retargeter, "", "", "", "_retargeted"
        )
        if not made:
            raise ManifestError(f"motion {step.name}: the retargeter {step.retargeter} made nothing")
        self._unreal.EditorAssetLibrary.delete_asset(step.target)
        self._unreal.EditorAssetLibrary.rename_asset(str(made[0].package_name), step.target)

    def _write_digests(self, wanted: Plan) -> None:
        rows = "".join(f"{step.kind}:{step.name},{step.digest}\n" for step in wanted.steps)
        table = self._load(DIGESTS)
        if not self._unreal.DataTableFunctionLibrary.fill_data_table_from_csv_string(table, "Name,Digest\n" + rows):
            raise ManifestError(f"{DIGESTS} took no rows; its row structure must have one string named Digest")
        self._unreal.EditorAssetLibrary.save_asset(DIGESTS)


def main(arguments: list[str] | None = None) -> int:
    """Plan, and import unless --plan; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")
    options = parser.parse_args(arguments)
    try:
        wanted = plan(options.manifest)
        for step in wanted.steps:
            sys.stdout.write(f"{step.kind:<12} {step.name:<24} {step.source} -> {step.target}  {step.digest}\n")
        if not options.plan:
            import unreal  # there is one in the editor alone

            Editor(unreal).run(wanted)
    except ManifestError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
