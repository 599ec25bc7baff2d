"""Every command of the stage, in one table."""

from __future__ import annotations

import itertools

from synth.stage.commands import camera_commands, game_commands, plugin_commands
from synth.stage.dispatcher import Dispatcher
from synth.stage.ipt_commands import ipt_commands
from synth.stage.object_commands import object_commands
from synth.stage.picture_commands import picture_commands
from synth.stage.setting_commands import setting_commands
from synth.stage.stage_commands import blueprint_commands, bulk_commands
from synth.stage.world import World

_GROUPS = (
    game_commands, camera_commands, setting_commands, picture_commands, object_commands, blueprint_commands,
    bulk_commands, ipt_commands,
)  # fmt: skip


def vocabulary(world: World, *, port: int) -> Dispatcher:
    """The dispatcher of all commands. port: what `status` answers."""
    dispatcher = Dispatcher(itertools.chain.from_iterable(group(world) for group in _GROUPS))
    for command in plugin_commands(dispatcher, world, port=port):
        dispatcher.bind(command)
    return dispatcher
