"""A clip store that also keeps every clip somewhere else, on whatever fsspec has a file system for: a bucket, a share.

A clip that the store lacks and that other place has is fetched when it is asked for, so that several machines share
what they have drawn, and a small disk may be emptied at any time. The layout there is the store's own; the manifest is
written last there too.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import fsspec

from synth.clips.codec import ClipError
from synth.clips.encoded import Encoded, file_name
from synth.clips.store import DIGEST, MANIFEST, ClipStore, digest_of
from synth.errors import CeterisError
from synth.factors import ClipSpec, FactorError

THREADS = 16  # a bucket answers late, and many at a time
WAITING = 256  # clips on their way
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
        if clip_id in self._shared:
            self._there.rm(self._folder(clip_id), recursive=True)
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
            manifest = (self.folder(clip_id) / MANIFEST).read_bytes()
            here, there = self.folder(clip_id), self._folder(clip_id)
            self._there.makedirs(there, exist_ok=True)
            for entry in json.loads(manifest)["passes"].values():
                self._there.pipe_file(f"{there}/{entry['file']}", (here / entry["file"]).read_bytes())
            self._there.pipe_file(f"{there}/{MANIFEST}", manifest)
            self._shared.add(clip_id)
        finally:
            self._room.release()

    def _fetch(self, clip_id: str) -> None:
        """Into the store, once recipe and files are what was written; a broken one is left to be drawn again."""
        folder = self._folder(clip_id)
        try:
            manifest = json.loads(self._there.cat_file(f"{folder}/{MANIFEST}"))
            spec, digests = ClipSpec.from_canonical(manifest["spec"]), manifest["digests"]
            sound = spec.clip_id(digests) == clip_id and manifest.pop(DIGEST) == digest_of(manifest)
            entries = {name: entry for name, entry in manifest["passes"].items() if entry["file"] == file_name(name)}
            files = {n: Encoded(self._there.cat_file(f"{folder}/{file_name(n)}"), e) for n, e in entries.items()}
            sound = sound and all(hashlib.sha256(f.content).hexdigest() == f.entry["sha256"] for f in files.values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, FactorError, CeterisError) as error:
            log.warning("%s: not a clip as it was written (%s)", folder, error)
            sound = False
        if sound:
            super().put(clip_id, spec, files, digests=digests, camera=manifest["camera"])
        else:
            log.warning("%s is broken and is drawn again", folder)
            self._shared.discard(clip_id)
