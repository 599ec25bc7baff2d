"""The Dockerfiles as far as they can be checked without Docker; `docker/rehearse.py` carries out their steps."""

import importlib.util
import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "docker").glob("*.Dockerfile"))


def rehearse():
    spec = importlib.util.spec_from_file_location("rehearse", ROOT / "docker" / "rehearse.py")
    sys.modules["rehearse"] = module = importlib.util.module_from_spec(spec)  # where dataclasses look it up
    spec.loader.exec_module(module)
    return module


def steps(path):
    return list(rehearse().instructions(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestDockerfile:
    def test_its_base_has_a_fixed_tag(self, path):
        bases = [rest.split()[0] for word, rest in steps(path) if word == "FROM"]
        assert bases and all(re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+[\w.-]*", base) for base in bases)

    def test_what_it_copies_is_in_the_repository_and_in_the_context(self, path):
        allowed = (ROOT / ".dockerignore").read_text()
        for word, rest in steps(path):
            if word == "COPY" and not rest.startswith("--from="):
                for name in shlex.split(rest)[:-1]:
                    assert (ROOT / name).exists(), name
                    assert f"!{name}\n" in allowed or name.startswith("requirements"), name

    def test_it_ends_as_a_user_without_rights(self, path):
        words = [word for word, _ in steps(path)]
        (user,) = (rest for word, rest in steps(path) if word == "USER")
        assert user == "ceteris" and "RUN" not in words[words.index("USER") :]

    def test_versions_are_those_of_the_constraints(self, path):
        for word, rest in steps(path):
            if word == "RUN" and "pip install" in rest:
                assert "--constraint constraints.txt" in rest


def test_the_stage_needs_no_more_than_a_run_does():
    stage, run = (
        {line for line in (ROOT / name).read_text().splitlines() if line and line[0] != "#"}
        for name in ("requirements-stage.txt", "requirements.txt")
    )
    assert stage < run


def test_the_services_are_built_from_files_that_there_are():
    services = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
    assert set(services) == {"head", "engine", "scorer", "scorer-gpu"}
    for service in services.values():
        build = service["build"]
        assert (ROOT / "docker" / build["context"] / build["dockerfile"]).is_file()
        assert "ports" not in service, "who reaches Ray commands every node"


def test_lines_that_go_on_are_one_instruction_and_comments_none():
    text = "# no\nFROM a:1\nRUN one \\\n # nor this\n && two\n\nENV A=b"
    assert list(rehearse().instructions(text)) == [("FROM", "a:1"), ("RUN", "one   && two"), ("ENV", "A=b")]


def test_steps_are_carried_out_in_a_root_of_ones_own(tmp_path, monkeypatch):
    module, ran = rehearse(), []
    monkeypatch.setattr(module.subprocess, "run", lambda command, **how: ran.append((command, how["env"])))
    dockerfile, root = tmp_path / "Dockerfile", tmp_path / "root"
    dockerfile.write_text('FROM a:1\nWORKDIR /w\nCOPY conf ./conf\nENV A=b\nRUN make it\nUSER me\nCMD ["go", "now"]')
    assert module.main([str(dockerfile), str(root)]) == 0
    assert (root / "w" / "conf" / "config.yaml").is_file()
    (first, env), (last, _) = ran
    assert first[:2] == ["chroot", "--userspec=root"] and "make it" in first[-1] and env["A"] == "b"
    assert last[1] == "--userspec=me" and last[-1] == "cd /w && exec go now"
