"""The data sets by name. A new one is a reader in a file of its own and a line here."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

from experiments.recordings.base import Recordings
from synth.errors import UnknownName, find

SOURCES = {
    "ucf101": "experiments.recordings.ucf101:UCF101",
    "hmdb51": "experiments.recordings.hmdb51:HMDB51",
    "kth": "experiments.recordings.kth:KTH",
    "something_something_v2": "experiments.recordings.something:SomethingV2",
    "ntu60": "experiments.recordings.ntu:NTUSkeletons",
    "folders": "experiments.recordings.folders:Folders",
}


def reader(name: str) -> type:
    """The class that reads a data set; raises UnknownName."""
    module, _, attribute = find("data set", name, SOURCES).partition(":")
    return getattr(import_module(module), attribute)


def options(name: str) -> dict[str, inspect.Parameter]:
    """What may be said beside `root` when a data set is opened."""
    found: dict[str, inspect.Parameter] = {}
    for kind in reader(name).__mro__:
        own = inspect.signature(kind.__init__).parameters if "__init__" in vars(kind) else {}
        found |= {key: value for key, value in own.items() if value.kind is inspect.Parameter.KEYWORD_ONLY}
    return found


def open_recordings(name: str, root: Path | str, **given) -> Recordings:
    """The data set `name` in the folder `root`; `given` are its reader's options.

    Raises UnknownName for a data set or an option that there is not, RecordingsError for a folder that is not one.
    """
    known = options(name)
    for key in given:
        if key not in known:
            raise UnknownName(f"option of {name}", key, known)
    return reader(name)(root, **given)
