"""The lock file beside downloaded assets: what each file was when it came, so that a later change is seen.

Where the manifest knows no checksum, the first download is trusted and recorded here, and every later one is held to it
(as package managers and SSH do). `lock.json` lies in the source's folder under the assets root. Commands that write it
at the same time wait for each other by flock (Linux only).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from synth.alone import alone
from synth.assets.errors import AssetError
from synth.whole import whole

NAME = "lock.json"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file as it came: its checksum (`synth.assets.checksum.of`), its bytes, and from where."""

    sha256: str
    size: int
    origin: str


def read(folder: Path) -> dict[str, Entry]:
    """{path in the folder: entry}; empty where there is no lock file. Raises AssetError for one that is broken."""
    path = Path(folder) / NAME
    if not path.is_file():
        return {}
    try:
        return {name: Entry(**entry) for name, entry in json.loads(path.read_text(encoding="utf-8"))["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AssetError(f"{path} is no lock file ({error}); delete it, and `verify` will make it anew") from None


def record(folder: Path, entries: dict[str, Entry]) -> None:
    """Adds entries to the folder's lock file, written beside and then renamed; one process or thread at a time."""
    path = Path(folder) / NAME
    with alone(path.parent):
        table = {**read(folder), **entries}
        content = {"files": {name: asdict(table[name]) for name in sorted(table)}}
        with whole(path) as partial:
            partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
