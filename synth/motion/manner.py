"""The same motion in another manner: phase, amplitude, noise, freeze and mirroring (`synth.factors.Manner`).

These are factors of the motion itself, in this order: it begins later; its joints stray more, less or not at all, and
waver; the body settles on the floor with hands and feet where they stood (`synth.motion.support`); the objects go with
the hands (`synth.motion.carried`); and last of all left and right are exchanged, so that the mirrored motion is the
exact reflection of the other, noise and frozen limb included. Tempo is no matter of the motion: frames are taken at
other times (`synth.resolve`).

The path of a person who travels is scaled with the amplitude: half the stride, half the way. So are jumps.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from synth.body.skeleton import Skeleton
from synth.factors import Manner
from synth.motion import carried, support, travel
from synth.motion.builtin import rig as rigs
from synth.motion.local import group, hold_hinges, mean, strayed, to_local, to_world, wavering
from synth.motion.motion import Motion, MotionError, to_quaternions
from synth.motion.props import PropTrack
from synth.motion.support import Pose


def apply(motion: Motion, manner: Manner, skeleton: Skeleton) -> Motion:
    """`motion` on the body of `skeleton` in another manner; tempo apart, and the same object where nothing changes.

    Raises MotionError for a phase of a motion that does not repeat, and for a motion that is not on this body.
    """
    if motion.names != skeleton.names:
        raise MotionError(f"motion {motion.label!r} is not on this body: its bones are others; load it for this body")
    if manner.phase:
        motion = begun_later(motion, manner.phase)
    if manner.amplitude != 1.0 or manner.noise_deg or manner.frozen:
        motion = _performed(motion, manner, skeleton)
    return motion.mirrored() if manner.mirror else motion


def begun_later(motion: Motion, phase: float) -> Motion:
    """A cyclic motion that begins later by a share of its cycle, objects too, at the place where it began before."""
    if not motion.cyclic:
        raise MotionError(
            f"motion {motion.label!r} does not repeat, so that it has no phase (manner.phase = {phase:g}); leave "
            "manner.phase at 0 and move start_s, or take a motion that repeats, such as the authored ones"
        )
    times = np.arange(len(motion)) / motion.fps + phase * motion.cycle_s
    matrices, root = motion.sample(times)
    back = -phase / motion.cycles * motion.travel_m
    tracks = motion.sample_props(times)
    props = [PropTrack.from_matrices(prop.kind, tracks[:, k]).moved(back) for k, prop in enumerate(motion.props)]
    return dataclasses.replace(motion, rotations=to_quaternions(matrices), root=root + back, props=tuple(props))


def _performed(motion: Motion, manner: Manner, skeleton: Skeleton) -> Motion:
    """With other turns of the joints, settled on the floor."""
    rig = rigs.build(skeleton)
    before = Pose.of(rig, motion.matrices(), motion.root)
    rotations = _turns(rig, motion, manner, before.rotations)
    sway = motion.root - motion.root.mean(axis=0)
    after = Pose.of(rig, rotations, motion.root + (manner.amplitude - 1.0) * sway)
    stays = not travel.path(motion).any()
    after = support.settle(motion, before, after, manner.amplitude, stays=stays)
    after = support.stand(rig, motion, before, after, amplitude=manner.amplitude, frozen=manner.frozen)
    return dataclasses.replace(
        motion,
        rotations=to_quaternions(after.rotations),
        root=after.root,
        travel_m=manner.amplitude * motion.travel_m,
        props=carried.follow(rig, motion.props, before, after),
    )


def _turns(rig: rigs.Rig, motion: Motion, manner: Manner, world: np.ndarray) -> np.ndarray:
    """(T, J, 3, 3) world rotations with the amplitude, the noise and the frozen joints."""
    parents = rig.skeleton.parents
    own = to_local(world, parents)
    middle = mean(own)
    local = strayed(own, middle, manner.amplitude) if manner.amplitude != 1.0 else own.copy()
    if manner.noise_deg:
        repeats = {"cyclic": motion.cyclic, "noise_deg": manner.noise_deg, "seed": manner.noise_seed}
        local = local @ wavering(rig, len(motion), motion.fps, **repeats)
    for name in manner.frozen:
        held = group(rig.skeleton, name)
        local[:, held] = middle[held]
    return to_world(hold_hinges(rig, local, own), parents)
