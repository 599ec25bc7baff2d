"""The import script plans as its README says, and asks the editor, played by a toy, for what it planned."""

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

PATH = Path(__file__).resolve().parents[2] / "unreal" / "import_assets.py"
_spec = importlib.util.spec_from_file_location("import_assets", PATH)
script = importlib.util.module_from_spec(_spec)
sys.modules["import_assets"] = script
_spec.loader.exec_module(script)
MOTION = {"file": "squat.fbx", "skeleton": "/Game/Mocap/Skeleton", "retargeter": "/Game/Mocap/RTG"}


@pytest.fixture
def manifest(tmp_path):
    (tmp_path / "squat.fbx").write_bytes(b"motion")
    (tmp_path / "girl.glb").write_bytes(b"girl")
    content = {
        "target_mesh": "/Game/Ceteris/Appearances/girl",
        "motions": {"studio/squat/01": MOTION},
        "appearances": {"girl": "girl.glb"},
        "levels": {"gym": "/Game/Maps/Gym"},
    }

    def write(**changes):
        path = tmp_path / "manifest.json"
        path.write_text(json.dumps(content | changes))
        return path

    return write


def test_the_plan(manifest):
    person, motion, level = script.plan(manifest()).steps
    assert (person.kind, person.target) == ("appearance", "/Game/Ceteris/Appearances/girl")
    assert (motion.name, motion.target) == ("studio/squat/01", "/Game/Ceteris/Motions/studio/squat/01")
    assert motion.digest == hashlib.sha256(b"motion").hexdigest() and motion.retargeter == "/Game/Mocap/RTG"
    assert (level.kind, level.target) == ("environment", "/Game/Maps/Gym")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"motion": {}}, "keys of target_mesh"),
        ({"motions": []}, "motions: expected a table"),
        ({"motions": {"squat": MOTION}}, "source/activity/variant"),
        ({"motions": {"a/b/c": {"file": "squat.fbx"}}}, "file, skeleton"),
        ({"motions": {"a/b/../c": MOTION}}, "source/activity/variant"),
        ({"motions": {"a/b/c": MOTION | {"skeleton": "Skeleton"}}}, "/Game/Mocap/Skeleton"),
        ({"motions": {"a/b/c": MOTION | {"file": "none.fbx"}}}, "there is no file"),
        ({"appearances": {"girl": "girl.obj"}}, "none of .fbx, .gltf, .glb"),
        ({"appearances": {"the girl": "girl.glb"}}, "letters, digits"),
        ({"levels": {"gym": "Gym"}}, "/Game/Maps/Gym"),
        ({"target_mesh": ""}, "need one"),
    ],
)
def test_mistakes_are_named(manifest, changes, says):
    with pytest.raises(script.ManifestError, match=says):
        script.plan(manifest(**changes))


def test_a_plan_needs_no_editor(manifest, capsys):
    assert script.main([str(manifest()), "--plan"]) == 0
    assert "studio/squat/01" in capsys.readouterr().out
    assert script.main([str(manifest(levels=3)), "--plan"]) == 2
    assert script.main(["/no/such/manifest.json", "--plan"]) == 2


class Record:
    """An Unreal object that has properties and nothing else."""

    def __init__(self):
        self.told = {}

    def set_editor_property(self, name, value):
        self.told[name] = value

    def get_editor_property(self, name):
        return f"its {name}"


def toy_unreal(said):
    """As much of the editor's module as the script uses, writing down what it is asked."""
    assets = {"/Game/Mocap/Skeleton": Record(), "/Game/Mocap/RTG": Record(), "/Game/Maps/Gym": Record()}
    assets |= {"/Game/Ceteris/Digests": Record()}

    def import_tasks(tasks):
        for task in tasks:
            said.append(("import", task.told["filename"].rpartition("/")[2]))
            assets[f"{task.told['destination_path']}/{task.told['destination_name']}"] = Record()

    def retarget(data, *_):
        said.append(("retarget", data[0]))
        return [SimpleNamespace(package_name="/Game/made")]

    def fill(_, rows):
        said.append(("digests", rows.count("\n") - 1))
        return True

    library = SimpleNamespace(
        does_asset_exist=assets.__contains__,
        find_asset_data=lambda path: path,
        delete_asset=assets.pop,
        rename_asset=lambda old, new: said.append(("rename", old, new)),
        save_asset=lambda path: said.append(("save", path)),
    )
    return SimpleNamespace(
        AssetToolsHelpers=SimpleNamespace(get_asset_tools=lambda: SimpleNamespace(import_asset_tasks=import_tasks)),
        AssetImportTask=Record,
        FbxImportUI=Record,
        FBXImportType=SimpleNamespace(FBXIT_ANIMATION=1),
        EditorAssetLibrary=library,
        IKRetargetBatchOperation=SimpleNamespace(duplicate_and_retarget=retarget),
        DataTableFunctionLibrary=SimpleNamespace(fill_data_table_from_csv_string=fill),
        load_asset=assets.get,
    )


def test_the_editor_is_asked_for_what_was_planned(manifest):
    said = []
    script.Editor(toy_unreal(said)).run(script.plan(manifest()))
    target = "/Game/Ceteris/Motions/studio/squat/01"
    assert said == [
        ("import", "girl.glb"),
        ("import", "squat.fbx"),
        ("retarget", target),
        ("rename", "/Game/made", target),
        ("digests", 3),
        ("save", "/Game/Ceteris/Digests"),
    ]


def test_an_asset_that_the_project_lacks_is_named(manifest):
    with pytest.raises(script.ManifestError, match="no asset /Game/Maps/Hall"):
        script.Editor(toy_unreal([])).run(script.plan(manifest(levels={"hall": "/Game/Maps/Hall"})))
