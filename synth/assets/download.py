"""One file over HTTP: resumed where it broke off, limited in size, and in its place only when it is whole.

What has come lies beside the target as `<name>.part`, with the server's validator (ETag or Last-Modified) in
`<name>.part.tag`. A download goes on by `Range` with `If-Range` (RFC 9110, sections 13.1.5 and 14), so that parts of
two different files are never joined: without a validator, or when the file has changed, it begins anew.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import requests

from synth.assets.errors import DownloadError, Unreachable

ATTEMPTS = 5
PAUSE_S = 1.0  # before the second attempt; doubled for every further one
TIMEOUT_S = (10.0, 60.0)  # to connect, to wait for the next bytes
_BLOCK = 1 << 13  # what of it is under way when a connection breaks is lost
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)\Z")


class _ServerTrouble(Exception):
    """The server answered, and it may answer better next time."""


_BROKEN = (_ServerTrouble, requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


def download(
    url: str,
    part: Path,
    *,
    most_bytes: int,
    progress: Callable[[int, int | None], None] = lambda size, total: None,
    pause_s: float = PAUSE_S,
) -> None:
    """Everything at `url` into the file `part`, going on where an earlier download stopped.

    progress: called with the bytes that are there and those of the whole, None if unknown. Raises DownloadError if the
    server refuses, breaks off `ATTEMPTS` times, or has more than most_bytes; Unreachable if nothing ever came.
    """
    for attempt in range(ATTEMPTS):
        try:
            _attempt(url, part, most_bytes, progress)
            _tag(part).unlink(missing_ok=True)
            return
        except _BROKEN as error:
            last = error
            if attempt + 1 < ATTEMPTS:
                time.sleep(pause_s * 2**attempt)
        except requests.RequestException as error:
            raise DownloadError(f"{url}: {error}; expected a file there. Is the address right?") from error
    raise _given_up(url, part, last)


def _given_up(url: str, part: Path, last: Exception) -> DownloadError:
    reason = str(last) if isinstance(last, _ServerTrouble) else f"{type(last).__name__}: {last}"
    if part.is_file():
        return DownloadError(
            f"{url}: broke off {ATTEMPTS} times, last with {reason}. {part.stat().st_size} bytes are kept in {part}; "
            "the same command goes on from there"
        )
    kind = DownloadError if isinstance(last, _ServerTrouble) else Unreachable
    return kind(f"{url}: nothing came in {ATTEMPTS} attempts, last with {reason}. Try the same command again later")


def discard(part: Path) -> None:
    """Removes what an unfinished download left."""
    part.unlink(missing_ok=True)
    _tag(part).unlink(missing_ok=True)


def _tag(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _attempt(url: str, part: Path, most_bytes: int, progress: Callable) -> None:
    """One request; appends to `part` as far as it gets."""
    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.is_file() and _tag(part).is_file() else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": _tag(part).read_text(encoding="utf-8")}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
        if answer.status_code == 416:  # what is there is not a beginning of what the server has
            discard(part)
            raise _ServerTrouble("the server has less than was kept; begun anew")
        _refuse_failure(url, answer)
        start, total = _extent(url, answer, have)
        if (total or 0) > most_bytes:
            raise DownloadError(f"{url}: has {total} bytes, at most {most_bytes} are taken; this is another file")
        _remember(part, answer)
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            _copy(url, answer, file, (start, total, most_bytes), progress)


def _refuse_failure(url: str, answer: requests.Response) -> None:
    if answer.status_code >= 500:
        raise _ServerTrouble(f"the server answered {answer.status_code} {answer.reason}")
    if answer.status_code not in (200, 206):
        raise DownloadError(
            f"{url}: the server answered {answer.status_code} {answer.reason}, expected 200; is the file still there? "
            "A copy from elsewhere can be used: python -m synth.assets add DIR"
        )


def _extent(url: str, answer: requests.Response, have: int) -> tuple[int, int | None]:
    """Where the answer's bytes belong, and the size of the whole file (None: not said)."""
    if answer.status_code == 200:
        length = answer.headers.get("Content-Length", "")
        return 0, int(length) if length.isdigit() else None
    match = _RANGE.match(answer.headers.get("Content-Range", ""))
    if not match or int(match[1]) != have:
        raise DownloadError(
            f"{url}: asked for the bytes from {have} on, the server sent {answer.headers.get('Content-Range')!r}; it "
            "cannot resume: delete the .part file and start again"
        )
    return have, int(match[2]) if match[2].isdigit() else None


def _remember(part: Path, answer: requests.Response) -> None:
    """Keeps a strong validator of the file, or none, so that the next attempt begins anew."""
    validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
    if validator and not validator.startswith("W/"):
        _tag(part).write_text(validator, encoding="utf-8")
    else:
        _tag(part).unlink(missing_ok=True)


def _copy(url: str, answer: requests.Response, file, extent: tuple[int, int | None, int], progress: Callable) -> None:
    size, total, most_bytes = extent
    progress(size, total)
    for block in answer.iter_content(_BLOCK):
        size += len(block)
        if size > most_bytes:
            raise DownloadError(f"{url}: sends more than {most_bytes} bytes; this is another file")
        file.write(block)
        progress(size, total)
    if total is not None and size != total:
        raise _ServerTrouble(f"the server sent {size} of {total} bytes")
