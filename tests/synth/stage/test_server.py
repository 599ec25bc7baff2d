"""The socket side by itself, byte by byte: frames, limits, one session at a time."""

import socket
import struct
import threading

import pytest

from synth.stage.server import PortInUse, Server

MAGIC = bytes.fromhex("c1832b9e")


class Peer:
    """A raw socket that has read its greeting."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.greeting = self.read()

    def read(self):
        head = self.exactly(8)
        return self.exactly(struct.unpack("<I", head[4:])[0])

    def exactly(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            if not part:
                raise EOFError
            got += part
        return got

    def send(self, payload):
        self.socket.sendall(MAGIC + struct.pack("<I", len(payload)) + payload)

    def ended(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def server():
    server = Server(port=0)
    thread = threading.Thread(target=server.serve, args=(lambda line: f"<{line}>".encode(),))
    thread.start()
    yield server
    server.stop()
    thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def peer(server):
    peer = Peer(server.port)
    yield peer
    peer.socket.close()


def test_the_greeting_and_a_reply_byte_by_byte(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        assert raw.recv(28) == MAGIC + b"\x14\x00\x00\x00" + b"connected to Ceteris"[:20]
        raw.sendall(MAGIC + b"\x06\x00\x00\x00" + b"7:vget")
        assert raw.recv(16) == MAGIC + b"\x08\x00\x00\x00" + b"7:<vget>"


def test_thousands_of_requests_before_the_first_reply_is_read(peer):
    for number in range(5000):
        peer.send(b"%d:word" % number)
    assert [peer.read() for _ in range(5000)] == [b"%d:<word>" % number for number in range(5000)]


def test_a_frame_may_come_in_pieces(peer):
    frame = MAGIC + b"\x06\x00\x00\x00" + b"7:vget"
    for byte in frame:
        peer.socket.sendall(bytes([byte]))
    assert peer.read() == b"7:<vget>"


def test_ids_are_echoed_and_not_checked(peer):
    for number in (9, 3, 3):
        peer.send(b"%d:a" % number)
    assert [peer.read() for _ in range(3)] == [b"9:<a>", b"3:<a>", b"3:<a>"]


def test_a_command_ends_at_the_line(peer):
    peer.send(b"1:one\ntwo")
    assert peer.read() == b"1:<one>"


def test_a_message_without_an_id_gets_no_reply(peer):
    peer.send(b"nonsense")
    peer.send(b"1:sense")
    assert peer.read() == b"1:<sense>"


@pytest.mark.parametrize(
    "header",
    [
        b"\x00\x00\x00\x00\x04\x00\x00\x00",
        MAGIC + struct.pack("<I", 0),
        MAGIC + struct.pack("<I", (256 << 20) + 1),
    ],
    ids=["bad magic", "no length", "too long"],
)
def test_broken_frames_end_the_session_and_not_the_server(server, header):
    peer = Peer(server.port)
    peer.socket.sendall(header + b"1:aa")
    assert peer.ended()
    again = Peer(server.port)
    again.send(b"1:a")
    assert again.read() == b"1:<a>"
    again.socket.close()


def test_half_a_frame_and_gone(server):
    peer = Peer(server.port)
    peer.socket.sendall(MAGIC + b"\x06\x00")
    peer.socket.close()
    again = Peer(server.port)
    assert again.greeting == b"connected to Ceteris"
    again.socket.close()


def test_a_second_client_is_accepted_and_closed_at_once(server, peer):
    second = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    assert second.recv(1) == b""
    peer.send(b"1:a")
    assert peer.read() == b"1:<a>"


def test_a_client_that_cannot_be_accepted_ends_nothing(server, monkeypatch, caplog):
    accept, failures = server._listener.accept, [OSError("too many open files")]

    class Listener:
        def accept(self):
            if failures:
                raise failures.pop()
            return accept()

        def __getattr__(self, name):
            return getattr(real, name)

    real = server._listener
    monkeypatch.setattr(server, "_listener", Listener())
    for _ in range(2):  # the acceptor waits in the real one until the first comes
        peer = Peer(server.port)
        peer.send(b"1:a")
        assert peer.read() == b"1:<a>"
        peer.socket.close()
    assert not failures and "too many open files" in caplog.text


def test_sessions_follow_each_other_without_a_pause(server):
    for _ in range(20):
        peer = Peer(server.port)
        assert peer.greeting == b"connected to Ceteris"
        peer.socket.close()


def test_a_taken_port_is_named_with_the_way_out(server):
    with pytest.raises(PortInUse, match=rf"port {server.port} on 127.0.0.1 is in use.*--port 0"):
        Server(port=server.port)
