"""Clients that mean no good: the stage answers or closes, stays up, and keeps its memory and its files to itself.

Minutes of the same: `python -m benchmarks.fuzz --minutes 10`; 300,000 requests: CETERIS_BATCH=300000.
"""

import os
import struct
import threading
import time

import pytest
import unrealcv

from benchmarks.fuzz import MAGIC, Peer, fuzz, resident_mb
from synth.engine.launcher import EngineProcess, stage_command
from synth.stage import server as stage_server
from synth.stage.server import Server, parse

BATCH = int(os.environ.get("CETERIS_BATCH", "5000"))


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    """A stage of its own, that may write into one folder."""
    folder = tmp_path_factory.mktemp("pictures")
    process = EngineProcess([*stage_command(), "--write-folder", str(folder)])
    process.await_ready(300)
    yield process, folder
    process.stop()


@pytest.fixture
def peer(victim):
    time.sleep(0.05)
    peer = Peer(victim[0].port)
    yield peer
    peer.socket.close()


def test_seconds_of_fuzzing(victim):
    process, _ = victim
    found = fuzz(process, seconds=4.0, seed=1)
    assert found["rounds"] > 5 and "command failed" not in process.log()


def test_a_huge_batch_of_the_published_client_is_answered_and_its_memory_given_back(victim):
    client = unrealcv.Client(("127.0.0.1", victim[0].port))
    assert client.connect()
    client.request("vget /camera/0/lit png")
    before = resident_mb(victim[0].process.pid)
    replies = client.request(["vget /unrealcv/echo word"] * BATCH)
    assert replies == ["word"] * BATCH
    assert resident_mb(victim[0].process.pid) < before + 128
    client.disconnect()


def test_a_client_that_asks_and_never_reads_is_ended(monkeypatch):
    monkeypatch.setattr(stage_server, "MAX_WAITING", 1 << 20)
    server = Server(port=0)
    threading.Thread(target=server.serve, args=(lambda line: line.encode(),), daemon=True).start()
    peer = Peer(server.port)
    with pytest.raises(ConnectionError):
        for number in range(2000):
            peer.send(b"%d:" % number + b"x" * 100_000)
    peer.socket.close()
    time.sleep(0.3)
    assert Peer(server.port).ask("still there") == b"still there"
    server.stop()


@pytest.mark.parametrize(
    ("payload", "request_"),
    [
        (b"7:vget", (b"7", b"vget")),
        (b"noise 12:a:b", (b"12", b"a:b")),
        (b":a3:b", (b"3", b"b")),
        (b"1:one\n2:two", (b"1", b"one")),
        (b"5:", (b"5", b"")),
        (b"a:b", None),
        (b"9" * 3_000_000, None),
    ],
    ids=["plain", "search", "no id before", "line", "empty", "none", "digits"],
)
def test_requests_are_found_as_the_plugin_finds_them_and_fast(payload, request_):
    start = time.process_time()
    assert parse(payload) == request_
    assert time.process_time() - start < 5, "a search that is quadratic takes hours here"


def test_a_number_of_a_hundred_thousand_digits_is_answered(peer):
    assert peer.ask("vset /camera/0/fov " + "1" * 100_000 + "x").startswith(b"error Can not find a handler")
    assert peer.ask("vset /camera/0/location 1 2 " + "1" * 100_000).startswith(b"error Argument Invalid")


@pytest.mark.parametrize("promised", [0, (256 << 20) + 1, 0xFFFFFFFF])
def test_lengths_that_cannot_be(peer, promised):
    peer.socket.sendall(MAGIC + struct.pack("<I", promised) + b"1:aa")
    with pytest.raises((EOFError, ConnectionError)):
        peer.read()


@pytest.mark.parametrize(
    "name", ["../x.png", "/x.png", "a/b.png", "..png", "x.png\0", "a" * 300 + ".png", "x.PNG", ".png", "~.png"]
)
def test_no_name_leaves_the_folder(peer, name):
    assert peer.ask(f"vget /camera/0/lit {name}").startswith(b"error Invalid filename type")


def test_files_lie_in_the_folder_and_links_are_not_followed(peer, victim, tmp_path):
    folder = victim[1]
    assert f"Config file: {folder}/unrealcv.ini".encode() in peer.ask("vget /unrealcv/status")
    assert peer.ask("vget /camera/0/lit here.png") == b"here.png" and (folder / "here.png").stat().st_size > 100
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    assert peer.ask("vget /camera/0/lit link.png").startswith(b"error link.png is a link")
    assert not (tmp_path / "outside.png").exists()
    (folder / "taken.png").mkdir()
    assert b"error cannot write" in peer.ask("vget /camera/0/lit taken.png")


def test_what_would_not_fit_the_memory_is_refused(peer):
    many = ";".join(["0"] * 30_000)
    assert b"a list of more than 20000" in peer.ask(f"vget /stage/joints Human {many}")
    camera = "350,0,100,0,180,0,45"
    assert b"a list of more than" in peer.ask(f"vget /stage/capture parts Human {many} {camera} 1 1")
    assert b"is above" in peer.ask(f"vget /stage/capture lit Human 0;1;2;3;4;5;6;7;8;9;10;11;12 {camera} 4096 4096")


def test_cameras_are_not_spawned_for_ever(peer):
    for _ in range(1000):
        reply = peer.ask("vset /cameras/spawn")
    assert reply.startswith(b"error Failed to spawn actor")
