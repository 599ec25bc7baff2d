"""A clip store that also keeps every clip somewhere else, on whatever fsspec has a file system for: a bucket, a share.

A clip that the store lacks and that other place has is fetched when it is asked for, so that several machines share
what they have drawn, and a small disk may be emptied at any time. The layout there is the store's own; the manifest is
written last there too.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import fsspec
import numpy as np

from synth.clips.codec import ClipError
from synth.clips.encoded import Encoded, file_name
from synth.clips.passes import check
from synth.clips.store import MANIFEST, BrokenClip, ClipStore, parsed, written
from synth.errors import CeterisError
from synth.factors import ClipSpec

THREADS = 16  # a bucket answers late, and many at a time
WAITING = 256  # clips on their way
UNSOUND = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ArithmeticError,
    CeterisError,
)  # what a clip that is none raises
log = logging.getLogger("ceteris")


class SpillingStore(ClipStore):
    """A `ClipStore` under `root` that shares its clips at `url`. Raises ClipError where that cannot be reached."""

    def __init__(self, root: Path | str, url: str):
        super().__init__(root)
        self.url = url
        try:
            self._there, self._base = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError, OSError) as error:
            raise ClipError(f"store.spill = {url!r} cannot be used: {error}") from error
        if fsspec.core.has_magic(self._base):  # would be taken for a pattern wherever files are listed
            raise ClipError(f"store.spill = {url!r} holds one of * ? [; expected a plain name of a folder")
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="spill")
        self._under_way: list[Future] = []
        self._room = threading.Semaphore(WAITING)

    @cached_property
    def _shared(self) -> set[str]:
        """Ids of the clips that are there; asked once, since each question takes its time."""
        try:
            return {path.rsplit("/", 2)[1] for path in self._there.glob(f"{self._base}/clips/*/*/{MANIFEST}")}
        except Exception as error:  # every file system has errors of its own
            raise ClipError(f"store.spill = {self.url!r} cannot be read ({error})") from error

    def check_writable(self) -> None:
        """As of a ClipStore, for both places."""
        super().check_writable()
        probe = f"{self._base}/.{uuid.uuid4().hex}"
        try:
            self._there.makedirs(self._base, exist_ok=True)
            self._there.pipe_file(probe, b"")
            self._there.rm_file(probe)
        except Exception as error:
            raise ClipError(f"clips cannot be kept at store.spill = {self.url!r} ({error})") from error

    def manifest(self, clip_id: str) -> dict | None:
        """As of a ClipStore, after the clip was fetched where it lies elsewhere alone."""
        found = super().manifest(clip_id)
        if found is None and clip_id in self._shared:
            self._fetch(clip_id)
            found = super().manifest(clip_id)
        return found

    def put(
        self, clip_id: str, spec: ClipSpec, files: Mapping[str, Encoded], *, digests: Mapping, camera: Mapping
    ) -> None:
        """As of a ClipStore; the copy is made meanwhile, see `settle`."""
        super().put(clip_id, spec, files, digests=digests, camera=camera)
        self._room.acquire()
        self._under_way = [future for future in self._under_way if not future.done() or future.exception()]
        self._under_way.append(self._pool.submit(self._send, clip_id))

    def settle(self) -> None:
        """Wait for the copies that are on their way; raises ClipError where one could not be made."""
        waiting, self._under_way = self._under_way, []
        for future in waiting:
            if (error := future.exception()) is not None:
                raise ClipError(
                    f"a clip could not be copied to store.spill = {self.url!r} ({error}); it is in {self.root}, and "
                    "`python -m synth.clips spill` copies what is missing there"
                ) from error

    def discard(self, clip_id: str) -> None:
        """As of a ClipStore, in both places."""
        super().discard(clip_id)
        if clip_id not in self._shared:
            return
        try:
            self._there.rm(self._folder(clip_id), recursive=True)
        except FileNotFoundError:
            pass  # another machine was faster
        except Exception as error:
            raise ClipError(f"a broken clip cannot be taken away from store.spill = {self.url!r} ({error})") from error
        self._shared.discard(clip_id)

    def share_all(self) -> int:
        """Copy every clip that is not there yet; returns how many."""
        lacking = [clip_id for clip_id in self.ids() if clip_id not in self._shared]
        for clip_id in lacking:
            self._room.acquire()
            self._under_way.append(self._pool.submit(self._send, clip_id))
        self.settle()
        return len(lacking)

    def _folder(self, clip_id: str) -> str:
        return f"{self._base}/clips/{clip_id[:2]}/{clip_id}"

    def _send(self, clip_id: str) -> None:
        try:
            here, there = self._manifest(clip_id), self._folder(clip_id)
            if here is None:
                return  # taken away meanwhile
            passes = self._passes_there(clip_id) | here["passes"]
            self._there.makedirs(there, exist_ok=True)
            for entry in here["passes"].values():
                self._there.pipe_file(f"{there}/{entry['file']}", self.content(clip_id, entry))
            self._there.pipe_file(f"{there}/{MANIFEST}", written({**here, "passes": passes}))
            self._shared.add(clip_id)
        finally:
            self._room.release()

    def _passes_there(self, clip_id: str) -> dict:
        """What a shared clip has, of other machines too; nothing of one that is broken."""
        try:
            return self._manifest_there(clip_id)[0]["passes"] if clip_id in self._shared else {}
        except (FileNotFoundError, *UNSOUND):
            return {}

    def _manifest_there(self, clip_id: str) -> tuple[dict, ClipSpec]:
        """A manifest and its recipe; raises BrokenClip, or another of UNSOUND, unless they are the clip's."""
        where = f"{self._folder(clip_id)}/{MANIFEST}"
        manifest = parsed(clip_id, self._there.cat_file(where), where)
        spec = ClipSpec.from_canonical(manifest["spec"])
        if spec.clip_id(manifest["digests"]) != clip_id:
            raise BrokenClip(clip_id, f"{where}: its recipe has another id")
        return manifest, spec

    def _file_there(self, clip_id: str, spec: ClipSpec, name: str, entry: Mapping) -> Encoded:
        """The same of a pass."""
        where = f"{self._folder(clip_id)}/{file_name(name)}"
        check(spec, name, np.broadcast_to(np.zeros((), entry["dtype"]), entry["shape"]))
        content = self._there.cat_file(where)
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise BrokenClip(clip_id, f"{where}: its sha256 differs")
        return Encoded(content, entry)

    def _fetch(self, clip_id: str) -> None:
        """Into the store, once recipe and files are what was written; a broken one is left to be drawn again."""
        try:
            manifest, spec = self._manifest_there(clip_id)
            files = {name: self._file_there(clip_id, spec, name, own) for name, own in manifest["passes"].items()}
        except (OSError, *UNSOUND) as error:
            log.warning("%s is broken and is drawn again (%s)", self._folder(clip_id), error)
            self._shared.discard(clip_id)
            return
        super().put(clip_id, spec, files, digests=manifest["digests"], camera=manifest["camera"])
