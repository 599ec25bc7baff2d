"""Rendering in this process, without a server: for exports, training and benchmarks (design §3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.body.character import Character
from synth.factors import Lighting
from synth.frames import Camera
from synth.stage import place as places
from synth.stage.renderer import Renderer

if TYPE_CHECKING:
    from synth.stage.props import PropMesh

_DAYLIGHT = Lighting()


@lru_cache(maxsize=1)
def _renderer(device: str) -> Renderer:
    return Renderer(device)


@lru_cache(maxsize=4)
def _place(name: str) -> places.Place:
    return places.load(name)


_handles: dict[tuple[int, ...], tuple[tuple, int]] = {}  # with what they are of, so that no id is given again


def _handle(renderer: Renderer, character: Character, props: Sequence[PropMesh]) -> int:
    """The handle of a character with props on a renderer; uploads them where the renderer does not hold them."""
    key = (id(renderer), id(character), *map(id, props))
    if key not in _handles or not renderer.holds(_handles[key][1]):
        gone = [k for k, (_, handle) in _handles.items() if k[0] != key[0] or not renderer.holds(handle)]
        for k in gone:
            del _handles[k]
        _handles[key] = ((renderer, character, *props), renderer.add_character(character, props))
    return _handles[key][1]


def render(
    character: Character | None,
    rotations: np.ndarray,
    root: np.ndarray,
    cameras: Sequence[Camera],
    *,
    place: str | places.Place = "plane",
    lighting: Lighting = _DAYLIGHT,
    placement: np.ndarray | None = None,
    props: Sequence[PropMesh] = (),
    prop_poses: np.ndarray | None = None,
    passes: Sequence[str] = ("lit",),
    device: str = "cpu",
    on_device: bool = False,
) -> dict[str, Any]:
    """All P x C frames of P poses of a character seen by C cameras; one renderer is kept between calls.

    Args:
        character: `synth.body.load(name)`, or None for an empty place.
        rotations: (P, J, 3, 3) world rotation of each bone relative to rest.
        root: (P, 3) head of the root bone, metres.
        cameras: C cameras of one picture size.
        place: an environment's name, or a baked `synth.stage.place.Place`.
        placement: (4, 4) rigid transform of the person into the world.
        props: what the person has with it, K of `synth.stage.props.load(kind)`.
        prop_poses: (P, K, 3, 4) transform of each into the person's frame, as of `Motion.sample_props`.
        passes: of "lit", "mask", "depth", "parts", "normal", "flow", "foreground", "background"; shapes, types and
            units as in `Renderer.render`.
        on_device: Warp arrays on `device` instead of NumPy's, for `torch.from_dlpack` or `outputs.as_tensors`;
            each call makes new ones.

    Raises:
        DeviceError, RenderError, MeshError, PlaceError, UnknownName.
    """
    renderer = _renderer(device)
    renderer.set_place(_place(place) if isinstance(place, str) else place)
    renderer.set_lighting(lighting)
    return renderer.render(
        character=None if character is None else _handle(renderer, character, props),
        rotations=rotations,
        root=root,
        placement=placement,
        cameras=cameras,
        passes=passes,
        prop_poses=prop_poses,
        on_device=on_device,
    )
