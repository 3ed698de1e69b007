"""The unlock schedule in a browser: a file becomes a draft, is staged, and is published."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from casper_dash.auth.roles import Role
from casper_dash.decisions.curation import seen
from casper_dash.decisions.schedule import steps_with_notes
from tests.casper_dash.decisions.curating import Desk
from tests.e2e.curated_panel import curated
from tests.e2e.panel_server import PanelServer
from tests.e2e.test_accessibility import AXE, WITHOUT_AXE

pytestmark = pytest.mark.browser

PATH = "/admin/unlocks/"
Open = Callable[..., Page]


@pytest.fixture
def desk(panel: PanelServer) -> Iterator[Desk]:
    with curated(panel) as found:
        yield found


@pytest.fixture
def editor(panel: PanelServer) -> str:
    return panel.person("Udo", Role.EDITOR)


def test_a_file_becomes_the_draft_and_is_staged_after_a_look_at_what_changes(
    desk: Desk, open_panel: Open, editor: str
):
    page = open_panel(PATH, token=editor)
    expect(page.locator("#steps tbody tr")).to_have_count(14)
    expect(page.locator("#steps")).to_contain_text("exactly the genesis validators' weight")
    page.get_by_role("button", name="Edit as CSV").click()
    lines = page.locator("#file").input_value().splitlines()
    page.locator("#file").fill("\n".join([*lines[:-1], "2031-01-01,1000000000,<b>late</b>"]))

    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#edit")).to_contain_text("Short by 251")
    expect(page.locator("#edit tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Save as the draft").click()
    page.get_by_label("Reason").fill("the vault's new contract")
    page.get_by_role("button", name="Save the file as the draft").click()

    expect(page.locator("#draft")).to_contain_text("the vault's new contract")
    expect(page.locator("#steps")).to_contain_text("<b>late</b>")
    page.get_by_role("button", name="Stage", exact=True).click()
    page.get_by_label("Reason").fill("as agreed")
    page.get_by_role("button", name="Stage the schedule").click()
    expect(page.locator("#draft")).to_contain_text("staged for the next publication")
    state = desk.ask(seen)
    assert state.schedule_staged
    assert desk.ask(steps_with_notes, state.draft_schedule)[-1].note == "<b>late</b>"
    _axe(page)


def test_each_wrong_line_is_told_and_nothing_is_saved(desk: Desk, open_panel: Open, editor: str):
    page = open_panel(PATH, token=editor)
    page.get_by_role("button", name="Edit as CSV").click()
    page.locator("#file").fill("date,amount_cspr\n2027-01-01,-1\nsoon,2\n2027-02-01,3")

    page.get_by_role("button", name="Look at it").click()

    errors = page.locator("#edit tbody tr")
    expect(errors).to_have_count(2)
    expect(errors.first).to_contain_text("is not a plain number, 0 or more")
    expect(errors.last).to_contain_text("date 'soon'")
    expect(page.get_by_role("button", name="Save as the draft")).to_have_count(0)


def test_more_than_the_genesis_validators_weight_is_refused(
    desk: Desk, open_panel: Open, editor: str
):
    page = open_panel(PATH, token=editor)
    page.get_by_role("button", name="Edit as CSV").click()
    page.locator("#file").fill("date,amount_cspr\n2027-01-01,9000000000")

    page.get_by_role("button", name="Look at it").click()

    expect(page.get_by_text("over the genesis validators' weight by")).to_be_visible()


def test_a_viewer_sees_the_steps_and_no_way_to_change_them(
    panel: PanelServer, desk: Desk, open_panel: Open
):
    page = open_panel(PATH, token=panel.person("Vera", Role.VIEWER))

    expect(page.locator("#steps tbody tr")).to_have_count(14)
    expect(page.get_by_role("button", name="Edit as CSV")).to_have_count(0)


def _axe(page: Page) -> None:
    for theme in ("light", "dark"):
        page.set_viewport_size({"width": 390, "height": 900})
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        if os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{os.environ['SCREENSHOTS']}/unlocks-{theme}.png", full_page=True)
        if WITHOUT_AXE:
            continue
        page.set_viewport_size({"width": 1440, "height": 900})
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
