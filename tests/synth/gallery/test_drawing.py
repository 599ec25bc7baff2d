"""Boards, false colours, blind sheets, videos and the command line."""

import av
import numpy as np
import pytest

from synth.errors import UnknownName
from synth.factors import ClipSpec, MotionRef
from synth.gallery import __main__ as cli
from synth.gallery import colours, film
from synth.gallery.board import GAP, MARGIN, PAPER, board, write_png
from synth.gallery.sheet import Cell, Sheet, blind

SPEC = ClipSpec(motion=MotionRef(activity="squat"), width=16, height=16)


def sheet(name, told=("title",)):
    cells = tuple(Cell(spec=SPEC, frame=k, caption=(f"{name} {k}",)) for k in range(6))
    return Sheet(name=name, title=name, cells=cells, columns=3, rows=("a", "b"), heads=("x", "y", "z"), told=told)


def test_pictures_lie_row_by_row():
    pictures = [np.full((20, 30, 3), value, np.uint8) for value in (10, 20, 30)]
    made = board(pictures, 2)
    assert made.shape == (MARGIN * 2 + 2 * (20 + GAP), MARGIN * 2 + 2 * (30 + GAP), 3)
    centres = [
        made[MARGIN + 10 + row * (20 + GAP), MARGIN + 15 + column * (30 + GAP), 0]
        for row, column in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    assert centres == [10, 20, 30, PAPER[0]]


def test_words_make_room_for_themselves():
    pictures = [np.zeros((20, 80, 3), np.uint8)] * 2
    plain, full = (
        board(pictures, 2),
        board(
            pictures,
            2,
            title="T",
            rows=["a row"],
            heads=["one", "two"],
            captions=[["far too long for one line"], ["b"]],
        ),
    )
    assert full.shape[0] > plain.shape[0] + 3 * 14 and full.shape[1] > plain.shape[1] + 20


def test_blind_sheets_are_the_same_pictures_without_names():
    sheets = [sheet(name) for name in "pqrstu"]
    hidden, key = blind(sheets, 4)
    assert sorted(key.values()) == list("pqrstu") and list(key.values()) != list("pqrstu")
    for one in hidden:
        assert one.title == one.name and not any(cell.caption for cell in one.cells)
        assert one.rows == ("a", "b"), "rows that do not tell stay"
    assert blind(sheets, 4)[1] == key != blind(sheets, 5)[1]


def test_blind_rows_and_columns_are_shuffled_with_what_is_in_them():
    (hidden,), key = blind([sheet("p", told=("rows", "heads"))], 1)
    assert hidden.title == "p" and hidden.rows == ("row 1", "row 2")
    rows = [("a", "b").index(key[f"sheet-01 {name}"]) for name in hidden.rows]
    columns = [("x", "y", "z").index(key[f"sheet-01 {name}"]) for name in hidden.heads]
    assert [cell.frame for cell in hidden.cells] == [3 * r + c for r in rows for c in columns]


def arrays():
    depth = np.full((2, 16, 16), np.inf, np.float32)
    depth[:, 8:], depth[:, 8:12] = 6.0, 2.0
    flow = np.zeros((1, 16, 16, 2), np.float32)
    flow[0, :, 8:] = (3.0, 0.0)
    normal = np.zeros((2, 16, 16, 3), np.float32)
    normal[:, 8:] = (0.0, 0.0, 1.0)
    return {
        "frames": np.full((2, 16, 16, 3), 90, np.uint8),
        "background": np.full((2, 16, 16, 3), 70, np.uint8),
        "foreground": np.concatenate([np.full((2, 16, 16, 3), 200), np.zeros((2, 16, 16, 1))], axis=3).astype(np.uint8),
        "mask": np.eye(16, dtype=np.uint8)[None].repeat(2, 0),
        "parts": (np.arange(256, dtype=np.uint8).reshape(1, 16, 16)).repeat(2, 0),
        "depth": depth,
        "normal": normal,
        "flow": flow,
        "joints2d": np.array([[[4.5, 4.5, 1.0], [12.5, 12.5, 0.0], [np.nan, 2.0, 0.0]]] * 2, np.float32),
    }


@pytest.mark.parametrize("shown", colours.SHOWN)
@pytest.mark.parametrize("frame", [0, 1])
def test_every_pass_has_a_picture(shown, frame):
    picture = colours.coloured(shown, arrays(), frame)
    assert picture.shape == (16, 16, 3) and picture.dtype == np.uint8
    assert set(colours.needs(shown)) <= set(arrays())


def test_false_colours_say_what_is_there():
    depth = colours.coloured("depth", arrays(), 0)
    assert (depth[0, 0] == colours.NOTHING).all() and depth[9, 0].sum() > depth[14, 0].sum()
    assert len(np.unique(colours.coloured("parts", arrays(), 0).reshape(-1, 3), axis=0)) > 200
    flow = colours.coloured("flow", arrays(), 1)
    assert np.ptp(flow[4, 4]) < 3 and flow[4, 12, 0] > flow[4, 12, 1] + 100, "still is grey, rightwards is red"
    joints = colours.coloured("joints2d", arrays(), 0)
    assert joints[4, 4, 1] > joints[4, 4, 0] and joints[12, 12, 0] > joints[12, 12, 1]
    assert (colours.coloured("normal", arrays(), 0)[12, 3] == (128, 128, 255)).all()
    with pytest.raises(UnknownName, match="'depth'"):
        colours.coloured("dept", arrays(), 0)


def test_nothing_at_all_has_a_depth_picture():
    empty = {"depth": np.full((1, 8, 8), np.inf, np.float32)}
    assert (colours.coloured("depth", empty, 0) == colours.NOTHING).all()


@pytest.mark.parametrize("form", film.FORMATS)
def test_a_video_can_be_read_again(tmp_path, form):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    frames = np.stack([np.broadcast_to(np.roll(ramp, 6 * k)[None, :, None], (48, 64, 3)) for k in range(10)])
    path = tmp_path / f"a.{form}"
    film.write(path, frames, 25.0)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    if form == "webp":
        return
    with av.open(str(path)) as video:
        read = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(read) == 10 and np.abs(read[4].astype(int) - frames[4]).mean() < 12


def test_a_picture_is_written_whole(tmp_path):
    write_png(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))
    assert [item.name for item in tmp_path.iterdir()] == ["a.png"]


class Painter:
    """A pool that paints every clip grey and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def capture(self, specs, passes):
        self.asked.append((len(specs), tuple(passes)))
        for spec in specs:
            yield spec, {"frames": np.full((spec.num_frames, spec.height, spec.width, 3), 99, np.uint8)}, None


def test_sheets_and_films_are_drawn_into_the_folder(tmp_path):
    pool = Painter()
    spec = ClipSpec(motion=MotionRef(activity="squat"), width=16, height=16, num_frames=6)
    cells = tuple(Cell(spec=spec, frame=k) for k in range(6))
    written = cli.draw([Sheet(name="one", title="One", cells=cells, columns=3)], pool, tmp_path)
    assert written == [tmp_path / "one.png"] and written[0].is_file()
    assert cli.shoot([("two", spec)], pool, tmp_path, "webm")[0].is_file()
    assert pool.asked == [(1, ("frames",)), (1, ("frames",))]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["motions", "--activity", "squad"], "squat"),
        (["draws", "--light", "non"], "noon"),
        (["draws", "--ranges", "nowhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(arguments, says, capsys, tmp_path):
    assert cli.main([*arguments, "--out", str(tmp_path / "new")]) == 2
    assert says in capsys.readouterr().err


def test_pictures_go_into_a_folder(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    for out in ("file", "file/new"):
        with pytest.raises(SystemExit):
            cli.main(["motions", "--out", str(tmp_path / out)])
        assert "is a file; expected a folder" in capsys.readouterr().err


def test_ctrl_c_ends_with_a_word_and_no_traceback(tmp_path, capsys, monkeypatch):
    def stopped(given):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", stopped)
    assert cli.main(["motions", "--out", str(tmp_path)]) == 130
    assert "stopped" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["draws", "--count", "0"], ["videos", "--size", "33"], ["pictures"]])
def test_the_command_line_refuses_what_cannot_be(arguments):
    with pytest.raises(SystemExit):
        cli.main(arguments)
