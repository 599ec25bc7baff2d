"""Where values stand on an axis: closed circles, scales, and room for every thumbnail and tick."""

import numpy as np
import pytest

from experiments.report.axis import make_axis
from experiments.report.look import FactorLook, factor_look
from experiments.report.panel import Panel, _ticks


def test_a_whole_circle_is_closed():
    axis = make_axis(np.arange(0.0, 360.0, 30.0), factor_look("azimuth"))
    assert list(axis.values[-2:]) == [330.0, 360.0]
    assert list(axis.column[-2:]) == [11, 0]
    assert axis.slot == pytest.approx(1 / 13)
    np.testing.assert_allclose(axis.positions, (np.arange(13) + 0.5) / 13)


def test_half_a_circle_is_not():
    axis = make_axis(np.arange(0.0, 181.0, 30.0), factor_look("azimuth"))
    assert axis.values[-1] == 180.0 and len(axis.values) == 7


def test_geometric_values_get_a_logarithmic_scale():
    axis = make_axis(np.array([1.0, 2.0, 4.0, 8.0]), factor_look("distance"))
    assert axis.log
    np.testing.assert_allclose(axis.positions, [0.125, 0.375, 0.625, 0.875])


def test_even_values_stay_linear():
    assert not make_axis(np.array([1.0, 2.0, 3.0]), factor_look("distance")).log


def test_thumbnails_neither_overlap_nor_leave_the_axis():
    axis = make_axis(np.array([2.0, 2.5, 3.0, 3.5, 4.5, 6.0, 8.0]), factor_look("distance"))
    assert (np.diff(axis.positions) >= axis.slot - 1e-12).all()
    assert axis.positions[0] >= axis.slot / 2 - 1e-12 and axis.positions[-1] <= 1 - axis.slot / 2 + 1e-12


def test_a_single_value_stands_in_the_middle():
    axis = make_axis(np.array([5.0]), FactorLook(title="x"))
    assert axis.positions[0] == 0.5 and axis.slot == 1.0


def test_values_are_written_with_their_unit():
    assert factor_look("elevation").text(-15.0) == "−15°"
    assert factor_look("distance").text(3.5) == "3.5 m"
    assert factor_look("distance").tick(3.5) == "3.5"
    assert factor_look("azimuth").name_of(450.0) == "left"
    assert factor_look("step_height").title == "Step height"


def test_many_values_share_a_few_thumbnails():
    axis = make_axis(np.arange(0.0, 360.0, 1.0), factor_look("azimuth"))
    assert len(axis.values) == 361 and len(axis.stops) <= 16
    assert (np.diff(axis.positions[axis.stops]) >= axis.slot - 1e-12).all()
    assert axis.positions[axis.stops[-1]] <= 1 - axis.slot / 2 + 1e-12


def few(values, look):
    axis = make_axis(np.asarray(values, float), look)
    panel = Panel(activity="", factor="", sweep="", axis=axis, look=look, ticks=_ticks(axis, look), lines=[])
    return [text for _, text, _ in panel.few_ticks]


def test_a_compact_chart_has_as_many_even_ticks_as_fit():
    assert few(np.arange(40.0, 400.0, 45.0), factor_look("sun_azimuth")) == ["40°", "130°", "220°", "310°", "40°"]
    assert few(np.arange(0.0, 360.0, 30.0), factor_look("azimuth")) == ["0°", "90°", "180°", "270°", "360°"]
    assert few([0.0, 10.0, 40.0], factor_look("elevation")) == ["0°", "10°", "40°"]
    assert few([2000, 3000, 4000, 5600, 7000, 10000], factor_look("temperature")) == ["2000 K", "4000 K", "7000 K"]
    tempo = [0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0]
    assert few(tempo, factor_look("tempo")) == ["0.5×", "0.7×", "0.85×", "1×", "1.2×", "1.5×", "2×"]
    place = FactorLook(title="Place", named=True, names={float(k): f"place {k}" for k in range(9)})
    assert len(few(np.arange(9.0), place)) == 9
