"""Studies from config: the shipped ones compose, and what is misspelt is named."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.run import TaskError, check_groups, main, run
from experiments.settings import SettingError
from experiments.study import Study
from synth.errors import UnknownName
from synth.factors import FactorError

CONF = Path(__file__).resolve().parents[2] / "conf"


def composed(*overrides: str) -> dict:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return OmegaConf.to_container(compose("config", overrides=list(overrides)))


def study(*overrides: str) -> Study:
    config = composed(*overrides)
    return Study.from_config(config["study"], config["motion"])


def shipped_studies() -> list[str]:
    loaded = {path.stem: yaml.safe_load(path.read_text()) for path in (CONF / "conf").glob("*.yaml")}
    return sorted(name for name, config in loaded.items() if config.get("task", "study") == "study")


@pytest.mark.parametrize("name", shipped_studies())
@pytest.mark.parametrize("source", ["authored", "cmu"])
def test_every_shipped_study_composes(name, source):
    built = study(f"conf={name}", f"motion={source}")
    assert built.name == name and built.source == source and built.sweeps


def test_the_default_study_sweeps_what_the_plan_says():
    built = study()
    assert [len(s.values) for s in built.sweeps] == [12, 12, 12, 7, 7]
    assert len(built.activities) == 6 and built.replicates == len(built.appearances) == 8
    assert built.sweeps[0].values == tuple(range(0, 360, 30))


@pytest.mark.parametrize(
    ("override", "error", "says"),
    [
        ("+study.sweeps.orbit.speed=1", UnknownName, "speed"),
        ("study.sweeps.orbit.factor=azimut", UnknownName, "azimuth"),
        ("study.sweeps.orbit.mode=turntabel", UnknownName, "turntable"),
        ("study.sweeps.distance.values=[2]", SettingError, "at least two values"),
        ("study.activities=[]", SettingError, "activities is empty"),
        ("study.activities=squat", SettingError, "expected a list of names"),
        ("study.activities=[squat,wave,squat]", SettingError, "'squat' more than once"),
        ("study.sweeps.orbit.values=abc", SettingError, "expected a list of numbers"),
        ("study.sweeps.orbit.values=[0,x]", SettingError, "expected a list of numbers"),
        ("study.sweeps.orbit=null", UnknownName, "sweep among study.sweeps"),  # which the mirrored pairs name
        ("+study.sweeps={a/../b:{factor:distance,values:[2,4]}}", SettingError, "names files; expected letters"),
        ("study.sweeps.orbit=3", SettingError, "expected a table"),
        ("study.mirrored=[elevation]", SettingError, "no sweep of the azimuth"),
        ("+study.cross=[[orbit,elevatoin]]", UnknownName, "elevation"),
        ("+study.cross=[[orbit,turntable]]", SettingError, "both move azimuth"),
        ("+study.cross=[orbit]", SettingError, "two names"),
        ("+study.flip.orbit=0", SettingError, "above 0"),
        ("+study.manifold.sweeps=[orbt]", UnknownName, "orbit"),
        ("+study.manifold.pooling=mena", UnknownName, "mean"),
        ("+study.everyone=3", SettingError, "true or false"),
        ("study.replicates=abc", SettingError, "a whole number, at least 1"),
        ("study.replicates=2.5", SettingError, "a whole number, at least 1"),
        ("study.reference=3", SettingError, "expected a table"),
        ("motion.fallback=authored", SettingError, "expected a table"),
        ("study.clip.width=7", FactorError, "width"),
        ("study.clip.fps=-1", FactorError, "fps"),
        ("study.clip.num_frames=.inf", FactorError, "num_frames"),
        ("study.clip.root=walk", FactorError, "in_place"),
        ("+study.reference.fov=0", UnknownName, "fov"),
        ("study.reference.distance_m=0.1", FactorError, "inside the body"),
        ("+study.clip.colour=1", UnknownName, "colour"),
        ("+study.sweeps.x={factor:distance,values:{start:1,stop:9,step:1e-9}}", SettingError, "take a larger step"),
        ("+study.paper_sign=left", SettingError, "paper_sign = 'left'"),
        ("+study.paper_sign=true", SettingError, "paper_sign = True"),
        ("study.sweeps.orbit.values=[0,90,360]", SettingError, "hold 0.0 and 360.0, which are one azimuth"),
        (
            "+study.sweeps.freeze.values=[none,head+left_arm,left_arm+head]",
            SettingError,
            r"hold head\+left_arm and left_arm\+head",
        ),
    ],
)
def test_what_is_wrong_is_named(override, error, says):
    with pytest.raises(error, match=says):
        study(override)


@pytest.mark.parametrize(("task", "way_out"), [("study", "conf=viewpoint"), ("train", "conf=train")])
def test_a_task_without_its_part_of_the_config_says_how_to_get_it(task, way_out, tmp_path):
    with pytest.raises(TaskError, match=way_out):
        run({"task": task}, tmp_path)


def test_a_number_that_no_float_holds_is_named_wherever_it_stands(tmp_path):
    with pytest.raises(SettingError, match=r"^study\.values\.1\.seed is a whole number of over 300 digits"):
        run({"task": "study", "study": {"values": [1, {"seed": -(10**400)}]}}, tmp_path)


def test_a_study_file_may_give_values_as_start_stop_and_step():
    config = composed()
    orbit = config["study"]["sweeps"]["orbit"]
    orbit["values"] = {"start": 0, "stop": 360, "step": 90}
    assert Study.from_config(config["study"], config["motion"]).sweeps[0].values == (0, 90, 180, 270)
    orbit["values"]["stop"] = "a"
    with pytest.raises(SettingError, match=r"study.sweeps.orbit.values = .*start, stop and a step"):
        Study.from_config(config["study"], config["motion"])


def test_a_misspelt_group_names_the_nearest_option():
    with pytest.raises(UnknownName, match="viewpoint"):
        check_groups(["conf=viewpiont"])
    with pytest.raises(UnknownName, match="authored"):
        check_groups(["-m", "motion=cmu,autored"])
    check_groups(["conf=viewpoint", "motion=cmu", "study.seed=1"])


MANY = {
    "amplitude": {"factor": "amplitude", "values": [0.5, 1.0, 1.5]},
    "who": {"factor": "appearance", "values": ["ana", "ben", "mei"]},
    "where": {"factor": "environment", "values": ["plane", "lawn"]},
    "sides": {"factor": "mirror", "values": [False, True]},
    "objects": {"factor": "props", "values": ["own", "none"]},
    "still": {"factor": "freeze", "values": ["none", "left_arm+head"]},
}


def with_sweeps(sweeps: dict, **changes) -> Study:
    config = composed()
    return Study.from_config(
        {**config["study"], "mirrored": [], "effects": None, "sweeps": sweeps, **changes}, config["motion"]
    )


def test_any_factor_can_be_swept_and_stands_somewhere_as_a_number():
    built = with_sweeps(MANY)
    assert built.references == {
        "amplitude": 1.0, "appearance": 0.0, "environment": 1.0, "mirror": 0.0, "props": 0.0, "freeze": 0.0
    }  # fmt: skip
    assert built.position("appearance", "mei") == 2.0 and built.position("mirror", True) == 1.0
    assert [sweep.span for sweep in built.sweeps][:4] == ["0.5 to 1.5", "ana, ben, mei", "plane, lawn", "False, True"]


def test_light_may_be_a_preset_and_manner_and_objects_are_held():
    built = with_sweeps(MANY, lighting="evening", manner={"tempo": 1.2}, props="none")
    assert built.lighting.temperature_k < 3500 and built.manner.tempo == 1.2
    assert built.reference_level("props") == "none" and built.references["props"] == 1.0
    changed = with_sweeps(MANY, lighting={"preset": "evening", "intensity": 0.3})
    assert changed.lighting.intensity == 0.3 and changed.lighting.temperature_k < 3500


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ({"factor": "amplitude", "values": [1.0, 3.0]}, r"study.sweeps.x.values: amplitude = 3.0; expected a number"),
        ({"factor": "mirror", "values": [0, 1]}, "mirror = 0; expected true or false"),
        ({"factor": "mirror", "values": [True, True]}, "each once"),
        ({"factor": "appearance", "values": ["ana", 3]}, "appearance = 3; expected a name"),
        ({"factor": "appearance", "values": {"start": 0, "stop": 3, "step": 1}}, "expected a list of a name"),
        ({"factor": "appearance"}, r"has no values; give a list$"),
    ],
)
def test_a_level_that_a_factor_cannot_have_is_named(sweep, says):
    with pytest.raises(SettingError, match=says):
        with_sweeps({"x": sweep})


def test_the_paper_s_angles_become_ours():
    """Lyu et al. count another way: 90 is the face, 180 a flank (design §4)."""
    built = study("conf=ipt2019")
    assert [len(s.values) for s in built.sweeps] == [360, 360, 360]
    assert built.reference.azimuth_deg == 270.0 and built.sweeps[0].values[:91:90] == (90.0, 0.0)
    assert built.sweeps[1].values[0] == -30.0 and built.sweeps[1].values[-1] == 59.75
    assert built.sweeps[2].values[0] == 1.0 and built.sweeps[2].values[-1] == 4.59
    assert study("conf=ipt2019", "study.paper_sign=1").sweeps[0].values[:91:90] == (90.0, 180.0)
    with pytest.raises(SettingError, match="paper_sign = 2; expected one of"):
        study("conf=ipt2019", "study.paper_sign=2")


def test_an_angle_s_reference_is_written_as_the_sweep_writes_it():
    """270 and -90 are one azimuth; the curve goes from -90 to 90 where the config says so."""
    built = study("study.sweeps.orbit.values=[-90,0,90]", "~study.sweeps.turntable", "study.reference.azimuth_deg=-90")
    assert built.references["azimuth"] == -90.0 and built.reference.azimuth_deg == 270.0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_no_more_ends_a_run_with_its_message(number, monkeypatch, caplog):
    def fail(config, out):
        raise OSError(number, os.strerror(number), "scores/x.npz")

    runtime = SimpleNamespace(runtime=SimpleNamespace(output_dir="out"))
    monkeypatch.setattr("hydra.core.hydra_config.HydraConfig.get", lambda: runtime)
    monkeypatch.setattr("experiments.run.run", fail)
    with pytest.raises(SystemExit) as ended:
        main.__wrapped__(OmegaConf.create({}))
    assert ended.value.code == 2 and "what was finished is kept" in caplog.text
