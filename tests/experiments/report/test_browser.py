"""The page in a browser: opens from disk without a network, says nothing on the console, links what is pointed at,
works by keyboard, and is accessible (axe-core) on light and on dark."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from experiments.report import build
from tests.experiments.report.pages import Store

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FOUND = os.environ.get("CETERIS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        # Without a sandbox, since containers do not allow one. Without a Chromium, Playwright says how to get it.
        opened = driver.chromium.launch(executable_path=FOUND, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(whole_folder):
    return (whole_folder / "report.html").as_uri()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(offline=True, viewport={"width": 1300, "height": 900}, reduced_motion="reduce")
    shown = context.new_page()
    shown.said = []
    shown.on("console", lambda message: shown.said.append(message.text))
    shown.on("pageerror", lambda error: shown.said.append(str(error)))
    shown.on("requestfailed", lambda request: shown.said.append(request.url))
    shown.goto(address)
    yield shown
    assert shown.said == []
    context.close()


def test_pointing_at_a_picture_marks_curve_manifold_and_lens(page):
    chart = page.locator("#sweep-orbit .chart").first
    chart.locator(".thumb").nth(2).hover()
    assert page.locator(".lens").is_visible()
    assert "90°" in page.locator(".lens").inner_text() and "frontal 0." in page.locator(".lens").inner_text()
    assert chart.locator(".plot .ring").count() == 2 and chart.locator(".guide.on").count() == 1
    dots = page.locator("#manifold-orbit circle.on")
    assert dots.count() == 2 * 2 * 2 and set(dots.evaluate_all("d => d.map(x => x.dataset.k)")) == {"2"}
    assert page.locator(".lens .frame img").count() == 1 and page.locator(".lens .space circle.on").count() == 1
    page.mouse.move(5, 5)
    assert page.locator(".lens").is_hidden() and page.locator(".ring").count() == 0


def test_pointing_at_a_curve_or_a_manifold_shows_the_same(page):
    plot = page.locator("#answer .plot").first
    plot.hover(position={"x": 3, "y": 30})
    assert page.locator(".lens b").inner_text() == "0°"
    page.locator("#manifold-orbit .space").first.locator("circle").nth(5).hover(force=True)
    assert page.locator(".lens b").inner_text() == "225°"
    assert page.locator("#sweep-orbit .chart").first.locator(".thumb.on").get_attribute("data-n") == "5"


def test_arrow_keys_step_from_value_to_value_and_escape_ends_it(page):
    thumbs = page.locator("#sweep-orbit .chart").first.locator(".thumb")
    thumbs.first.focus()
    page.keyboard.press("ArrowRight")
    assert thumbs.nth(1).evaluate("t => t === document.activeElement") and "45°" in page.locator(".lens").inner_text()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert thumbs.last.evaluate("t => t === document.activeElement")
    page.keyboard.press("Escape")
    assert page.locator(".lens").is_hidden()


def test_manifolds_turn_by_dragging_and_by_keys(page):
    space = page.locator("#manifold-orbit .space").first
    place = "s => [...s.querySelectorAll('circle')].map(c => c.getAttribute('cx')).join()"
    before = space.evaluate(place)
    space.focus()
    page.keyboard.press("ArrowRight")
    turned = space.evaluate(place)
    assert turned != before
    page.keyboard.press("ArrowLeft")
    assert space.evaluate(place) == before
    box = space.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30)
    page.mouse.up()
    assert space.evaluate(place) != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 390])
def test_it_is_accessible_and_fits_the_screen(browser, address, scheme, width):
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    shown = context.new_page()
    shown.goto(address)
    violations = Axe().run(shown).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in violations] == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("width", [1300, 390])
def test_long_names_of_models_fit_the_screen(browser, make_rows, reference, tmp_path, width):
    models = ("a_model_with_a_name_as_long_as_published_ones_have_it", "another")
    rows = make_rows(lambda *_: 0.8, models=models, activities=("squat",), sweeps=("orbit", "elevation"), replicates=2)
    info = {"title": "T", "question": "?", "reference": reference}
    path = build(rows, study=info, models=[], store=Store(), out_dir=tmp_path)
    context = browser.new_context(viewport={"width": width, "height": 900})
    shown = context.new_page()
    shown.goto(path.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_it_prints(browser, address):
    context = browser.new_context()
    shown = context.new_page()
    shown.goto(address)
    assert shown.pdf(format="A4").startswith(b"%PDF")
    shown.emulate_media(media="print")
    assert shown.locator("nav").is_hidden()
    context.close()
