"""The segmenter without weights: made-up scenes, rendered clips with their truth, and recordings before white walls."""

import cv2
import numpy as np
import pytest

import synth
from experiments.models.footage import Footage
from experiments.recordings.video import read_video
from experiments.segmenters import CameraMoves, ClipUnfit, Hints, SegmenterError, iou, load_segmenter
from experiments.segmenters.check import check_segmenter
from experiments.segmenters.example import scene
from synth.aim import aim
from synth.errors import UnknownName
from synth.factors import Appearance, ClipSpec, Environment, MotionRef, Viewpoint

ACTIVITIES = {"squat": 20, "jumping_jack": 340, "push_up": 70, "walk": 45, "wave": 0}


@pytest.fixture(scope="module")
def still():
    return load_segmenter("still_camera")


@pytest.fixture(scope="module")
def rendered():
    """Activity -> a short clip with its passes, of a person and a place by which no constant was chosen."""
    specs = {}
    for activity, azimuth in ACTIVITIES.items():
        motion = MotionRef(activity=activity, variant="held-5")
        specs[activity] = ClipSpec(
            motion=motion,
            appearance=Appearance(name="random-60"),
            environment=Environment(name="random-81"),
            viewpoint=Viewpoint(azimuth_deg=azimuth, elevation_deg=6, distance_m=3.4),
            look_at_m=aim(motion, root="world").look_at_m,
            root="world",
            fps=10,
            num_frames=20,
            width=144,
            height=108,
        )
    with synth.open_engine(workers=1) as engine:
        return {name: engine.render(spec, passes=("frames", "mask", "background")) for name, spec in specs.items()}


def test_the_contract_holds(still):
    assert "determinism" in check_segmenter(still)


@pytest.mark.parametrize("told", [False, True])
def test_a_made_up_walk_is_found(still, told):
    footage, hints = scene(96, 128, 16)
    seen = still.segment(footage, hints if told else Hints())
    assert iou(seen.mask, footage.mask) > 0.85
    assert np.median(seen.confidence) > 0.6


def test_someone_on_the_spot_is_found_where_the_median_shows_a_body(still):
    """A trunk that sways by less than its width: the median of all frames shows it."""
    rng = np.random.default_rng(1)
    place = cv2.resize(rng.uniform(90, 210, (12, 16, 3)).astype(np.float32), (128, 96))
    frames, truth = [], []
    for t in range(20):
        picture, mask = place.copy(), np.zeros((96, 128), np.uint8)
        centre = (round(64 + 8 * np.sin(0.7 * t)), 52)
        cv2.ellipse(picture, centre, (13, 36), 0, 0, 360, (40, 30, 120), -1)
        cv2.ellipse(mask, centre, (13, 36), 0, 0, 360, 1, -1)
        frames.append(np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8))
        truth.append(mask)
    frames, truth = np.stack(frames), np.stack(truth)
    seen = still.segment(Footage(frames=frames))
    by_median = np.abs(frames - np.median(frames, axis=0)).max(axis=-1) > 20
    assert iou(by_median, truth) < 0.6 < 0.9 < iou(seen.mask, truth)


def test_rendered_people_are_found_and_doubts_are_where_they_are_not(still, rendered):
    """The bounds are what it can do, not what one would like: people on the spot, who are 50 pixels tall."""
    alone, told, sure = {}, {}, {}
    for activity in ("squat", "jumping_jack", "push_up", "walk"):
        clip = rendered[activity]
        footage = Footage(frames=clip["frames"])
        seen = still.segment(footage)
        alone[activity], sure[activity] = iou(seen.mask, clip["mask"]), float(np.median(seen.confidence))
        told[activity] = iou(still.segment(footage, Hints(background=clip["background"][0])).mask, clip["mask"])
    assert min(told.values()) > 0.6 and np.mean(list(told.values())) > 0.7, told
    assert min(alone.values()) > 0.5 and np.mean(list(alone.values())) > 0.6, alone
    assert all(abs(alone[activity] - sure[activity]) < 0.25 for activity in alone), (alone, sure)


@pytest.mark.parametrize("levels", [4, 8])
def test_the_noise_of_a_sensor_changes_little(still, rendered, levels):
    """Rendered places are exactly still, and those of recordings are not."""
    rng, clean, noisy = np.random.default_rng(levels), [], []
    for activity in ("squat", "jumping_jack", "push_up", "walk"):
        clip = rendered[activity]
        frames = np.clip(clip["frames"] + rng.normal(0, levels, clip["frames"].shape), 0, 255).round().astype(np.uint8)
        clean.append(iou(still.segment(Footage(frames=clip["frames"])).mask, clip["mask"]))
        noisy.append(iou(still.segment(Footage(frames=frames)).mask, clip["mask"]))
    assert np.mean(noisy) > np.mean(clean) - 0.15, (clean, noisy)


def test_who_only_waves_is_doubted_unless_the_place_is_told(still, rendered):
    clip = rendered["wave"]
    seen = still.segment(Footage(frames=clip["frames"]))
    assert iou(seen.mask, clip["mask"]) < 0.3 and np.median(seen.confidence) < 0.5 and seen.remarks
    told = still.segment(Footage(frames=clip["frames"]), Hints(background=clip["background"][0]))
    assert iou(told.mask, clip["mask"]) > 0.65


@pytest.mark.parametrize(
    "file", ["walk_mv/adrielzarate_side.mp4", "walk_mv/adrielzarate_front.mp4", "jacks/devthayron_jumping_jacks.mp4"]
)
def test_recordings_before_white_are_cut_out(still, shared, file):
    """Before a white wall whatever is dark is the person, or writing in a corner."""
    frames, _ = read_video(shared / "data" / "recordings" / file, range(0, 80, 5))
    frames = np.stack([cv2.resize(frame, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA) for frame in frames])
    seen = still.segment(Footage(frames=frames))
    dark = np.stack([_largest(frame.min(axis=-1) < 190) for frame in frames])
    assert iou(seen.mask, dark) > 0.75
    assert np.median(seen.confidence) > 0.5


def _largest(region):
    _, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
    return labels == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])


def test_masks_have_the_size_of_the_frames(still):
    footage, _ = scene(300, 400, 10)
    seen = still.segment(footage)
    assert seen.mask.shape == (10, 300, 400) and iou(seen.mask, footage.mask) > 0.85


def panned(footage):
    wide = cv2.resize(np.random.default_rng(0).integers(0, 255, (12, 40, 3), np.uint8), (320, 96), interpolation=0)
    return Footage(frames=np.stack([wide[:, 6 * t : 6 * t + 128] for t in range(len(footage))]))


def test_cameras_that_move():
    moving = panned(scene(96, 128, 12)[0])
    with pytest.raises(CameraMoves, match="for cameras that stand still"):
        load_segmenter("still_camera").segment(moving)
    seen = load_segmenter("still_camera", options={"moving": "warn"}).segment(moving)
    assert seen.confidence.max() <= 0.25 and "the camera moves" in seen.remarks[0]
    with pytest.raises(UnknownName, match="refuse"):
        load_segmenter("still_camera", options={"moving": "refused"})


def test_clips_and_places_that_do_not_fit(still):
    footage, hints = scene(96, 128, 5)
    with pytest.raises(ClipUnfit, match="5 frames"):
        still.segment(footage)
    assert iou(still.segment(footage, hints).mask, footage.mask) > 0.8
    with pytest.raises(SegmenterError, match="background"):
        still.segment(footage, Hints(background=np.zeros((10, 10, 3), np.uint8)))
