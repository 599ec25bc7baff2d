"""Keeps an engine that is not ours from outliving us: `python warden.py PROGRAM ARGUMENTS...`, run by the launcher.

It starts the program in its own process group and waits for it, and for its own standard input: the launcher holds the
other end, which closes however the launcher dies. Then the whole group is ended. Nothing of the project is imported,
so that it is small and starts at once.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the program; returns its exit code, or ends by the signal that ended it."""
    try:
        child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.stdout.write(f"cannot start {sys.argv[1]}: {error}\n")
        return 127
    signal.signal(signal.SIGTERM, _stay)  # which the whole group is sent: it ends when the program has
    threading.Thread(target=_watch_parent, args=(child,), daemon=True).start()
    code = child.wait()
    if code < 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _stay(_number: int, _frame: object) -> None:
    """Not SIG_IGN, which the program would inherit."""


def _watch_parent(child: subprocess.Popen) -> None:
    while os.read(0, 4096):
        pass
    if folder := os.environ.get("CETERIS_ENGINE_FOLDER"):
        shutil.rmtree(folder, ignore_errors=True)
    child.kill()
    if os.name == "posix":
        os.killpg(0, signal.SIGKILL)  # its children too, and this
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
