"""One connection to an engine: the published UnrealCV client (1.3.2), with deadlines and without its traps.

The client is used as it is where it is sound (ids, framing of requests, decoding of text against bytes) and replaced
where it is not: `connect` has no deadline and sends a probe whose late reply shifts every later one; a request that
timed out does the same; a batch waits for ever; a lost connection is read again for a minute; and it prints. Here
every reply has a deadline and after any failure the connection is dead for good. Importing this module imports
`unrealcv`, which takes half a second; nothing else in the package does.
"""

from __future__ import annotations

import logging
import queue
import socket
import struct
import threading
import time
from collections.abc import Sequence

import unrealcv

from synth.engine.errors import CannotConnect, EngineLost, EngineTimeout, OutOfOrder

LOG = logging.getLogger(__name__)
# The package installs a handler of its own that writes to stderr and keeps its records from everyone else.
_THEIRS = logging.getLogger("unrealcv")
_THEIRS.handlers.clear()
_THEIRS.propagate = True
_THEIRS.setLevel(logging.ERROR)

SEND_S = 60
MOST_DIGITS = 20  # of a request's number
_HEADER = struct.Struct("<II")


class EngineClient(unrealcv.Client):
    """A client of the engine at host:port; `connect` once, then `ask`.

    Safe to use from several threads, one batch at a time.
    """

    def __init__(self, host: str, port: int):
        super().__init__((host, port), "inet")
        self._command_capabilities_checked = True  # no probe
        self._lock = threading.Lock()
        self._unanswered = 0
        self.dead = False

    @property
    def address(self) -> str:
        """host:port, for messages."""
        return "{}:{}".format(*self.endpoint)

    def connect(self, timeout: float = 10.0, start_receive_thread: bool = True) -> bool:
        """Connect and wait for the greeting; raises CannotConnect after `timeout` seconds, or at once if refused."""
        if self.dead:
            raise EngineLost(f"the connection to {self.address} has ended; build a new client")
        if self.isconnected():
            return True
        self.sock = self._dial(timeout)
        if start_receive_thread:
            self.t = threading.Thread(target=self.receive_loop_queue, daemon=True, name="engine replies")
            self.t.start()
        return True

    def _dial(self, timeout: float) -> socket.socket:
        hint = "start one with `python -m synth.stage --port {}`, or correct engine.host and engine.port"
        try:
            connection = socket.create_connection(self.endpoint, timeout=timeout)
        except OSError as error:
            raise CannotConnect(
                f"no engine answers at {self.address} ({error}); {hint.format(self.endpoint[1])}"
            ) from error
        try:
            greeting = _read(connection)
        except (OSError, ConnectionError) as error:
            connection.close()
            raise CannotConnect(
                f"{self.address} accepted the connection but sent no UnrealCV greeting within {timeout:g} s ({error}); "
                "an engine serves one client at a time, so end the other one, or check the port"
            ) from error
        if not greeting.startswith(b"connected"):
            connection.close()
            raise CannotConnect(f"{self.address} greets with {greeting[:40]!r}, expected b'connected to ...'")
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # An engine that has stopped reading must not hold a sender for ever.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_S, 0))
        return connection

    def ask(self, lines: Sequence[str], *, deadline_s: float) -> list[str | bytes]:
        """The replies to `lines`, in order; text where it is text, bytes else.

        Raises EngineTimeout when they are not all there after `deadline_s`, EngineLost when the connection ends; after
        either the client cannot be used any more.
        """
        with self._lock:
            if self.dead or not self.isconnected():
                raise EngineLost(f"the connection to {self.address} has ended; open a new one")
            try:
                return self._exchange(lines, time.monotonic() + deadline_s)
            except queue.Empty as error:
                raise EngineTimeout(
                    f"the engine at {self.address} did not answer {lines[0][:120]!r} ({len(lines)} requests) within "
                    f"{deadline_s:g} s; look at its log, or raise engine.deadline_s"
                ) from error
            except AssertionError as error:  # the base class's, for a wrong id
                raise OutOfOrder(f"the engine at {self.address} does not answer in the order it was asked") from error
            except OSError as error:
                raise EngineLost(f"the connection to the engine at {self.address} ended: {error}") from error
            finally:
                if self._unanswered:
                    self.abort()

    def _exchange(self, lines: Sequence[str], end: float) -> list[str | bytes]:
        """Send all and read all; the reader works meanwhile, so that neither side's buffers can fill up."""
        self._unanswered = len(lines)
        self.recv_num_q.put(-len(lines))
        for line in lines:
            message = b"%d:%s" % (self.send_message_id, line.encode())
            self.send_message_id += 1
            self.sock.sendall(_HEADER.pack(unrealcv.SocketMessage.magic, len(message)) + message)
        replies = []
        for _ in lines:
            reply = self.recv_data_q.get(timeout=max(0.0, end - time.monotonic()))
            if isinstance(reply, Exception):
                raise reply
            replies.append(reply)
            self._unanswered -= 1
        return replies

    def abort(self) -> None:
        """End the connection now, from any thread; a request under way raises EngineLost."""
        self.dead = True
        if (connection := self.sock) is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError as error:
                LOG.debug("already closed: %s", error)

    def close(self) -> None:
        """End the session; harmless when it has ended."""
        self.abort()
        self.disconnect()

    def receive(self) -> bytes:
        """The next payload; unlike the base class, a lost connection is not read again."""
        if (connection := self.sock) is None:
            raise ConnectionError("it was closed here")
        return _read(connection)

    def raw_message_handler(self, raw_message: bytes) -> str | bytes:
        """As the base class's, which copies a reply of megabytes twice more."""
        at = raw_message.find(b":", 0, MOST_DIGITS + 1)
        if at < 1 or not raw_message[:at].isdigit():
            raise ConnectionError(f"a reply begins with {raw_message[:40]!r}, which is no id")
        if int(raw_message[:at]) != self.recv_message_id:
            raise AssertionError(f"the reply to {int(raw_message[:at])} came, expected {self.recv_message_id}")
        body = raw_message[at + 1 :]
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return body

    def receive_loop_queue(self) -> None:
        """The base class's loop; what ends it goes to the one who waits for a reply."""
        try:
            super().receive_loop_queue()
        except (OSError, AssertionError) as error:
            self.recv_data_q.put(error)


def _read(connection: socket.socket) -> bytes:
    """One frame's payload; raises ConnectionError where there is none."""
    magic, length = _HEADER.unpack(_exactly(connection, _HEADER.size))
    if magic != unrealcv.SocketMessage.magic:
        raise ConnectionError(f"a frame starts with {magic:#010x}, which is not UnrealCV")
    return _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes, as a rule by one call that copies them once."""
    parts, left = [], count
    while left:
        part = connection.recv(left, getattr(socket, "MSG_WAITALL", 0))
        if not part:
            raise ConnectionError("the other side closed it")
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
