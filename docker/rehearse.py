"""The steps of a Dockerfile without Docker, in a bare root file system:

    mmdebstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm ROOT
    python docker/rehearse.py docker/stage.Dockerfile ROOT

COPY, ENV, WORKDIR, RUN and USER are carried out as they stand, by chroot, as root or as the user that is named; then
the image's CMD is started as that user, or the command after `--`. All stages share the one root, so that `COPY --from`
has nothing to do; FROM's image is whatever ROOT holds. VOLUME, EXPOSE and HEALTHCHECK are not carried out.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CONTEXT = Path(__file__).resolve().parents[1]
# How pip finds its index on this machine; an image is built where the default one is reached.
PASSED_ON = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """(instruction, arguments) of a Dockerfile, lines that go on joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


@dataclass
class Image:
    """A root file system on its way to be an image."""

    root: Path
    user: str = "root"
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)

    def step(self, word: str, rest: str) -> None:
        """Carry out one instruction."""
        if word == "RUN":
            self.run(["sh", "-ec", rest])
        elif word == "COPY" and not rest.startswith("--from="):
            self.copy(*shlex.split(rest))
        elif word == "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                self.environment[name] = value.replace("$PATH", self.path)
        elif word == "ARG":
            name, _, value = rest.partition("=")
            self.environment.setdefault(name, value.strip('"'))
        elif word == "WORKDIR":
            self.folder = rest
            (self.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif word == "USER":
            self.user = rest
        elif word == "CMD":
            self.command = json.loads(rest)
        elif word == "FROM":
            self.user, self.folder = "root", "/"

    @property
    def path(self) -> str:
        """Where programs are looked for."""
        return self.environment.get("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")

    def copy(self, *names: str) -> None:
        """Files and folders of the build's context into the image."""
        *sources, target = names
        base = self.root / (target if target.startswith("/") else f"{self.folder}/{target}").lstrip("/")
        for name in sources:
            source = CONTEXT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, base, dirs_exist_ok=True, ignore=ignored)
            else:
                base.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, base / source.name)

    def run(self, command: list[str]) -> None:
        """In the image, as its user; raises CalledProcessError."""
        enter = f"cd {shlex.quote(self.folder)} && exec {shlex.join(command)}"
        passed = {name: value for name, value in os.environ.items() if name.upper().startswith(PASSED_ON)}
        home = "/root" if self.user == "root" else f"/home/{self.user}"
        subprocess.run(
            ["chroot", f"--userspec={self.user}", str(self.root), "sh", "-ec", enter],
            env={"PATH": self.path, "HOME": home, **passed, **self.environment},
            check=True,
        )


def main(arguments: list[str] | None = None) -> int:
    """Rehearse a Dockerfile; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dockerfile", type=Path)
    parser.add_argument("root", type=Path, help="a bare root file system; it is changed")
    parser.add_argument("then", nargs="*", metavar="-- COMMAND", help="instead of the image's CMD")
    options = parser.parse_args(arguments)
    image = Image(options.root)
    try:
        for word, rest in instructions(options.dockerfile.read_text()):
            sys.stdout.write(f"{word} {rest[:100]}\n")
            sys.stdout.flush()
            image.step(word, rest)
        image.run(options.then or image.command)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"failed with code {error.returncode}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
