"""The client's deadlines and what it says when an engine misbehaves."""

import socket
import threading
import time

import pytest

from synth.engine.errors import CannotConnect, EngineLost, EngineTimeout
from synth.engine.session import EngineClient
from synth.stage.encoding import frame
from synth.stage.server import Server


def answer(line):
    if line.startswith("sleep"):
        time.sleep(float(line.split()[1]))
    return b"\x93" + bytes(int(line.split()[1])) if line.startswith("bytes") else line.encode()


@pytest.fixture
def server():
    server = Server(port=0)
    thread = threading.Thread(target=server.serve, args=(answer,), daemon=True)
    thread.start()
    yield server
    server.stop()


@pytest.fixture
def client(server):
    client = EngineClient("127.0.0.1", server.port)
    client.connect(5)
    yield client
    client.close()


@pytest.fixture
def listener():
    """A port on which somebody listens who is no engine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_replies_are_text_or_bytes_in_order(client):
    assert client.ask(["a", "bytes 3", "grüß"], deadline_s=5) == ["a", b"\x93\0\0\0", "grüß"]


def test_large_batches_do_not_block(client):
    lines = [f"bytes {number % 2000}" for number in range(20_000)]
    assert [len(reply) - 1 for reply in client.ask(lines, deadline_s=60)] == [n % 2000 for n in range(20_000)]


def test_nothing_is_printed(client, capsys):
    client.ask(["a"], deadline_s=5)
    client.close()
    assert capsys.readouterr() == ("", "")


def test_a_late_reply_ends_the_session_so_that_it_is_not_taken_for_another(client):
    with pytest.raises(EngineTimeout, match=r"did not answer 'sleep 1'.*within 0.1 s.*engine.deadline_s"):
        client.ask(["sleep 1"], deadline_s=0.1)
    with pytest.raises(EngineLost, match="open a new one"):
        client.ask(["a"], deadline_s=5)
    with pytest.raises(EngineLost, match="build a new client"):
        client.connect()


def test_a_batch_has_a_deadline_too(client):
    start = time.monotonic()
    with pytest.raises(EngineTimeout, match="3 requests"):
        client.ask(["a", "sleep 4", "b"], deadline_s=0.2)
    assert time.monotonic() - start < 3


def test_after_a_failed_session_a_new_one_works(server, client):
    with pytest.raises(EngineTimeout):
        client.ask(["sleep 0.3"], deadline_s=0.1)
    fresh = EngineClient("127.0.0.1", server.port)
    fresh.connect(5)
    assert fresh.ask(["a"], deadline_s=5) == ["a"]
    fresh.close()


def test_abort_from_another_thread_ends_a_request(client):
    threading.Timer(0.1, client.abort).start()
    with pytest.raises(EngineLost):
        client.ask(["sleep 2"], deadline_s=5)


def test_a_refused_connection_names_address_and_way_out(listener):
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(CannotConnect, match=rf"127.0.0.1:{port}.*python -m synth.stage --port {port}"):
        EngineClient("127.0.0.1", port).connect(5)


def test_a_busy_engine_is_told_from_none(server, client):
    with pytest.raises(CannotConnect, match="one client at a time"):
        EngineClient("127.0.0.1", server.port).connect(5)


def test_a_silent_listener_does_not_hang(listener):
    start = time.monotonic()
    with pytest.raises(CannotConnect, match=r"no UnrealCV greeting within 0.3 s"):
        EngineClient(*listener.getsockname()).connect(0.3)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", frame(b"hello")])
def test_someone_elses_greeting_is_refused(listener, greeting):
    def greet():
        connection, _ = listener.accept()
        connection.sendall(greeting)
        connection.close()

    threading.Thread(target=greet, daemon=True).start()
    with pytest.raises(CannotConnect, match="greet"):
        EngineClient(*listener.getsockname()).connect(5)


@pytest.mark.parametrize(
    "reply",
    [b"", b"\0" * 8, frame(b"9:a"), frame(b"0:a")[:-1], frame(b":a"), frame(b"x:a"), frame(b"a"), frame(b"0" * 50)],
    ids=["end", "junk", "another id", "half", "no id", "no number", "nothing", "an endless number"],
)
def test_a_broken_reply_is_a_lost_session(listener, reply):
    def serve():
        connection, _ = listener.accept()
        connection.sendall(frame(b"connected to nothing"))
        connection.recv(100)
        connection.sendall(reply)
        connection.close()

    threading.Thread(target=serve, daemon=True).start()
    client = EngineClient(*listener.getsockname())
    client.connect(5)
    with pytest.raises(EngineLost):
        client.ask(["a"], deadline_s=5)
    client.close()
