"""The entry point: Hydra composes the config, and the stages follow one another (design §1).

    plan -> render -> score -> analyse -> report

Every stage reads what the one before wrote; finished clips and scores are kept in the store and never made twice.
"""

from __future__ import annotations

import errno
import importlib
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

from synth.errors import CeterisError, UnknownName, find
from synth.factors import FactorError

CONF = Path(__file__).resolve().parents[1] / "conf"
GROUPS = ("conf", "engine", "executor", "motion")
SHORT = {"recordings": "recordings.root"}  # recordings=DIR
# Full, more than one's share, read-only, broken, another user's.
DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM}
log = logging.getLogger("ceteris")


@dataclass(frozen=True)
class Task:
    """What a run can be asked for. does: module and function, imported when it is. conf: a config that asks for it.
    part: the key of the config that it needs."""

    does: str
    conf: str
    part: str


TASKS = {
    "study": Task("experiments.pipeline:run_study", "viewpoint", "study"),
    "train": Task("experiments.train:run_training", "train", "train"),
    "verify": Task("experiments.verify.run:run_verification", "verify", "recordings"),
    "selfcheck": Task("experiments.selfcheck.run:run_selfcheck", "selfcheck", "selfcheck"),
    "export": Task("experiments.export:run_export", "export", "export"),
}


class TaskError(CeterisError):
    """A task without its part of the config."""


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def main(config: DictConfig) -> None:
    """Run the task of a composed config; a user's mistake, a disk that takes no more, and clips that could not be drawn
    end with their message and exit code 2."""
    out = Path(hydra.core.hydra_config.HydraConfig.get().runtime.output_dir)
    try:
        run(OmegaConf.to_container(config, resolve=True), out)
    except (CeterisError, FactorError) as error:
        log.error("\n%s: %s", type(error).__name__, error)
        sys.exit(2)
    except OSError as error:
        if error.errno not in DISK:
            raise
        log.error("\n%s; what was finished is kept. Make room, or write elsewhere, and run the same command.", error)
        sys.exit(2)
    except KeyboardInterrupt:
        log.error("\nStopped. What was finished is kept; the same command goes on from there.")
        sys.exit(130)


def run(config: dict, out: Path) -> None:
    """Run `config["task"]`, writing to `out`. Heavy imports wait until they are needed.

    A stored clip that turns out to be broken is taken away and the task run again: it draws that clip, and finds the
    rest done.
    """
    task = find("task", str(config["task"]), TASKS)
    if not config.get(task.part):
        raise TaskError(
            f"task = {config['task']}, but the config says nothing of {task.part!r}; leave out task=... and choose a "
            f"group option that says it, as conf={task.conf}"
        )
    module, _, function = task.does.partition(":")
    from experiments.settings import check_numbers, clip_store
    from synth.clips import BrokenClip

    check_numbers(config)
    do = getattr(importlib.import_module(module), function)
    taken: set[str] = set()
    while True:
        try:
            return do(config, out)
        except BrokenClip as error:
            if error.clip_id in taken:
                raise
            log.warning("\nA stored clip is broken, is taken away and drawn again: %s", error)
            clip_store(config).discard(error.clip_id)
            taken.add(error.clip_id)


def check_groups(arguments: Sequence[str]) -> None:
    """A misspelt `group=option` is answered with the nearest options, before Hydra composes anything."""
    for argument in arguments:
        group, _, option = argument.partition("=")
        known = [path.stem for path in (CONF / group).glob("*.yaml")] if group in GROUPS else []
        for name in option.split(",") if known else []:
            if name not in known:
                raise UnknownName(f"option of the group {group!r}", name, known)


def written_out(arguments: Sequence[str]) -> list[str]:
    """The arguments with what is said in short, `recordings=DIR`, as the config has it; a table stays one."""
    out = []
    for argument in arguments:
        key, equals, value = argument.partition("=")
        out.append(f"{SHORT[key]}={value}" if equals and key in SHORT and not value.startswith("{") else argument)
    return out


if __name__ == "__main__":
    sys.argv[1:] = written_out(sys.argv[1:])
    try:
        check_groups(sys.argv[1:])
    except UnknownName as error:
        sys.exit(f"UnknownName: {error}")
    main()
