"""The content-addressed clip store: one folder per clip id, the store is the ledger (design §3).

    <root>/clips/ab/abcdef0123.../frames.avi      UT Video, lossless
                                  mask.npz ...    one file per pass
                                  manifest.json   written last, by atomic rename

A folder with a manifest is done for the passes that the manifest names; anything else is garbage that is never read
(a pass without an entry, which the next write replaces, or the hidden file that a killed run was writing). Passes are
not in the id: each can be added later. Manifests hold no times and no machine, so that two runs of one study leave the
same bytes. Works on any file system with atomic rename.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from synth.alone import alone
from synth.arrays import UNREADABLE
from synth.clips.codec import ClipError, read_video
from synth.clips.encoded import Encoded, encode
from synth.clips.passes import ARRAY_SUFFIX, VIDEO_SUFFIX
from synth.factors import ClipSpec
from synth.whole import LEFT, whole

MANIFEST = "manifest.json"
DIGEST = "sha256"  # of the manifest itself, without this entry
DAMAGE = {errno.ENOENT, errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ELOOP}  # of the file itself
MEND = "`python -m synth.clips verify` takes broken clips away, and the next run draws them again"


class BrokenClip(ClipError):
    """A stored clip of which a file is not what was written, or that is not there any more. clip_id: its id."""

    def __init__(self, clip_id: str, message: str, mend: str = MEND):
        self.clip_id = clip_id
        super().__init__(f"{message}; {mend}")


class ClipStore:
    """Clips under `root`, which is made when the first clip is written."""

    def __init__(self, root: Path | str):
        self.root = Path(root)

    def check_writable(self) -> None:
        """Make the root; raises ClipError where clips cannot be written to it."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                return
        except OSError as error:
            raise ClipError(
                f"clips cannot be kept in {self.root} ({error}); set store.root to another folder"
            ) from error

    def folder(self, clip_id: str) -> Path:
        """Where the clip lies; the first two digits keep directories small."""
        if not _is_id(clip_id):
            raise ClipError(f"{clip_id!r} is no clip id (hex digits)")
        return self.root / "clips" / clip_id[:2] / clip_id

    def manifest(self, clip_id: str) -> dict | None:
        """The manifest of a finished clip, or None; raises BrokenClip for one that is not as it was written."""
        return self._manifest(clip_id)

    def _manifest(self, clip_id: str) -> dict | None:
        path = self.folder(clip_id) / MANIFEST
        try:
            return parsed(clip_id, path.read_bytes(), str(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unread(clip_id, path, error) from error

    def lacking(self, clip_id: str, passes: Iterable[str] = ("frames",)) -> tuple[str, ...]:
        """Those of `passes` that are not there, in their order; all of them where there is no finished clip."""
        manifest = self.manifest(clip_id)
        return tuple(name for name in passes if manifest is None or name not in manifest["passes"])

    def has(self, clip_id: str, passes: Iterable[str] = ("frames",)) -> bool:
        """Whether there is a finished clip with every pass asked for."""
        manifest = self.manifest(clip_id)
        return manifest is not None and all(name in manifest["passes"] for name in passes)

    def ids(self) -> Iterator[str]:
        """Ids of all finished clips, sorted; folders that lie among them under other names are left alone."""
        for path in sorted(self.root.glob(f"clips/??/*/{MANIFEST}")):
            if _is_id(path.parent.name) and path.parent == self.folder(path.parent.name):
                yield path.parent.name

    def write(
        self, clip_id: str, spec: ClipSpec, arrays: Mapping[str, np.ndarray], *, digests: Mapping, camera: Mapping
    ) -> None:
        """Store the passes in `arrays` (see PASSES); those the clip has already are kept.

        Raises UnknownName for a pass that there is not, ClipError for an array of a wrong type or shape, and where the
        disk is full or takes no more for another reason.
        """
        self.put(clip_id, spec, encode(spec, arrays), digests=digests, camera=camera)

    def put(
        self, clip_id: str, spec: ClipSpec, files: Mapping[str, Encoded], *, digests: Mapping, camera: Mapping
    ) -> None:
        """The same with passes that were encoded already; raises ClipError where the disk takes no more."""
        folder = self.folder(clip_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder):  # two runs may add passes to one clip
                self._put(clip_id, spec, files, digests, camera)
        except OSError as error:
            raise ClipError(
                f"the clip {clip_id} cannot be written to {self.root} ({error}); what was finished before it is kept: "
                "make room, or set store.root to another folder, and run the same command again"
            ) from error

    def _put(self, clip_id: str, spec: ClipSpec, files: Mapping, digests: Mapping, camera: Mapping) -> None:
        folder = self.folder(clip_id)
        for left in folder.glob(LEFT):  # of a writer that was killed: another cannot be at it now
            left.unlink(missing_ok=True)
        manifest = self._manifest(clip_id) or {
            "id": clip_id,
            "spec": spec.canonical(),
            "digests": dict(digests),
            "camera": dict(camera),
            "passes": {},
        }
        for name, encoded in files.items():
            if name in manifest["passes"] and self._is_sound(clip_id, manifest["passes"][name]):
                continue  # another run was faster; who has read the manifest may be about to read that file
            with whole(folder / encoded.entry["file"]) as partial:
                partial.write_bytes(encoded.content)
            manifest["passes"][name] = dict(encoded.entry)
        with whole(folder / MANIFEST) as partial:
            partial.write_bytes(written(manifest))

    def _is_sound(self, clip_id: str, entry: Mapping) -> bool:
        try:
            return bool(self.content(clip_id, entry))
        except BrokenClip:
            return False

    def settle(self) -> None:
        """Wait for what a store does meanwhile; nothing here."""

    def discard(self, clip_id: str) -> None:
        """Take a clip away, its manifest first, so that it is drawn again; harmless where there is none. Folders in its
        folder are not of the store and left. Raises ClipError where the disk does not let go of it."""
        folder = self.folder(clip_id)
        if not folder.is_dir():
            return
        try:
            with alone(folder):
                (folder / MANIFEST).unlink(missing_ok=True)
                for path in [path for path in folder.glob("[!.]*") if not path.is_dir()]:
                    path.unlink()
        except OSError as error:
            raise ClipError(
                f"the broken clip {clip_id} cannot be taken away from {self.root} ({error}); delete {folder}, or "
                "set store.root to another folder"
            ) from error

    def read(self, clip_id: str, passes: Iterable[str] | None = None) -> dict[str, np.ndarray]:
        """The arrays of the passes asked for (all by default); raises ClipError for one that is not there."""
        wanted = None if passes is None else tuple(passes)
        manifest = self.require(clip_id, wanted or ())
        names = manifest["passes"] if wanted is None else wanted
        return {name: self._read_pass(clip_id, manifest["passes"][name]) for name in names}

    def require(self, clip_id: str, passes: Iterable[str]) -> dict:
        """The manifest of a clip that has these passes; raises BrokenClip where there is none (another run may have
        found it broken and taken it away), ClipError where a pass is missing."""
        manifest = self.manifest(clip_id)
        if manifest is None:
            raise BrokenClip(clip_id, f"clip {clip_id} is not in {self.root}", "render it first")
        if missing := [name for name in passes if name not in manifest["passes"]]:
            raise ClipError(f"clip {clip_id} has no pass {missing[0]!r}, only {', '.join(manifest['passes'])}")
        return manifest

    def content(self, clip_id: str, entry: Mapping) -> bytes:
        """The file of a pass, by its entry in the manifest; raises BrokenClip unless it is the one that was written, to
        the last bit."""
        path = self.folder(clip_id) / entry["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unread(clip_id, path, error) from error
        if (found := hashlib.sha256(content).hexdigest()) != entry["sha256"]:
            raise BrokenClip(clip_id, f"{path}: sha256 {found[:12]}..., its manifest says {entry['sha256'][:12]}...")
        return content

    def _read_pass(self, clip_id: str, entry: Mapping) -> np.ndarray:
        content, path = self.content(clip_id, entry), self.folder(clip_id) / entry["file"]
        if path.suffix != ARRAY_SUFFIX:
            shown = read_video(content, path)
            return np.repeat(shown, entry["shape"][0], axis=0) if len(shown) == 1 else shown
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                return archive["array"]
        except UNREADABLE as error:
            raise BrokenClip(clip_id, f"{path}: cannot be read ({error})") from error


def parsed(clip_id: str, text: bytes, where: str) -> dict:
    """The manifest that a file holds. Raises BrokenClip unless it is as it was written, that clip's, and names no file
    outside the clip's folder. where: the file, for words."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BrokenClip(clip_id, f"{where}: not a manifest ({error})") from error
    if not isinstance(found, dict) or DIGEST not in found or found.pop(DIGEST) != digest_of(found):
        raise BrokenClip(clip_id, f"{where}: not a manifest as it was written (its sha256 differs)")
    if found.get("id") != clip_id:
        raise BrokenClip(clip_id, f"{where}: the manifest of the clip {found.get('id')!r}, expected {clip_id!r}")
    if not isinstance(found.get("passes"), dict) or not all(_is_own(*item) for item in found["passes"].items()):
        raise BrokenClip(clip_id, f"{where}: names files that are no passes of the clip; expected NAME.avi or NAME.npz")
    return found


def _unread(clip_id: str, path: Path, error: OSError) -> ClipError:
    """A clip is broken only where its file is: not where too many files are open, or a share does not answer."""
    if error.errno in DAMAGE:
        return BrokenClip(clip_id, f"{path}: cannot be read ({error})")
    return ClipError(f"{path}: cannot be read ({error}); the clip is left as it is: mend that, and run again")


def written(manifest: Mapping) -> bytes:
    """The file of a manifest."""
    return json.dumps({**manifest, DIGEST: digest_of(manifest)}, sort_keys=True, indent=1).encode()


def _is_own(name: str, entry) -> bool:
    """Whether a pass of a manifest lies in a file of its own name, and nowhere else."""
    files = (f"{name}{VIDEO_SUFFIX}", f"{name}{ARRAY_SUFFIX}")
    return name.isidentifier() and isinstance(entry, dict) and entry.get("file") in files


def _is_id(name: str) -> bool:
    return len(name) >= 8 and set(name) <= set("0123456789abcdef")


def digest_of(manifest: Mapping) -> str:
    """SHA-256 hex of a manifest without its own."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
