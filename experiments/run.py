"""The entry point: Hydra composes the config, and the stages follow one another (design §1).

    plan -> render -> score -> analyse -> report

Every stage reads what the one before wrote; finished clips and scores are kept in the store and never made twice.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

from synth.errors import CeterisError, UnknownName
from synth.factors import FactorError

CONF = Path(__file__).resolve().parents[1] / "conf"
GROUPS = ("conf", "engine", "motion")
TASKS = {"study": "viewpoint", "train": "train", "selfcheck": "selfcheck"}  # each with a config that asks for it
log = logging.getLogger("ceteris")


class TaskError(CeterisError):
    """A task without its part of the config."""


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def main(config: DictConfig) -> None:
    """Run the task of a composed config; a user's mistake ends with its message and exit code 2."""
    out = Path(hydra.core.hydra_config.HydraConfig.get().runtime.output_dir)
    try:
        run(OmegaConf.to_container(config, resolve=True), out)
    except (CeterisError, FactorError) as error:
        log.error("\n%s: %s", type(error).__name__, error)
        sys.exit(2)
    except KeyboardInterrupt:
        log.error("\nStopped. What was finished is kept; the same command goes on from there.")
        sys.exit(130)


def run(config: dict, out: Path) -> None:
    """Run `config["task"]`, writing to `out`. Heavy imports wait until they are needed."""
    if config["task"] in TASKS and not config.get(config["task"]):
        raise TaskError(
            f"task = {config['task']}, but the config says nothing of {config['task']!r}; leave out task=... and "
            f"choose a group option that says it, as conf={TASKS[config['task']]}"
        )
    if config["task"] == "study":
        from experiments.pipeline import run_study

        run_study(config, out)
    elif config["task"] == "train":
        from experiments.train import run_training

        run_training(config, out)
    elif config["task"] == "selfcheck":
        from experiments.selfcheck.run import run_selfcheck

        run_selfcheck(config, out)
    else:
        raise UnknownName("task", str(config["task"]), TASKS)


def check_groups(arguments: Sequence[str]) -> None:
    """A misspelt `group=option` is answered with the nearest options, before Hydra composes anything."""
    for argument in arguments:
        group, _, option = argument.partition("=")
        known = [path.stem for path in (CONF / group).glob("*.yaml")] if group in GROUPS else []
        for name in option.split(",") if known else []:
            if name not in known:
                raise UnknownName(f"option of the group {group!r}", name, known)


if __name__ == "__main__":
    try:
        check_groups(sys.argv[1:])
    except UnknownName as error:
        sys.exit(f"UnknownName: {error}")
    main()
