"""What a keyboard and a screen reader find on the overview."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from casper_dash.export import ROOT
from tests.e2e.api_double import ApiDouble

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
AXE = ROOT / ".build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
WITHOUT_AXE = not AXE.exists() and os.environ.get("CI_REQUIRE_ALL") != "1"

_CONTROLS = "a[href], button, summary, [tabindex='0']"
_VISIBLE_CONTROLS = f"""() => [...document.querySelectorAll("{_CONTROLS}")]
    .filter((control) => control.checkVisibility()).length"""
_MARK_FOCUSED = """() => {
    const control = document.activeElement;
    if (control === document.body || control.dataset.reached) return false;
    control.dataset.reached = "yes";
    return true;
}"""


def test_every_control_is_reached_by_the_tab_key(visit: Visit):
    page = visit()
    expect(page.locator(".block-table tbody tr")).to_have_count(12)
    expect(page.locator("#eras canvas")).to_be_visible()
    page.keyboard.press("Tab")

    reached = 0
    while page.evaluate(_MARK_FOCUSED):
        reached += 1
        page.keyboard.press("Tab")

    assert reached >= page.evaluate(_VISIBLE_CONTROLS)


def test_the_first_tab_skips_to_the_content(visit: Visit):
    page = visit()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_escape_closes_an_explanation_and_keeps_the_place(visit: Visit):
    page = visit()
    question = page.get_by_label("What is this: circulating supply")
    question.press("Enter")
    expect(page.get_by_text("Approved transfers out of locked accounts")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_text("Approved transfers out of locked accounts")).to_be_hidden()
    expect(question).to_be_focused()


def test_landmarks_and_headings_are_those_of_a_document(visit: Visit):
    page = visit()

    for role in ("banner", "navigation", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.skipif(WITHOUT_AXE, reason="needs npm install --prefix .build/axe axe-core@4.14.1")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, api: ApiDouble, theme: str):
    api.sandbox, api.final = True, False
    page = visit(color_scheme=theme)
    expect(page.locator("#eras canvas")).to_be_visible()

    assert AXE.exists(), "CI_REQUIRE_ALL=1, and axe-core is not installed"
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
