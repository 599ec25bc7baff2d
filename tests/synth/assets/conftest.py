"""What the tests of assets share: files of their own, and a server that can be told to misbehave."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


class Site(http.server.ThreadingHTTPServer):
    """Serves `files` by path. breaks: after how many bytes the coming answers break off. ranges: whether it resumes.
    asked: (path, Range or None) of every request."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files: dict[str, bytes] = {}
        self.breaks: list[int] = []
        self.failures: list[int] = []
        self.ranges, self.tag = True, '"one"'
        self.asked: list[tuple[str, str | None]] = []

    def url(self, path: str) -> str:
        """The address of a file."""
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        site, wanted = self.server, self.headers.get("Range")
        site.asked.append((self.path, wanted))
        if site.failures:
            return self.send_error(site.failures.pop(0))
        if self.path not in site.files:
            return self.send_error(404)
        body, start = site.files[self.path], 0
        if wanted and site.ranges and self.headers.get("If-Range") == site.tag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        if site.tag:
            self.send_header("ETag", site.tag)
        self.end_headers()
        stop = start + site.breaks.pop(0) if site.breaks else len(body)
        self.wfile.write(body[start:stop])

    def log_message(self, *arguments):
        """Tests are quiet."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def write(tmp_path):
    """Writes a file of the test's own and gives its path."""

    def write_file(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file
