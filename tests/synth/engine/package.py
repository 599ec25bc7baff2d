"""Stands for a packaged Unreal binary: our stage behind the command line, the ini file and the one session of one.

Written over the program of a package by the tests; `-cvport N` with a blank, unrealcv.ini beside it, a log line when
the level is loaded, and after the first session on Linux no TCP any more.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path

from synth.stage import __main__ as stage
from synth.stage.server import Server

REQUIRED = {"-RenderOffScreen", "-windowed", "-unattended", "-nosplash", "-nosound"}
LEVEL_S = 0.5


def main() -> int:
    words = sys.argv[1:]
    if missing := REQUIRED - set(words):
        sys.stdout.write(f"the command line lacks {missing}\n")
        return 1
    port = words[words.index("-cvport") + 1]
    ini = Path(__file__).with_name("unrealcv.ini").read_text()
    if "[UnrealCV.Core]" not in ini or "Width=640" not in ini:
        return 1
    sys.stdout.write(f"LogInit: {' '.join(words)}\n")
    subprocess.Popen(["sleep", "600"])  # as the crash reporter of Unreal
    read, before = Server._read, threading.Event()

    def one_session(self, session) -> None:
        if before.is_set():
            time.sleep(600)  # accepted by the kernel, never greeted
        before.set()
        time.sleep(LEVEL_S)
        read(self, session)

    Server._read = one_session
    return stage.main(["--port", port])


if __name__ == "__main__":
    sys.exit(main())
