"""The embedded engine as a process: `python -m synth.stage --port 9000`, spoken to like a packaged Unreal binary."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from synth.errors import CeterisError

LOG = logging.getLogger("synth.stage")
READY = "Engine is initialized"
FOLDER_OF_OURS = "CETERIS_ENGINE_FOLDER"  # set by the launcher: the folder of log and pictures that it made
EXAMPLES = """
examples:
  python -m synth.stage                        listen on 127.0.0.1:9000, render on the CPU
  python -m synth.stage --port 0               any free port; the log names it
  python -m synth.stage --device cuda:0        render on a GPU

The stage speaks the UnrealCV protocol, so any UnrealCV client can look at it:
  from unrealcv import Client
  client = Client(("127.0.0.1", 9000)); client.connect()
  client.request("vget /unrealcv/help")                             every command
  client.request("vbp Stage set_motion Human authored/squat/0")     what the person does
  client.request("vbp Stage set_time Human 0.5")                    at which moment
  client.request("vbp Stage set_props Human basketball")            what is in their hand
  client.request("vget /camera/0/lit png")                          a picture, as bytes
  client.request("vget /camera/0/normal npy")                       ground truth: also depth, parts, flow ...

It is ready when the log says "Engine is initialized". One client at a time. Ctrl-C or SIGTERM ends it.
Pictures asked for by file name are saved in the working directory, or in --write-folder, and nowhere else.
There is no password: whoever reaches the port commands the stage, so it listens to this machine alone unless --expose
is given.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the stage until it is told to end; returns the exit code (2: it could not start)."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.expose or _of_this_machine(options.host)):
        parser.error(
            f"--host {options.host} lets other machines in, and there is no password: whoever reaches the port "
            "commands the stage and fills its folder. Say --expose too if the network is trusted, or use an SSH tunnel"
        )
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _leave)
    if options.exit_with_parent:
        threading.Thread(target=_watch_parent, daemon=True, name="parent").start()
    try:
        return _run(options)
    except CeterisError as error:
        LOG.error("%s", error)
        return 2
    except OSError as error:
        LOG.error("cannot listen on %s:%d: %s", options.host, options.port, error)
        return 2


def _run(options: argparse.Namespace) -> int:
    from synth.stage.server import Server  # the port is taken before the slow imports, so that a clash shows at once

    server = Server(host=options.host, port=options.port)
    LOG.info("listening on %s:%d, process %d", options.host, server.port, os.getpid())
    from synth.stage.library import Library
    from synth.stage.renderer import Renderer
    from synth.stage.vocabulary import vocabulary
    from synth.stage.world import World

    renderer, library = Renderer(options.device), Library(options.assets_root)
    world = World(renderer, library, backend=options.device.partition(":")[0], folder=options.write_folder.resolve())
    dispatcher = vocabulary(world, port=server.port)
    renderer.load()
    LOG.info(READY)
    server.serve(dispatcher.execute)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synth.stage",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=9000, help="TCP port; 0 takes any free one (default 9000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument(
        "--expose", action="store_true", help="allow a --host that other machines reach; anyone there may do anything"
    )
    parser.add_argument("--device", default="cpu", help="cpu, or a GPU such as cuda:0 (default cpu)")
    parser.add_argument(
        "--assets-root", type=_folder, metavar="DIR", help="folder of downloaded motions, own appearances and places"
    )
    parser.add_argument(
        "--write-folder", type=_folder, default=Path(), metavar="DIR",
        help="the one folder where pictures are saved (default: the working directory)",
    )  # fmt: skip
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="end when standard input is closed, so no orphan is left"
    )
    return parser


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}; make it, or correct the path")
    return Path(text)


def _of_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535)")
    return int(text)


def _watch_parent() -> None:
    """A process that started this one holds the other end of standard input; it is closed however that one dies."""
    while os.read(0, 4096):
        pass
    LOG.info("the parent has gone")
    if folder := os.environ.get(FOLDER_OF_OURS):
        shutil.rmtree(folder, ignore_errors=True)  # the one that would have removed it is gone
    os._exit(0)


def _leave(number: int, _frame) -> None:
    LOG.info("told to end by %s", signal.Signals(number).name)
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
