"""One picture of one camera, as bytes or saved in the one folder that the stage was given for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synth.stage.commands import camera
from synth.stage.dispatcher import Command, CommandError
from synth.stage.encoding import bmp, npy, png
from synth.stage.pictures import PASSES, as_colors
from synth.stage.world import World

_FILE = re.compile(r"[A-Za-z0-9_-]{1,100}\.(png|bmp|npy)")
_PLUGINS_NAMES = {"seg": "object_mask"}  # another word of the plugin for the same picture


def picture_commands(world: World) -> Iterator[Command]:
    """`vget /camera/[uint]/[picture]`, with a format or file name, or with neither."""
    for word in (*PASSES, *_PLUGINS_NAMES):
        if word != "flow":
            yield from _still(world, word, _PLUGINS_NAMES.get(word, word))
    yield Command(
        "vget /camera/[uint]/flow [str] [float]",
        lambda i, form, seconds: picture(world, i, name="flow", form=form, seconds=seconds),
        "Pixels from now to so many seconds later; npy, or a file name with such an end",
    )


def _still(world: World, word: str, name: str) -> Iterator[Command]:
    template, forms = f"vget /camera/[uint]/{word}", PASSES[name].forms
    yield Command(
        f"{template} [str]",
        lambda i, form: picture(world, i, name=name, form=form),
        f"{', '.join(forms)}, or a file name with such an end",
    )
    yield Command(
        template,
        lambda i: picture(world, i, name=name, form=f"{word}_{i:08d}.{forms[0]}"),
        "Saves the picture and replies its name",
    )


def picture(world: World, number: int, *, name: str, form: str, seconds: float = 0.0) -> bytes | str:
    """The bytes of a picture, or the name of the file that it was saved as. seconds: how far ahead flow looks."""
    kind = form.rpartition(".")[2]
    if kind not in PASSES[name].forms or (form != kind and not _FILE.fullmatch(form)):
        raise CommandError(f"Invalid filename type, filename {form}")
    seen_by, now = camera(world, number), world.human.time_s
    times = [now, round(now + seconds, 6)] if name == "flow" else [now]
    array = world.render(times, [seen_by], [name])[name][0, 0]
    content = npy(array) if kind == "npy" else {"png": png, "bmp": bmp}[kind](as_colors(name, array))
    return content if form == kind else _saved(world, form, content)


def _saved(world: World, name: str, content: bytes) -> str:
    path = world.folder / name
    try:
        if path.is_symlink():
            raise CommandError(f"{name} is a link, and pictures stay in {world.folder}")
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    return name
