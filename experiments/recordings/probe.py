"""What videos hold, found out in a child process: a codec that crashes on an odd file ends the child, not the run.

The child decodes one file after another; file names and answers go through its standard input and output, a line of
JSON each. When it dies, or takes too long, the file under way is to blame: VideoCrash; the next file gets a new child.
A child that dies before it says that it is ready has another trouble, and no file is blamed for it.

    python -m experiments.recordings.probe        the child
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from experiments.recordings.errors import RecordingsError, VideoCrash, VideoError
from experiments.recordings.video import AS_STORED, Decoding, VideoFacts, probe_video

COMMAND = (sys.executable, "-m", "experiments.recordings.probe")
DEADLINE_S = 300.0
_ROOT = Path(__file__).resolve().parents[2]
_TAIL = 300
_READY = "ready"


class Prober:
    """Asks a child process for the facts of videos; a context manager. One thread at a time.

    Args:
        decoding: how the files will be read.
        deadline_s: how long one file may take.
        command: the child's command line.
    """

    def __init__(
        self, decoding: Decoding = AS_STORED, *, deadline_s: float = DEADLINE_S, command: Sequence[str] = COMMAND
    ):
        self.decoding, self.deadline_s, self.command = decoding, deadline_s, tuple(command)
        self._child: subprocess.Popen | None = None
        self._said = None

    def __enter__(self) -> Prober:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def facts(self, path: Path) -> VideoFacts:
        """Raises VideoError for a file that cannot be decoded, VideoCrash for one that ends the child."""
        child = self._running()
        question = {"path": str(Path(path).resolve()), "decoding": asdict(self.decoding)}
        try:
            child.stdin.write((json.dumps(question) + "\n").encode())
            child.stdin.flush()
            line = self._line(path, child)
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            raise VideoCrash(f"{path}: decoding it ended the process ({self._death(child)}); encode it anew")
        answer = json.loads(line)
        if "error" in answer:
            raise VideoError(answer["error"])
        return VideoFacts(**answer["facts"])

    def close(self) -> None:
        """Ends the child."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._said.close()
            self._child = None

    def _running(self) -> subprocess.Popen:
        if self._child is None:
            paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
            self._said = tempfile.TemporaryFile()  # noqa: SIM115, closed with the child
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            )
            if self._child.stdout.readline().decode().strip() != _READY:
                raise RecordingsError(f"the process that probes videos does not start ({self._death(self._child)})")
        return self._child

    def _line(self, path: Path, child: subprocess.Popen) -> bytes:
        with selectors.DefaultSelector() as waiting:
            waiting.register(child.stdout, selectors.EVENT_READ)
            if not waiting.select(self.deadline_s):
                self.close()
                raise VideoCrash(f"{path}: decoding it took more than {self.deadline_s:g} s; encode it anew")
        return child.stdout.readline()

    def _death(self, child: subprocess.Popen) -> str:
        code = child.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip()[-_TAIL:]
        self.close()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"{how}: {said}" if said else how


def answer(question: str) -> str:
    """One line of the child: the facts of a video, or why there are none, as JSON."""
    asked = json.loads(question)
    try:
        facts = probe_video(Path(asked["path"]), Decoding(**asked["decoding"]))
    except VideoError as error:
        return json.dumps({"error": str(error)})
    return json.dumps({"facts": asdict(facts)})


def main() -> int:
    """The child: answers until its input closes, as it does when the parent dies."""
    sys.stdout.write(_READY + "\n")
    sys.stdout.flush()
    for question in sys.stdin:
        sys.stdout.write(answer(question) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
