"""Labels in a browser: one is edited, many are imported from a file."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from casper_dash.auth.roles import Role
from casper_dash.decisions.labels import label_of
from tests.casper_dash.decisions.curating import COLD, EXCHANGE, HOT, VAULT, Desk
from tests.e2e.curated_panel import curated
from tests.e2e.panel_server import PanelServer
from tests.e2e.test_accessibility import AXE, WITHOUT_AXE

pytestmark = pytest.mark.browser

PATH = "/admin/labels/"
Open = Callable[..., Page]


@pytest.fixture
def desk(panel: PanelServer) -> Iterator[Desk]:
    with curated(panel) as found:
        yield found


@pytest.fixture
def editor(panel: PanelServer) -> str:
    return panel.person("Lea", Role.EDITOR)


def test_an_account_gets_a_label_with_a_reason_and_keeps_its_history(
    desk: Desk, open_panel: Open, editor: str
):
    page = open_panel(PATH, token=editor)
    page.get_by_label("Public key or account hash").fill(f"account-hash-{EXCHANGE}")
    page.get_by_role("button", name="Open its label").click()
    page.get_by_role("textbox", name="Name").fill("<i>Exchange</i> X")
    page.get_by_label("Type").select_option("exchange")
    page.get_by_label("Reason").fill("their own list")
    page.get_by_role("button", name="Save the label").click()

    expect(page.locator("#labels tbody")).to_contain_text("<i>Exchange</i> X")
    values = desk.ask(label_of, EXCHANGE).values
    assert (values.name, values.kind, values.public) == ("<i>Exchange</i> X", "exchange", True)
    page.get_by_role("button", name=f"Open …: {EXCHANGE}").click()
    expect(page.get_by_role("group", name="History")).to_contain_text("their own list")
    _axe(page)


def test_a_file_is_imported_after_a_look_at_each_line(desk: Desk, open_panel: Open, editor: str):
    page = open_panel(PATH, token=editor)
    page.get_by_role("button", name="Import CSV").click()
    page.locator("#file").fill(f"account,name,type\n{HOT},Hot,vault\nnobody,X,\n{COLD},C,shop")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#import tbody tr")).to_have_count(2)

    page.locator("#file").fill(f"account,name,public\n{HOT},Hot,yes\n{VAULT},Vault,no")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#import")).to_contain_text("2 labels change.")
    page.get_by_role("button", name="Import 2 labels …").click()
    page.get_by_label("Reason").fill("the foundation's list")
    page.get_by_role("dialog").get_by_role("button", name="Import 2 labels").click()

    expect(page.locator("#labels tbody tr")).to_have_count(2)
    assert desk.ask(label_of, HOT).values.name == "Hot"
    assert not desk.ask(label_of, VAULT).values.public


def test_a_viewer_reads_labels_and_cannot_edit_them(
    panel: PanelServer, desk: Desk, open_panel: Open
):
    page = open_panel(PATH, token=panel.person("Vito", Role.VIEWER))

    page.get_by_label("Public key or account hash").fill(HOT)
    page.get_by_role("button", name="Open its label").click()

    expect(page.get_by_text("It was never edited here.")).to_be_visible()
    expect(page.get_by_role("button", name="Save the label")).to_have_count(0)
    expect(page.get_by_role("button", name="Import CSV")).to_have_count(0)


def _axe(page: Page) -> None:
    if not WITHOUT_AXE:
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
