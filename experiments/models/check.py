"""The public checker of the adapter contract: `python -m experiments.models.check model=NAME` (or `--all`).

After Gymnasium's `utils/env_checker.py`: one small function per rule, and an error that says which rule broke, what
was found, what was expected and how to mend it. It runs over every registered model in the tests, and over any model
that a user brings: model=PATH of its YAML, weights=PATH or weights=random. With --all, models whose published weights
are not at hand are checked with random ones, and the line says so; a model whose package is not installed is not
checked, and the line says how to get it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from experiments.models.base import ModelAdapter, Options, describe, load, model_names
from experiments.models.errors import MissingPackage
from experiments.models.rules import RULES, ModelContractError
from synth.errors import CeterisError

MEMBERS = ("name", "classes", "input", "fingerprint", "prepare", "normalise", "logits", "layers", "features", "run")
KEYS = ("model", "weights", "device", "precision", "assets_root")
USAGE = (
    "usage: python -m experiments.models.check model=NAME|PATH [weights=PATH|random] [device=cpu] [precision=float32] "
    "[assets_root=DIR] | --all\n"
)


def check_model(adapter: ModelAdapter) -> list[str]:
    """Tests every rule of the contract on random clips; the names of the rules that hold, in order.

    Raises ModelContractError at the first that does not.
    """
    missing = [m for m in MEMBERS if not hasattr(adapter, m)]
    if missing:
        raise ModelContractError(
            getattr(adapter, "name", type(adapter).__name__),
            rule="members",
            got=f"no {', '.join(missing)}",
            expected="every member of ModelAdapter",
            mend="See experiments/models/base.py.",
        )
    for rule in RULES:
        rule(adapter)
    return ["members", *(rule.__name__.removeprefix("_check_") for rule in RULES)]


def check_named(name: str, options: Options) -> str:
    """Checks a model by its name; the line that tells the outcome. Raises what `load` and `check_model` raise."""
    adapter = load(name, options)
    held = check_model(adapter)
    untrained = " (random weights)" if adapter.card.random else ""
    return f"{name}{untrained}: {len(held)} rules hold ({', '.join(held)})"


def at_hand(name: str, options: Options) -> Options:
    """The options, with random weights where those of the card are not there."""
    try:
        Path(describe(name, options).file or ".")
    except CeterisError:
        return Options(**{**vars(options), "weights": "random"})
    return options


def main(arguments: list[str]) -> int:
    """0 when every model asked for keeps the contract; 1 when one does not; 2 for bad usage."""
    given = dict(part.split("=", 1) for part in arguments if "=" in part)
    everything = "--all" in arguments
    odd = [part for part in arguments if part != "--all" and part.split("=")[0] not in KEYS]
    if odd or (not everything and "model" not in given):
        sys.stdout.write(USAGE + f"models: {', '.join(model_names()) or 'none'}\n")
        return 2
    root = Path(given["assets_root"]) if "assets_root" in given else None
    chosen = {key: given[key] for key in ("weights", "device", "precision") if key in given}
    options, failed = Options(assets_root=root, **chosen), 0
    for name in model_names() if everything else [given["model"]]:
        try:
            sys.stdout.write(check_named(name, at_hand(name, options) if everything else options) + "\n")
        except MissingPackage as error:
            sys.stdout.write(f"{name}: not checked: {error}\n")
            failed = failed or int(not everything)
        except CeterisError as error:
            sys.stdout.write(f"{name}: {type(error).__name__}: {error}\n")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
