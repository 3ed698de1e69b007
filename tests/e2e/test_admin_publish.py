"""Publishing in a browser: what is staged becomes what readers see, and is put back."""

import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casper_dash.audit.models import AUDIT_ENTRY
from casper_dash.auth.roles import Role
from casper_dash.decisions.proposals import open_proposal, propose
from casper_dash.decisions.schedule import save_schedule, stage_schedule, steps_with_notes
from casper_dash.export import ROOT
from casper_dash.ports import await_answer
from crawler.models.drafts import PROPOSAL
from tests.casper_dash.decisions.curating import BO, Desk
from tests.e2e.curated_panel import curated
from tests.e2e.panel_server import PanelServer, _free_port
from tests.e2e.test_accessibility import AXE, WITHOUT_AXE

pytestmark = pytest.mark.browser

PATH = "/admin/publish/"
THIN = "\u2009"
BEFORE = "3516877630.00000022"
AFTER = "3516877636.00000022"
_PUBLIC = """
import sys
from pathlib import Path
from casper_dash.server import serve
serve("127.0.0.1", int(sys.argv[1]), Path(sys.argv[2]))
"""
Open = Callable[..., Page]


@pytest.fixture
def desk(panel: PanelServer) -> Iterator[Desk]:
    with curated(panel) as found:
        yield found


@pytest.fixture
def editor(panel: PanelServer) -> str:
    return panel.person("Edith", Role.EDITOR)


@pytest.fixture
def public(panel: PanelServer, exported: Path, desk: Desk) -> Iterator[str]:
    """The origin at which the API and the public pages answer, from the panel's database."""
    port = _free_port()
    command = [sys.executable, "-c", _PUBLIC, str(port), str(exported)]
    environment = os.environ | panel.settings | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as server:
        await_answer(port, lambda: None)
        yield f"http://127.0.0.1:{port}"
        server.send_signal(signal.SIGTERM)


def test_what_is_published_is_what_readers_see_until_it_is_put_back(
    desk: Desk, public: str, open_panel: Open, editor: str
):
    desk.stage("approve", (5, 0), (17, 3), by=BO)
    reader = open_panel("/admin/sign-in/").context.new_page()
    assert _told(reader, public) == BEFORE
    page = open_panel(PATH, token=editor)
    expect(page.locator("#effect")).to_contain_text("+6 CSPR")
    expect(page.locator("#effect")).to_contain_text("the first is era 0")
    expect(page.locator("#eras tbody tr")).to_have_count(12)

    _ask(page, "Propose for publication", "as reviewed")
    page.get_by_role("button", name="Propose transfers: 2 approved").click()
    number = _publish(page)

    expect(page.get_by_text("Readers see publication 1 now.")).to_be_visible()
    assert _headline(reader, public, "636")
    assert _told(reader, public) == AFTER
    page.get_by_role("button", name="Put back …: 0").click()
    page.get_by_label("Reason").fill("a mistake")
    page.get_by_role("button", name="Propose publication 0 again").click()
    expect(page.locator("#effect")).to_contain_text("−6 CSPR")
    _publish(page)
    expect(page.get_by_text("Readers see publication 2 now.")).to_be_visible()
    assert _headline(reader, public, "630")
    assert _told(reader, public) == BEFORE
    expect(page.locator("#publications")).to_contain_text("rolled back")
    assert {"proposal.make", "proposal.publish", "proposal.published"} <= _audited(desk, number)


def test_a_failed_publication_says_why_and_is_made_at_the_second_try(
    desk: Desk, open_panel: Open, editor: str
):
    desk.stage("approve", (5, 0))
    number = desk.propose()
    _set(desk, number, state="failed", error="OperationalError", ended_at=datetime.now(UTC))

    page = open_panel(PATH, token=editor)

    expect(page.locator("#next")).to_contain_text("failed: readers see what they saw")
    expect(page.locator("#next")).to_contain_text("OperationalError")
    _publish(page, " again")
    expect(page.get_by_text("Readers see publication 1 now.")).to_be_visible()


def test_a_publication_under_way_shows_how_far_it_is_and_can_be_cancelled(
    desk: Desk, open_panel: Open, editor: str
):
    desk.stage("approve", (5, 0))
    number = desk.propose()
    far = datetime(2030, 1, 1, tzinfo=UTC)
    _set(desk, number, state="working", worker="other", lease_until=far, done=3, total=13)
    page = open_panel(PATH, token=editor)
    expect(page.locator("#next")).to_contain_text("3 of 13 rows")
    expect(page.get_by_role("button", name="Withdraw it")).to_be_hidden()

    _ask(page, "Cancel publication", "not yet")
    page.get_by_role("button", name="Cancel the publication").click()

    expect(page.locator("#next")).to_contain_text("stops soon")
    assert desk.ask(open_proposal).cancelled_by == "Edith"


def test_a_second_person_confirms_before_it_can_be_published(
    panel: PanelServer, desk: Desk, open_panel: Open, editor: str
):
    desk.stage("approve", (5, 0))
    desk.do(propose, desk.network, desk.deed(BO), needs_second=True)
    page = open_panel(PATH, token=editor)
    expect(page.locator("#next")).to_contain_text("waits for a second person")
    expect(page.get_by_role("button", name="Publish proposal")).to_be_hidden()

    number = desk.ask(open_proposal).number
    _ask(page, f"Confirm proposal {number}", "looked at all of it")
    page.get_by_role("dialog").get_by_role("button", name=f"Confirm proposal {number}").click()

    expect(page.locator("#next")).to_contain_text("Confirmed by Edith")
    expect(page.get_by_role("button", name=f"Publish proposal {number}")).to_be_visible()


def test_the_evidence_of_an_era_is_handed_out_to_a_viewer_who_has_no_other_control(
    panel: PanelServer, desk: Desk, open_panel: Open
):
    desk.stage("approve", (5, 0))
    desk.publish_staged()
    page = open_panel(PATH, token=panel.person("Vida", Role.VIEWER))
    expect(page.get_by_role("button", name="Put back")).to_have_count(0)

    page.get_by_role("button", name="Evidence …: 1").click()
    page.locator("#era").fill("10")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download evidence").click()

    pack = zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes()))
    assert coming.value.suggested_filename == "evidence-era-10-publication-1.zip"
    assert b'"circulating": "3516877631000000220"' in pack.read("supply.json")


def test_a_warning_is_acknowledged_by_whoever_proposes_and_the_audit_keeps_it(
    desk: Desk, open_panel: Open, editor: str
):
    steps = desk.ask(steps_with_notes, 0)[:-1]
    draft = desk.do(save_schedule, desk.network, steps, desk.deed(), seen=None)
    desk.do(stage_schedule, draft, desk.deed())
    page = open_panel(PATH, token=editor)
    _ask(page, "Propose for publication", "one step less")
    # what the browser asks for is not what the server relies on
    page.locator("#seen").evaluate("box => { box.required = false }")
    propose_it = page.get_by_role("button", name=f"Propose unlock schedule {draft}")
    propose_it.click()
    expect(page.get_by_text("Say that you have seen the warnings.")).to_be_attached()
    assert desk.ask(open_proposal) is None

    page.get_by_label("I have seen these warnings").check()
    propose_it.click()

    expect(page.locator("#next")).to_contain_text("can be published")
    number = desk.ask(open_proposal).number
    assert "proposal.acknowledge" in _audited(desk, number)


def test_nothing_staged_says_what_to_do(desk: Desk, open_panel: Open, editor: str):
    page = open_panel(PATH, token=editor)

    expect(page.locator("#next")).to_contain_text("Nothing is staged.")
    expect(page.locator("#publications")).to_contain_text("as it was set up or imported")


@pytest.mark.skipif(WITHOUT_AXE, reason="needs npm install --prefix .build/axe axe-core@4.14.1")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_and_its_dialog_are_accessible_and_fit_a_phone(
    desk: Desk, open_panel: Open, editor: str, theme: str
):
    desk.stage("approve", (5, 0), (17, 3))
    number = desk.propose()
    page = open_panel(PATH, token=editor, color_scheme=theme, width=390)
    expect(page.locator("#eras tbody tr")).to_have_count(12)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    _shot(page, f"publish-{theme}-390")
    page.set_viewport_size({"width": 1440, "height": 900})
    _shot(page, f"publish-{theme}-1440")
    page.evaluate(AXE.read_text("utf-8"))

    found = page.evaluate("async () => (await axe.run()).violations")
    page.get_by_role("button", name=f"Publish proposal {number}").press("Enter")
    expect(page.locator("#phrase")).to_be_focused()
    _shot(page, f"publish-dialog-{theme}-1440")
    inside = page.evaluate("async () => (await axe.run()).violations")

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found + inside] == []
    page.keyboard.press("Escape")
    expect(page.locator("#phrase")).to_be_hidden()


def _ask(page: Page, button: str, reason: str) -> None:
    page.get_by_role("button", name=button).click()
    page.get_by_label("Reason").fill(reason)


def _publish(page: Page, again: str = "") -> int:
    """Publishes the open proposal; its number."""
    button = page.locator("#next").get_by_role("button", name="Publish proposal")
    number = int(button.inner_text().removesuffix(again).rpartition(" ")[2])
    button.click()
    page.locator("#phrase").fill(f"publish {number}")
    page.get_by_role("dialog").get_by_role("button", name="Publish proposal").click()
    return number


def _told(page: Page, origin: str) -> str:
    answer = page.request.get(f"{origin}/api/v1/supply/circulating")
    assert answer.status == 200, answer.text()
    return answer.text()


def _headline(page: Page, origin: str, end: str) -> bool:
    page.goto(origin)
    expect(page.locator(".headline")).to_contain_text(f"3{THIN}516{THIN}877{THIN}{end}")
    return True


def _audited(desk: Desk, number: int) -> set[str]:
    question = select(AUDIT_ENTRY.action).where(AUDIT_ENTRY.object == f"proposal {number}")
    return set(desk.ask(lambda session: session.execute(question).scalars().all()))


def _set(desk: Desk, number: int, **values: object) -> None:
    change = PROPOSAL.number.table.update().where(PROPOSAL.number == number).values(**values)
    desk.do(lambda session: session.execute(change) and None)


def _shot(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
