"""Which of the contract a running engine keeps: `python -m synth.engine.check --port 9000`.

It drives any engine that speaks UnrealCV through a profile, as a study would, and prints a table: what holds, what
fails, and what the profile has no command for. Exit code 0: all that could be asked holds. 1: something fails. 2: it
could not be asked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from synth.engine.conformance import CHECKS, FAILS, HOLDS, LACKS, SKIPPED, Row, examine
from synth.engine.profile import Profile, load_profile
from synth.errors import CeterisError

EXAMPLES = """
examples:
  python -m synth.stage --port 9000 &
  python -m synth.engine.check --port 9000
  python -m synth.engine.check --port 9000 --profile ipt2019
  python -m synth.engine.check --port 9000 --motion studio/pushup/01 --warmup 3      a package of yours
"""


def main(arguments: list[str] | None = None) -> int:
    """Check and print; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        profile = load_profile(options.profile)
        rows = list(_shown(_examined(options, profile)))
    except CeterisError as error:
        sys.stderr.write(f"cannot check: {error}\n")
        return 2
    sys.stdout.write(_summary(rows) + "\n")
    return int(any(row.state in (FAILS, SKIPPED) for row in rows))


def _examined(options: argparse.Namespace, profile: Profile) -> Iterable[Row]:
    from synth.engine.probe import Probe  # imports unrealcv: half a second
    from synth.engine.session import EngineClient

    client = EngineClient(options.host, options.port)
    client.connect()
    try:
        probe = Probe(client, profile, motion=options.motion, warmup=options.warmup, deadline_s=options.deadline_s)
        probe.prepare(options.appearance, options.environment)
        yield from examine(probe)
        probe.reset()
    finally:
        client.close()


def _shown(rows: Iterable[Row]) -> Iterable[Row]:
    """The same rows, printed as they come."""
    width = max(len(check.name) for check in CHECKS)
    sys.stdout.write(f"{'clause':<{width}}  {'state':<7}  got  |  expected\n")
    for row in rows:
        expected = f"  |  {row.expected}" if row.expected else ""
        sys.stdout.write(f"{row.name:<{width}}  {row.state:<7}  {row.got}{expected}\n")
        sys.stdout.flush()
        yield row


def _summary(rows: list[Row]) -> str:
    count = {state: sum(row.state == state for row in rows) for state in (HOLDS, FAILS, LACKS, SKIPPED)}
    return "\n" + ", ".join(f"{number} {state}" for state, number in count.items() if number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synth.engine.check",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--profile", default="stage", help="a name in conf/engine/profile, or a YAML file")
    parser.add_argument("--motion", default="authored/squat/0", help="a motion of the engine that moves the outline")
    parser.add_argument("--appearance", help="one of the engine's (default: whoever is there)")
    parser.add_argument("--environment", help="one of the engine's (default: whatever is there)")
    parser.add_argument("--warmup", type=int, default=0, help="pictures thrown away before each (Unreal: 2 to 4)")
    parser.add_argument("--deadline-s", type=float, default=60.0, help="for one reply")
    return parser


if __name__ == "__main__":
    sys.exit(main())
