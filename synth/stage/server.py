"""The socket side of the stage: UnrealCV's frames over TCP, one client at a time.

Three threads, each with one duty. The acceptor greets a client, or closes a second one at once. A reader per session
only queues, so that a client may send thousands of requests before it reads one reply. The main thread takes from the
queue, executes and answers, in the order of the requests: the renderer is never entered from two threads.
"""

from __future__ import annotations

import errno
import logging
import queue
import re
import socket
import threading
from collections.abc import Callable

from synth.errors import CeterisError
from synth.stage.encoding import FrameError, frame, read_frame

LOG = logging.getLogger(__name__)
GREETING = b"connected to Ceteris"
# A client that has just left may still be noticed only after the next has come.
HANDOVER_S = 0.2
# What a client may have asked for and not been answered yet. 300,000 requests are 10 MB; beyond this it is ended.
MAX_WAITING = 256 << 20
_OVERHEAD = 200  # bytes that a queued request takes beside its text
_ID_END = re.compile(rb"\d:")
_LINE = re.compile(rb".*")


class PortInUse(CeterisError):
    """The port asked for is taken by another process."""


class Session:
    """One client. `send` and `close` may be called from any thread."""

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self.open = True
        self.asked = self.answered = 0  # bytes; each is written by one thread alone

    def send(self, payload: bytes) -> None:
        """One frame; a client that is gone ends the session quietly."""
        try:
            self.connection.sendall(frame(payload))
        except OSError as error:
            LOG.info("the client left before its reply: %s", error)
            self.close()

    def close(self) -> None:
        """End the session; requests still queued are dropped."""
        self.open = False
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            LOG.debug("the connection was closed already: %s", error)
        self.connection.close()


class Server:
    """Listens from construction on; `serve` answers until `stop`.

    Args:
        host: the address to listen on, by default this machine only.
        port: 0 takes any free port, see `self.port`.
    Raises PortInUse, and OSError for an address that this machine does not have.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 9000):
        self._listener = _listen(host, port)
        self.port: int = self._listener.getsockname()[1]
        self._requests: queue.SimpleQueue[tuple[Session, bytes, bytes] | None] = queue.SimpleQueue()
        self._busy = threading.Semaphore(1)
        self._stopped = threading.Event()

    def serve(self, execute: Callable[[str], bytes]) -> None:
        """Answer requests with `execute(line)` in this thread."""
        threading.Thread(target=self._accept, daemon=True, name="acceptor").start()
        while (request := self._requests.get()) is not None:
            session, number, line = request
            session.answered += _OVERHEAD + len(line)
            if session.open:
                session.send(number + b":" + execute(line.decode("utf-8", "replace")))

    def stop(self) -> None:
        """Let `serve` return after the request under way."""
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the acceptor, which a mere close does not
        self._listener.close()
        self._requests.put(None)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if self._stopped.is_set():
                    return
                LOG.warning("a client could not be accepted: %s", error)  # it has left, or there are too many files
                self._stopped.wait(HANDOVER_S)
                continue
            if not self._busy.acquire(timeout=HANDOVER_S):
                LOG.warning("a second client was turned away: one session at a time")
                connection.close()
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._read, args=(Session(connection),), daemon=True, name="reader").start()

    def _read(self, session: Session) -> None:
        """Queue what one client sends, until it leaves or breaks the protocol."""
        session.send(GREETING)
        try:
            while (payload := read_frame(session.connection)) is not None:
                if request := parse(payload):
                    self._queue(session, *request)
                else:
                    LOG.warning("dropped a message without an id: %r", payload[:80])
        except FrameError as error:
            LOG.warning("closed the connection: %s", error)
        except OSError as error:
            LOG.info("the connection ended: %s", error)
        finally:
            session.close()
            self._busy.release()

    def _queue(self, session: Session, number: bytes, line: bytes) -> None:
        """Raises FrameError for a client that asks and asks and reads no reply."""
        session.asked += _OVERHEAD + len(line)
        if session.asked - session.answered > MAX_WAITING:
            raise FrameError(f"requests of more than {MAX_WAITING} bytes are waiting; the client reads no replies")
        self._requests.put((session, number, line))


def parse(payload: bytes) -> tuple[bytes, bytes] | None:
    """Id and line of a request; None where it has no id. The plugin's (\\d{1,}):(.*), in time that grows with the
    length alone."""
    if not (found := _ID_END.search(payload)):
        return None
    number = payload[: found.start() + 1]
    return number[len(number.rstrip(b"0123456789")) :], _LINE.match(payload, found.end())[0]


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(8)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortInUse(
            f"port {port} on {host} is in use: end the process that holds it (`ss -ltnp sport = :{port}` names it), "
            "choose another with --port, or take any free one with --port 0"
        ) from error
    return listener
