"""The overview as a visitor meets it: exported files in Chromium, fed by the API alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.api_double import CSPR, ApiDouble

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
API = "**/api/**"


def _away(route: Route) -> None:
    route.abort("connectionrefused")


def test_a_new_block_appears_without_reloading(visit: Visit, api: ApiDouble):
    page = visit()
    page.evaluate("window.neverReloaded = true")
    expect(page.locator("#newest-height")).to_have_text("2 345")

    api.add_block()

    expect(page.locator("#newest-height")).to_have_text("2 346")
    expect(page.locator(".block-table tbody tr").first).to_contain_text("2 346")
    assert page.evaluate("window.neverReloaded")


def test_the_end_of_an_era_moves_the_figures_on(visit: Visit, api: ApiDouble):
    page = visit()
    expect(page.locator("#supply .panel-tools")).to_contain_text("at the end of era 116")

    for _ in range(14):
        api.add_block()

    expect(page.locator("#supply .panel-tools")).to_contain_text("at the end of era 117")


def test_nothing_but_the_network_is_asked_while_the_head_stays(visit: Visit, api: ApiDouble):
    page = visit()
    expect(page.locator(".headline")).to_be_visible()
    expect(page.locator("#eras canvas")).to_be_visible()
    api.asked.clear()

    page.wait_for_timeout(5_000)

    assert {path.partition("?")[0] for path in api.asked} == {"/api/v1/network"}
    assert len(api.asked) <= 3


def test_amounts_above_2_to_the_63_keep_every_mote(visit: Visit, api: ApiDouble):
    page = visit()
    era = api._era(116)
    motes = int(era["total_supply"])
    assert motes > 2**63

    title = page.locator(".figure-value .number").first.get_attribute("title")

    assert title is not None
    assert title.endswith(f"= {motes} motes")
    assert f"{motes % CSPR:09d}".rstrip("0") in title


@pytest.mark.parametrize("width", [390, 1440])
def test_the_skeleton_has_the_size_of_what_replaces_it(visit: Visit, width: int):
    page = visit(width=width)
    expect(page.locator("#eras canvas")).to_be_visible()
    height = page.evaluate("document.documentElement.scrollHeight")

    waiting = visit(width=width, wait=False)
    waiting.route(API, lambda route: None)
    waiting.reload()
    expect(waiting.locator(".skeleton").first).to_be_visible()

    assert waiting.evaluate("document.documentElement.scrollHeight") == pytest.approx(
        height, abs=16
    )


def test_an_empty_database_is_explained(visit: Visit, api: ApiDouble):
    api.height, api.state, api.lag_blocks = -1, "catching_up", 2_000
    page = visit(wait=False)

    for text in ("No block is held yet.", "No era is complete yet.", "No era is held yet."):
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.locator("#now")).to_contain_text("2 000 behind the head at 1 999")


def test_an_api_away_from_the_start_is_named_and_can_be_retried(visit: Visit, api: ApiDouble):
    api.status = 503
    page = visit(wait=False)

    expect(page.locator("#now .notice-error")).to_contain_text(
        "/api/v1/network answered 503 · id double-1"
    )
    expect(page.locator("#now .notice-error")).to_contain_text("the database is away")
    expect(page.locator("#supply .notice-error")).to_be_visible()
    expect(page.locator(".freshness")).to_contain_text("No connection")
    api.status = 200
    page.locator("#now").get_by_role("button", name="Retry now").click()
    expect(page.locator("#newest-height")).to_have_text("2 345")


def test_data_outlive_the_connection_marked_stale_and_recover_by_themselves(
    visit: Visit, api: ApiDouble
):
    page = visit()
    expect(page.locator(".headline")).to_be_visible()
    before = page.locator(".headline").text_content()

    page.route(API, _away)
    expect(page.locator(".freshness")).to_contain_text("No connection")
    expect(page.locator("#supply .tag", has_text="stale")).to_be_visible()
    expect(page.locator("#blocks .tag", has_text="stale")).to_be_visible()
    assert page.locator(".headline").text_content() == before
    api.add_block()
    page.unroute(API)

    expect(page.locator("#newest-height")).to_have_text("2 346")
    expect(page.locator(".tag", has_text="stale")).to_have_count(0)
    expect(page.locator(".freshness")).to_contain_text("Live")


def test_figures_that_can_still_change_are_marked_not_final(visit: Visit, api: ApiDouble):
    api.final, api.state, api.lag_blocks, api.missing = False, "catching_up", 12, [[40, 59]]

    page = visit()

    expect(page.locator("#supply").get_by_text("not final")).to_be_visible()
    expect(page.locator("#now")).to_contain_text("12 behind the head at 2 357")
    expect(page.locator("#now")).to_contain_text("32 of 2 358 blocks are still missing")


def test_the_chain_standing_still_is_not_the_crawler_being_behind(visit: Visit, api: ApiDouble):
    api.state = "chain_halted"

    page = visit()

    expect(page.locator("#state")).to_have_text("Chain halted")
    expect(page.locator("#now")).to_contain_text("All 2 346 blocks up to it are held")


def test_a_sandbox_is_labelled_in_every_panel(visit: Visit, api: ApiDouble):
    api.sandbox = True

    page = visit()

    expect(page.get_by_role("complementary", name="Sandbox")).to_be_visible()
    for panel in (".title", "#now", "#supply", "#eras", "#blocks", "footer"):
        expect(page.locator(panel).get_by_text("sandbox", exact=True).first).to_be_visible()


def test_the_chosen_theme_stays_after_a_reload(visit: Visit):
    page = visit(color_scheme="light")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))

    page.reload()

    expect(page.locator("html")).to_have_class(re.compile("dark"))
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")


def test_a_paused_list_waits_while_the_head_moves_on(visit: Visit, api: ApiDouble):
    page = visit()
    first = page.locator(".block-table tbody tr").first
    expect(first).to_contain_text("2 345")
    page.get_by_role("button", name="Pause").click()

    api.add_block()
    expect(page.locator("#newest-height")).to_have_text("2 346")
    expect(first).to_contain_text("2 345")
    page.get_by_role("button", name="Resume").click()

    expect(first).to_contain_text("2 346")


def test_the_charts_filters_stand_in_the_address(visit: Visit):
    page = visit()
    page.get_by_role("link", name="Stake").click()
    page.get_by_role("link", name="24 eras").click()
    expect(page.get_by_role("heading", name="Staked and unstaked by era")).to_be_visible()

    again = visit("/?" + page.url.partition("?")[2])

    expect(again.get_by_role("heading", name="Staked and unstaked by era")).to_be_visible()
    expect(again.get_by_role("link", name="24 eras")).to_have_attribute("aria-current", "true")


def test_a_chart_has_a_sentence_and_a_table_twin(visit: Visit):
    page = visit("/?eras=24")

    expect(page.locator("#eras figcaption")).to_contain_text("Eras 94 to 116; in the last")
    page.get_by_text("View as table").click()

    expect(page.locator("#eras tbody tr")).to_have_count(24)
    expect(page.locator("#eras tbody tr").nth(1)).to_contain_text("3 535 670 616.00")


def test_a_key_is_copied_whole(visit: Visit, api: ApiDouble):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.locator("#now").get_by_role("button", name="Copy the block hash").click()

    expect(page.locator("#announcements")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == api._block(2_345)["hash"]


def test_an_address_that_leads_nowhere_says_so(visit: Visit):
    page = visit("/nothing-here", wait=False)

    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_no_width_scrolls_sideways(visit: Visit, api: ApiDouble, width: int):
    api.sandbox = True

    page = visit(width=width)
    expect(page.locator("#eras canvas")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for question in page.locator(".about summary").all():
        question.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
