"""What is known of the videos of a data set, kept beside them in one small file, so that each is probed once.

An entry holds for as long as the file's size and time of change are the same, and the whole index for one version of
the decoder and one way of decoding. Damage is remembered too; crashes are not, since they may be the machine's. The
file is written by atomic rename. Where the data set's folder cannot be written (it is often shared), the index lives
in memory and a line in the log says so.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import asdict
from pathlib import Path

import av

from experiments.recordings.errors import RecordingsError, VideoCrash, VideoError
from experiments.recordings.probe import Prober
from experiments.recordings.video import Decoding, VideoFacts
from synth.whole import whole

LOG = logging.getLogger(__name__)
FILE = "ceteris_videos.json"
_SAVE_S = 5.0


class VideoIndex:
    """The facts of videos below `root`; several threads may ask.

    Args:
        root: names in the index are relative to it.
        file: where it is kept; `root`/ceteris_videos.json where None.
        prober: asks a child process; its decoding is part of the index.
    """

    def __init__(self, root: Path, file: Path | None = None, prober: Prober | None = None):
        self.root, self.file = root.resolve(), file or root / FILE
        self._prober = prober or Prober()
        self._lock = threading.Lock()
        self._made_by = _made_by(self._prober.decoding)
        self._entries = self._read()
        self._unsaved, self._saved_at, self._told = 0, time.monotonic(), False

    def facts(self, path: Path) -> VideoFacts:
        """What decoding the whole file finds; raises VideoError and VideoCrash, remembered or new."""
        name, state = self._name(path), _state(path)
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or entry["state"] != state:
                entry = self._entries[name] = {"state": state, **self._ask(path)}
                self._unsaved += 1
                if time.monotonic() - self._saved_at > _SAVE_S:
                    self._save()
        if "error" in entry:
            raise VideoError(entry["error"])
        return VideoFacts(**entry["facts"])

    def close(self) -> None:
        """Writes what is new and ends the child process."""
        with self._lock:
            self._save()
            self._prober.close()

    def _ask(self, path: Path) -> dict:
        try:
            return {"facts": asdict(self._prober.facts(path))}
        except VideoCrash:
            raise
        except VideoError as error:
            return {"error": str(error)}

    def _name(self, path: Path) -> str:
        full = path.resolve()
        return full.relative_to(self.root).as_posix() if full.is_relative_to(self.root) else str(full)

    def _read(self) -> dict[str, dict]:
        if not self.file.exists():
            return {}
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return _checked(kept["videos"]) if kept["made_by"] == self._made_by else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RecordingsError(f"{self.file} is no index of videos ({error}); delete it, it is made anew") from error

    def _save(self) -> None:
        if not self._unsaved:
            return
        try:
            with whole(self.file) as partial:
                partial.write_text(json.dumps({"made_by": self._made_by, "videos": self._entries}), encoding="utf-8")
        except OSError as error:
            if not self._told:
                LOG.warning("%s cannot be written (%s); videos are probed again next time", self.file, error)
            self._told = True
        self._unsaved, self._saved_at = 0, time.monotonic()


def _checked(videos: dict) -> dict[str, dict]:
    """The entries of an index, which may have come with the data; raises KeyError, TypeError or AttributeError."""
    for entry in videos.values():
        if "error" not in entry:
            VideoFacts(**entry["facts"])
        iter(entry["state"])
    return videos


def _made_by(decoding: Decoding) -> dict:
    codec = ".".join(map(str, av.library_versions["libavcodec"]))
    return {"av": av.__version__, "libavcodec": codec, **asdict(decoding)}


def _state(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError as error:
        raise VideoError(f"{path} is not there ({error.strerror})") from error
    return [found.st_size, found.st_mtime_ns]
