"""Byte by byte: what goes over the wire, frame by frame, as written down in transcript.txt.

`>` is a request, `<` the whole frame that answers it, as Python writes bytes. Of pictures, whose size depends on what
they show, it is the beginning: `...` ends it, and of the length only that it is right. Renew it on purpose with
CETERIS_RENEW_GOLDEN=1.
"""

import ast
import os
import socket
import struct
from pathlib import Path

import pytest

from benchmarks.fuzz import MAGIC

GOLDEN = Path(__file__).with_name("transcript.txt")
BEGINNINGS = {b"\x89PNG": 33, b"\x93NUM": 128, b"BM": 54}  # the headers


def beginning(payload):
    """How much of a reply is compared: all of it, or the header of a picture."""
    content = payload.partition(b":")[2]
    for magic, count in BEGINNINGS.items():
        if content.startswith(magic):
            return len(payload) - len(content) + count
    return len(payload)


def shown(frame):
    payload = frame[8:]
    if (count := beginning(payload)) < len(payload):
        return f"{payload[:count]!r}..."
    return repr(frame)


@pytest.fixture
def exchange(stage):

    with socket.create_connection(("127.0.0.1", stage.port), timeout=30) as raw:
        stream = raw.makefile("rb")

        def read():
            head = stream.read(8)
            return head + stream.read(struct.unpack("<I", head[4:])[0])

        assert read() == MAGIC + struct.pack("<I", 20) + b"connected to Ceteris"

        def exchange(number, line):
            payload = b"%d:%s" % (number, line.encode())
            raw.sendall(MAGIC + struct.pack("<I", len(payload)) + payload)
            return read()

        yield exchange


def test_the_transcript(exchange):
    lines = GOLDEN.read_text().splitlines()
    asked = [line[2:] for line in lines if line.startswith("> ")]
    expected = [line[2:] for line in lines if line.startswith("< ")]
    got = [exchange(number, line) for number, line in enumerate(asked)]
    assert all(frame[:4] == MAGIC and struct.unpack("<I", frame[4:8])[0] == len(frame) - 8 for frame in got)
    if os.environ.get("CETERIS_RENEW_GOLDEN"):
        GOLDEN.write_text("".join(f"> {line}\n< {shown(frame)}\n" for line, frame in zip(asked, got, strict=True)))
        return
    assert [(line, shown(frame)) for line, frame in zip(asked, got, strict=True)] == list(
        zip(asked, expected, strict=True)
    )
    assert all(isinstance(ast.literal_eval(text.removesuffix("...")), bytes) for text in expected)
