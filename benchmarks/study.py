"""How long the default study takes, cold and warm:  python -m benchmarks.study

Cold: a new store and an empty kernel cache, everything but installation. Warm: the same command again, which renders
and scores nothing. Each run is a process of its own, as a user starts it.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from synth.arguments import whole


def timed(store: Path, cache: Path, overrides: list[str]) -> float:
    """Seconds of one `python -m experiments.run conf=viewpoint` on `store`."""
    command = [sys.executable, "-m", "experiments.run", "conf=viewpoint", f"store.root={store}", *overrides]
    start = time.perf_counter()
    env = {**os.environ, "WARP_CACHE_PATH": str(cache)}
    subprocess.run([*command, f"hydra.run.dir={store}/run"], check=True, stdout=subprocess.DEVNULL, env=env)
    return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the medians and the machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cold", type=whole(1), default=1, help="cold runs (minutes each)")
    parser.add_argument("--warm", type=whole(1), default=3)
    parser.add_argument("overrides", nargs="*", help="further overrides of the study")
    options = parser.parse_args(arguments)
    cold, warm = [], []
    for _ in range(options.cold):
        with tempfile.TemporaryDirectory() as folder:
            store, cache = Path(folder) / "store", Path(folder) / "kernels"
            cold.append(timed(store, cache, options.overrides))
            warm += [timed(store, cache, options.overrides) for _ in range(options.warm)]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n"
        f"cold  median {statistics.median(cold):6.1f} s  (n = {len(cold)})\n"
        f"warm  median {statistics.median(warm):6.1f} s  (n = {len(warm)})\n"
        f"largest process {peak:.0f} MiB\n"
    )


if __name__ == "__main__":
    main()
