"""What an engine must keep to be used in a study, one short experiment for each clause.

Each check says what it got and what it expected. Where something can be worked out from the formulas of the camera it
is; tolerances are those of counting pixels of a person 6 m away, and far below the faults that they are to find: a
field of view taken for the vertical one, a sign, a pose that comes one picture late, metres for centimetres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_dilation

from synth.engine import decode
from synth.engine.errors import EngineLost, EngineRefused
from synth.engine.probe import EARLY, FEWEST, FRONT, HEIGHT, LATE, WIDTH, Probe, View
from synth.engine.shots import camera_values
from synth.frames import from_unreal_location

HOLDS, FAILS, LACKS, SKIPPED = "holds", "FAILS", "lacks", "not run"
PIXELS = 2.5
_POSE = ("set_time", "set_ratio")
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Finding:
    """The answer to one check; got and expected are for people."""

    holds: bool
    got: str
    expected: str


@dataclass(frozen=True)
class Check:
    """needs: capabilities without which it cannot be asked; those of a tuple stand in for each other."""

    name: str
    needs: tuple[str | tuple[str, ...], ...]
    run: Callable[[Probe], Finding]

    def lacking(self, probe: Probe) -> list[str]:
        """What of `needs` the profile does not have."""
        every = [(need,) if isinstance(need, str) else need for need in self.needs]
        return [" or ".join(names) for names in every if not any(probe.profile.can(name) for name in names)]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    state: str
    got: str = ""
    expected: str = ""


def examine(probe: Probe, checks: Sequence[Check] | None = None) -> Iterator[Row]:
    """One row for each check, as it is done; after the connection has ended the rest is not run."""
    lost = ""
    for check in CHECKS if checks is None else checks:
        if lost:
            yield Row(check.name, SKIPPED, lost)
        elif lacking := check.lacking(probe):
            yield Row(check.name, LACKS, f"no command {', '.join(lacking)}")
        else:
            row, lost = _row(check, probe)
            yield row


def _row(check: Check, probe: Probe) -> tuple[Row, str]:
    try:
        probe.reset()
        found = check.run(probe)
    except EngineLost as error:
        return Row(check.name, FAILS, str(error)), "the connection has ended"
    except EngineRefused as error:
        return Row(check.name, FAILS, str(error), "no refusal"), ""
    return Row(check.name, HOLDS if found.holds else FAILS, found.got, found.expected), ""


def _order(probe: Probe) -> Finding:
    replies = probe.ask([f"vget /unrealcv/echo word{number}" for number in range(32)])
    right = sum(reply == f"word{number}" for number, reply in enumerate(replies))
    return Finding(right == 32, f"{right} of 32", "32 of 32 replies, in the order of the requests")


def _unknown(probe: Probe) -> Finding:
    (reply,) = probe.ask(["vget /no/such/command"])
    return Finding(isinstance(reply, str) and reply.startswith("error"), repr(reply)[:80], "error ...")


def _names(probe: Probe) -> Finding:
    taken = []
    for capability, key in (("set_motion", "motion"), ("set_appearance", "appearance")):
        try:
            probe.say(capability, human=probe.profile.human, **{key: "no/such/name"})
            taken.append(capability)
        except EngineRefused:
            continue
    return Finding(not taken, f"{' and '.join(taken) or 'none'} took one", "names that there are not are refused")


def _identity(probe: Probe) -> Finding:
    found = probe.say("identity")
    missing = [name for name in ("Engine", "Build", "Backend") if not found.get(name)]
    return Finding(not missing, f"{', '.join(missing) or 'nothing'} is missing", "Engine, Build and Backend")


def _size(probe: Probe) -> Finding:
    height, width = probe.see("frames").shape[:2]
    return Finding((width, height) == (WIDTH, HEIGHT), f"{width} x {height}", f"{WIDTH} x {HEIGHT} pixels")


def _time(probe: Probe) -> Finding:
    told = probe.pose(LATE).get("Time", "no Time")
    expected = f"{probe.seconds(LATE):.6f}"
    try:
        holds = abs(float(told) - float(expected)) <= 1e-5
    except ValueError:
        holds = False
    return Finding(holds, told, f"{expected} s, as it was set")


def _pose(probe: Probe) -> Finding:
    """Each pose is set twice and looked at after both: an engine that is one step behind shows the one before it."""
    seen = []
    for share in (EARLY, EARLY, LATE, LATE, EARLY, EARLY):
        probe.pose(share)
        seen.append(probe.see("mask"))
    same = all(np.array_equal(seen[k], seen[k + 1]) for k in (2, 4)) and np.array_equal(seen[1], seen[5])
    moved = int((seen[1] != seen[3]).sum())
    got = f"{'the same' if same else 'NOT the same'} at the same time, {moved} pixels others at another"
    return Finding(same and moved > FEWEST, got, f"the time set last is shown: the same, and over {FEWEST} others")


def _joints_move(probe: Probe) -> Finding:
    places = []
    for share in (EARLY, LATE):
        probe.pose(share)
        places.append(probe.joints_m())
    far = 100.0 * float(np.linalg.norm(places[1] - places[0], axis=-1).max())
    return Finding(far > 1.0, f"{far:.1f} cm", "more than 1 cm between two times")


def _joints_seen(probe: Probe) -> Finding:
    inside = []
    for share in (EARLY, LATE):
        probe.pose(share)
        pixels = FRONT.camera().project(probe.joints_m())[:, :2]
        near = binary_dilation(probe.see("mask") > 0, iterations=2)
        column, row = np.floor(pixels).astype(int).clip(0, (WIDTH - 1, HEIGHT - 1)).T
        inside.append(float(near[row, column].mean()))
    worst = min(inside)
    return Finding(worst > 0.95, f"{worst:.0%}", "over 95% of the joints lie on the person, by the formula")


def _shifts(probe: Probe, before: tuple[Triple, View], after: tuple[Triple, View]) -> Finding:
    """How far the middle of the person goes in the picture when place (cm) or camera change."""
    seen, points = [], []
    for place_cm, view in (before, after):
        probe.place(*place_cm)
        probe.look(view)
        seen.append(probe.middle())
    start = before[1].point(seen[0])
    for place_cm, view in (before, after):
        moved = start + from_unreal_location(np.subtract(place_cm, before[0]))
        points.append(view.camera().project(moved)[:2])
    got, wanted = seen[1] - seen[0], points[1] - points[0]
    holds = bool(np.abs(got - wanted).max() <= PIXELS)
    return Finding(
        holds, "({:+.1f}, {:+.1f})".format(*got), "({:+.1f}, {:+.1f}) pixels, by the formula".format(*wanted)
    )


_HERE = (0.0, 0.0, 0.0)
_ASIDE = (0.0, 120.0, 0.0)


def _right(probe: Probe) -> Finding:
    return _shifts(probe, (_HERE, FRONT), (_ASIDE, FRONT))


def _up(probe: Probe) -> Finding:
    return _shifts(probe, (_HERE, FRONT), (_HERE, replace(FRONT, z=140.0)))


def _yaw(probe: Probe) -> Finding:
    return _shifts(probe, (_HERE, FRONT), (_HERE, replace(FRONT, yaw=190.0)))


def _pitch(probe: Probe) -> Finding:
    return _shifts(probe, (_HERE, FRONT), (_HERE, replace(FRONT, pitch=6.0)))


def _roll(probe: Probe) -> Finding:
    return _shifts(probe, (_ASIDE, FRONT), (_ASIDE, replace(FRONT, roll=30.0)))


def _fov(probe: Probe) -> Finding:
    return _shifts(probe, (_ASIDE, FRONT), (_ASIDE, replace(FRONT, fov=75.0)))


def _turn(probe: Probe) -> Finding:
    """To turn the person one way, and to walk round it the other way, is the same to see."""
    probe.pose(LATE)
    probe.turn(50.0)
    turned = probe.person()
    probe.turn(0.0)
    alike = {}
    for azimuth in (-50.0, 50.0):
        probe.look(FRONT.orbit(azimuth))
        seen = probe.see("mask") > 0
        alike[azimuth] = float((seen & turned).sum() / max((seen | turned).sum(), 1))
    holds = alike[-50.0] > 0.9 and alike[-50.0] > alike[50.0] + 0.05
    got = f"{alike[-50.0]:.0%} alike, {alike[50.0]:.0%} from the wrong side"
    return Finding(holds, got, "turned by +50 degrees as seen from -50: over 90%, and less from +50")


def _person_depth_cm(probe: Probe) -> float:
    return 100.0 * float(np.median(probe.see("depth")[probe.person()]))


def _depth(probe: Probe) -> Finding:
    near = _person_depth_cm(probe)
    probe.look(replace(FRONT, x=700.0))
    step = _person_depth_cm(probe) - near
    got = f"{near:.0f} cm, {step:+.1f} from 100 further back"
    return Finding(abs(near - 600) < 60 and abs(step - 100) < 5, got, "about 600 cm, +100")


def _planar(probe: Probe) -> Finding:
    wide = replace(FRONT, fov=75.0)
    probe.look(wide)
    middle = _person_depth_cm(probe)
    probe.place(0.0, 300.0, 0.0)
    step = _person_depth_cm(probe) - middle
    return Finding(abs(step) < 25, f"{step:+.0f} cm", "the same 3 m aside: along the axis, not to the eye (+70)")


def _mask(probe: Probe) -> Finding:
    human, usual, colour = probe.profile.human, int(probe.person().sum()), (200, 40, 90)
    red, green, blue = colour
    probe.say("set_human_color", human=human, r=red, g=green, b=blue)
    seen = decode.image("object_mask", probe.raw("mask"))[..., :3]
    own = int(decode.mask(seen, colour).sum())
    probe.place(-100_000.0, 0.0, -100_000.0)
    gone = int(decode.mask(decode.image("object_mask", probe.raw("mask"))[..., :3], colour).sum())
    got = f"{own} pixels of {usual}, {gone} when the person is away"
    return Finding(own == usual >= FEWEST and gone == 0, got, "the colour set, on the person alone")


def _repeats(probe: Probe) -> Finding:
    probe.pose(EARLY)
    first, again = probe.raw("frames"), probe.raw("frames")
    probe.pose(LATE)
    probe.look(FRONT.orbit(120.0))
    probe.raw("frames")
    probe.look(FRONT)
    probe.pose(EARLY)
    later = probe.raw("frames")
    got = f"at once {'the same' if first == again else 'OTHER'}, later {'the same' if first == later else 'OTHER'}"
    return Finding(first == again == later, got, "the same bytes for the same request")


def _normals(probe: Probe) -> Finding:
    towards = probe.see("normal")[probe.person()] @ np.array([1.0, 0.0, 0.0])
    probe.look(FRONT.orbit(90.0))
    aside = probe.see("normal")[probe.person()] @ np.array(from_unreal_location((0.0, 100.0, 0.0)))
    got = f"{towards.mean():.2f} and {aside.mean():.2f}"
    return Finding(bool(min(towards.mean(), aside.mean()) > 0.5), got, "over 0.5 towards the camera, from two sides")


def _bulk(probe: Probe) -> Finding:
    """One frame of the bulk command against one asked for by itself."""
    probe.pose(LATE)
    profile, camera = probe.profile, FRONT.camera()
    line = profile.line(
        "capture",
        passes="lit",
        human=profile.human,
        times=profile.line("capture_time", seconds=probe.seconds(LATE)),
        cameras=profile.line("capture_camera", **camera_values(camera)),
        width=WIDTH,
        height=HEIGHT,
    )
    bulk = decode.arrays(line, probe.ask([line])[0], 1)[0][0, 0]
    single = probe.see("frames")
    apart = int((bulk != single).any(axis=-1).sum()) if bulk.shape == single.shape else single[..., 0].size
    return Finding(apart == 0, f"{apart} pixels others", "the same frame in bulk and by itself")


_SEEN = ("object_mask",)
CHECKS = (
    Check("replies in order", (), _order),
    Check("unknown command", (), _unknown),
    Check("unknown names", ("set_motion", "set_appearance"), _names),
    Check("identity", ("identity",), _identity),
    Check("picture size", ("lit",), _size),
    Check("exact time", ("set_time",), _time),
    Check("pose applied", (_POSE, *_SEEN), _pose),
    Check("joints move", (_POSE, "joints"), _joints_move),
    Check("joints on the person", (_POSE, "joints", *_SEEN), _joints_seen),
    Check("camera: focal length, right", _SEEN, _right),
    Check("camera: up", _SEEN, _up),
    Check("camera: yaw", _SEEN, _yaw),
    Check("camera: pitch", _SEEN, _pitch),
    Check("camera: roll", _SEEN, _roll),
    Check("camera: field of view", _SEEN, _fov),
    Check("person's turn", (_POSE, *_SEEN), _turn),
    Check("depth scale", ("depth", *_SEEN), _depth),
    Check("depth planar", ("depth", *_SEEN), _planar),
    Check("mask colours", _SEEN, _mask),
    Check("determinism", (_POSE, "lit"), _repeats),
    Check("normals", ("normal", *_SEEN), _normals),
    Check("bulk capture", ("capture", "capture_time", "capture_camera", "set_time", "lit"), _bulk),
)
