"""Review in a browser: a curator picks, decides, undoes, is told of others, with keys alone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, update

from casper_dash.auth.roles import Role
from crawler.database import transact
from crawler.models.chain import KnownAccount, Transfer
from crawler.models.drafts import STAGING, TRANSFER_COMMENT
from tests.casper_dash.decisions.curating import (
    BO,
    HOT,
    VAULT,
    Desk,
    fill,
    network_with,
    transfer,
)
from tests.databases import tables_of
from tests.e2e.panel_server import PanelServer
from tests.e2e.test_accessibility import AXE, WITHOUT_AXE
from tests.factories import CSPR

pytestmark = pytest.mark.browser

BIG = 2_000_000 * CSPR
SMALL = 60
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def desk(panel: PanelServer) -> Iterator[Desk]:
    """The curators' chain, 60 transfers of a vault, and one of more than a million CSPR."""
    network = network_with()
    fill(panel.engine, network)
    rows = [transfer((30, index), CSPR) for index in range(SMALL)]
    rows.append(transfer((98, 0), BIG, to_account_hash=HOT))
    transact(panel.engine, lambda session: session.execute(insert(Transfer), rows) and None)
    named = update(KnownAccount).where(KnownAccount.account_hash == HOT).values(name=EVIL)
    transact(panel.engine, lambda session: session.execute(named) and None)
    yield Desk(panel.engine, network)
    with panel.engine.begin() as connection:
        for table in tables_of(panel.engine):
            if table.name not in ("person", "session"):
                connection.execute(table.delete())


@pytest.fixture
def editor(panel: PanelServer) -> str:
    return panel.person("Rita", Role.EDITOR)


@pytest.fixture
def review(open_panel: Callable[..., Page], editor: str, desk: Desk) -> Page:
    """The page as an editor sees it, with every transfer."""
    page = open_panel("/admin/review/", token=editor)
    _show(page, "All")
    expect(page.locator("#transfers")).to_contain_text("68 match")
    return page


def test_a_pick_survives_paging_and_is_decided_with_a_reason(review: Page, desk: Desk):
    _pick(review, "111/0")
    review.get_by_role("button", name="Next").click()
    expect(review.locator("#transfers")).to_contain_text("Page 2")
    _pick(review, "5/0")
    expect(review.locator("#picked")).to_contain_text("2 picked · 14 CSPR")

    review.get_by_role("button", name="Approve").click()
    dialog = review.get_by_role("dialog", name="Approve 2 transfers")
    expect(dialog).to_contain_text("2 transfers, together 14 CSPR, eras 0 to 11")
    expect(dialog).to_contain_text("circulating supply moves by 14 CSPR")
    dialog.get_by_label("Reason").fill("they left the vault")
    dialog.get_by_role("button", name="Approve 2 transfers").click()

    expect(review.get_by_text("Staged: approve 2 transfers")).to_be_visible()
    expect(review.locator("#steps")).to_contain_text("they left the vault")
    assert desk.staged((111, 0)) == desk.staged((5, 0)) == "approve"


def test_all_that_match_are_decided_at_once_after_their_number_and_sum_were_shown(
    review: Page, desk: Desk
):
    review.get_by_label("At most, CSPR").fill("1")
    review.get_by_role("button", name="Show these").click()
    review.get_by_role("button", name="Select all 61 matching").click()
    expect(review.locator("#picked")).to_contain_text("All 61 matching · 61 CSPR")
    review.get_by_role("button", name="Reject").click()
    dialog = review.get_by_role("dialog", name="Reject 61 transfers")
    expect(dialog).to_contain_text("Circulating supply does not move")
    dialog.get_by_text("The biggest of them").click()
    expect(dialog.locator("tbody tr")).to_have_count(10)
    dialog.get_by_label("Reason").fill("dust")
    dialog.get_by_role("button", name="Reject 61 transfers").click()

    expect(review.get_by_text("Staged: reject 61 transfers")).to_be_visible()
    assert desk.staged((30, 59)) == "reject"
    assert desk.staged((98, 0)) is None


def test_keys_alone_pick_open_decide_and_undo(review: Page, desk: Desk, panel: PanelServer):
    _show(review, "Unreviewed ≥ 1 M")
    expect(review.locator("#transfers tbody tr")).to_have_count(1)
    review.keyboard.press("j")
    expect(review.get_by_role("checkbox", name="Pick transfer 98/0")).to_be_focused()
    review.keyboard.press("Enter")
    expect(review.get_by_role("dialog", name="Transfer")).to_contain_text("Transfer 98/0")
    review.keyboard.press("Escape")
    expect(review.get_by_role("dialog")).to_have_count(0)
    review.keyboard.press("x")
    expect(review.locator("#picked")).to_contain_text("1 picked")
    review.keyboard.press("a")
    expect(review.get_by_label("Reason")).to_be_focused()
    review.keyboard.type("exchange jar dzk")  # none of which is a shortcut here
    review.keyboard.press("Enter")
    expect(review.get_by_text("Staged: approve 1 transfer (step 1)")).to_be_visible()
    expect(review.get_by_text("No transfer matches.")).to_be_visible()

    review.keyboard.press("z")

    expect(review.get_by_text("Step 1 is undone")).to_be_visible()
    expect(review.locator("#transfers tbody tr")).to_have_count(1)
    assert desk.staged((98, 0)) is None
    assert _one(panel, STAGING.undoes, STAGING.number == 2) == 1


def test_keys_do_nothing_once_they_are_off(review: Page):
    review.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    _pick(review, "111/0")
    expect(review.locator("#picked")).to_contain_text("1 picked")
    review.keyboard.press("a")
    review.reload()
    expect(review.locator("#picked")).to_contain_text("1 picked")
    expect(review.get_by_role("checkbox", name="Keyboard shortcuts")).not_to_be_checked()

    review.keyboard.press("a")

    expect(review.get_by_role("dialog")).to_have_count(0)


def test_what_others_did_meanwhile_is_told_and_mine_is_kept_only_on_demand(
    review: Page, desk: Desk
):
    for key in ("111/0", "99/0"):
        _pick(review, key)
    expect(review.locator("#picked")).to_contain_text("2 picked")

    desk.stage("reject", (99, 0), by=BO, reason="a loan")

    expect(review.locator("#clash")).to_contain_text("Bo changed 1 of these")
    _decide(review, "Approve", "sold")
    expect(review.get_by_text("Nothing was changed: others were faster.")).to_be_visible()
    assert desk.staged((99, 0)) == "reject"
    review.get_by_text("See what changed").click()
    expect(review.locator("#clash")).to_contain_text("transfer 99/0: was rejected in step 1 by Bo")
    review.get_by_role("button", name="Keep mine").click()
    expect(review.locator("#clash")).to_be_hidden()
    _decide(review, "Approve", "sold")
    expect(review.get_by_text("Staged: approve 2 transfers")).to_be_visible()
    assert desk.staged((99, 0)) == "approve"


def test_the_drawer_has_history_and_talk(review: Page, desk: Desk, panel: PanelServer):
    desk.stage("defer", (98, 0), by=BO, reason="asked the exchange")
    review.get_by_role("button", name="Open: transfer 98/0").click()
    drawer = review.get_by_role("dialog", name="Transfer")
    expect(drawer).to_contain_text("asked the exchange")
    expect(drawer).to_contain_text(EVIL)

    drawer.get_by_label("Comment").fill(EVIL)
    drawer.get_by_role("button", name="Add the comment").click()

    expect(drawer.locator(".talk")).to_contain_text(EVIL)
    expect(drawer.get_by_label("Comment")).to_have_value("")
    expect(drawer.locator("img")).to_have_count(0)
    assert _one(panel, TRANSFER_COMMENT.text, TRANSFER_COMMENT.height == 98) == EVIL


def test_a_reason_is_needed_and_a_wrong_field_is_named(review: Page, desk: Desk):
    review.get_by_label("At least, CSPR").fill("many")
    review.get_by_role("button", name="Show these").click()

    expect(review.get_by_text("At least: an amount in CSPR")).to_be_visible()
    expect(review.locator("#transfers")).to_contain_text("68 match")


def test_a_viewer_sees_transfers_and_no_control(
    open_panel: Callable[..., Page], panel: PanelServer, desk: Desk
):
    page = open_panel("/admin/review/?vault=" + VAULT, token=panel.person("Vic", Role.VIEWER))

    expect(page.locator("#transfers")).to_contain_text("67 match")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.locator("main [type=checkbox]")).to_have_count(0)


@pytest.mark.skipif(WITHOUT_AXE, reason="needs npm install --prefix .build/axe axe-core@4.14.1")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_with_and_without_a_dialog(
    open_panel: Callable[..., Page], editor: str, desk: Desk, theme: str
):
    desk.stage("reject", (98, 0))
    for width in (1440, 390):
        page = open_panel("/admin/review/", token=editor, color_scheme=theme, width=width)
        _show(page, "All")
        _pick(page, "111/0")
        expect(page.locator("#picked")).to_contain_text("1 picked")
        found = _violations(page)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("dialog")).to_be_visible()

        assert found + _violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def _show(page: Page, view: str) -> None:
    page.get_by_role("group", name="Views").get_by_role("button", name=view, exact=True).click()
    expect(page.get_by_role("button", name=view, exact=True, pressed=True)).to_be_visible()


def _pick(page: Page, key: str) -> None:
    # it is checked once the server says so, for which `check` does not wait
    box = page.get_by_role("checkbox", name=f"Pick transfer {key}")
    box.click()
    expect(box).to_be_checked()


def _decide(page: Page, verb: str, reason: str) -> None:
    page.get_by_role("button", name=verb).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=verb).click()


def _violations(page: Page) -> list[Any]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def _one(panel: PanelServer, column: Any, condition: Any) -> Any:
    with panel.engine.connect() as connection:
        return connection.execute(select(column).where(condition)).scalar()
