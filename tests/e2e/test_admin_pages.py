"""The panel's pages in a browser: what they show of a crawl, and what they order."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, text
from sqlmodel import Session

from casper_dash.auth.roles import Role
from crawler.models.nodes import NODE_ORDER, NodeState
from crawler.models.work import JOB_ORDER, JobRun
from tests.databases import tables_of
from tests.e2e.panel_server import PanelServer
from tests.e2e.test_accessibility import AXE, WITHOUT_AXE
from tests.factories import block, crawl_range, crawl_state, derive_state, store

pytestmark = pytest.mark.browser

HEAD = 999
PAGES = ("/admin/", "/admin/sync/", "/admin/nodes/", "/admin/jobs/", "/admin/sign-in/")
NODE = "http://node.example.org:7777/rpc"


@pytest.fixture
def crawl(panel: PanelServer) -> Iterator[None]:
    """Heights 0 to 999, of which 200 to 219 are missing; one node; a job that failed."""
    now = datetime.now(UTC)
    held = [block(height) for height in range(HEAD + 1) if not 200 <= height < 220]
    seen = {"head_seen_at": now + timedelta(hours=1)}
    with Session(panel.engine) as session:
        store(
            session,
            blocks=held,
            crawl=[crawl_state(HEAD, **seen)],
            ranges=[crawl_range(200, 219)],
            derive=[derive_state()],
        )
        session.execute(insert(NodeState).values(_node(now)))
        session.execute(insert(JobRun).values(_failed_run(now)))
        session.commit()
    yield
    keep = {"person", "session"}
    with panel.engine.begin() as connection:
        for table in tables_of(panel.engine):
            if table.name not in keep:
                connection.execute(table.delete())


@pytest.fixture
def editor(panel: PanelServer) -> str:
    return panel.person("Edgar", Role.EDITOR)


@pytest.mark.usefixtures("crawl")
def test_home_shows_the_crawl_and_what_is_wrong_with_its_remedy(
    panel: PanelServer, open_panel: Callable[..., Page], editor: str
):
    page = open_panel("/admin/", token=editor)

    expect(page.locator("#crawl")).to_contain_text("980 of 1\u2009000 blocks held")
    attention = page.get_by_role("list").filter(has_text="Job prices failed")
    expect(attention).to_contain_text("the source is away")
    page.get_by_role("button", name="Run prices again").click()

    expect(page.get_by_text("Job prices runs within seconds.")).to_be_visible()
    assert _one(panel, JOB_ORDER.wanted_at, JOB_ORDER.name == "prices") is not None


@pytest.mark.usefixtures("crawl")
def test_a_gap_is_fetched_again_after_a_look_at_what_that_means(
    panel: PanelServer, open_panel: Callable[..., Page], editor: str
):
    page = open_panel("/admin/sync/", token=editor)
    expect(page.locator(".heat .cell:not(.heat-held)")).to_have_count(4)
    page.get_by_role("button", name="Choose: 200").click()
    expect(page.get_by_label("First height or era")).to_have_value("200")

    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#again")).to_contain_text("20 blocks, 200 to 219")
    page.get_by_label("Reason").fill("a node lied")
    page.get_by_role("button", name="Order it").click()

    expect(page.get_by_text("Ordered recrawl: blocks 200 to 219")).to_be_visible()
    assert _one(panel, JOB_ORDER.first, JOB_ORDER.name == "recrawl") == 200
    assert _one(panel, JOB_ORDER.last, JOB_ORDER.name == "recrawl") == 219


@pytest.mark.usefixtures("crawl")
def test_a_mistyped_span_is_refused_in_words(open_panel: Callable[..., Page], editor: str):
    page = open_panel("/admin/sync/", token=editor)
    page.get_by_label("First height or era").fill("9")
    page.get_by_label("Last").fill("3")

    page.get_by_role("button", name="Look at it").click()

    expect(page.get_by_text("The first comes before the last")).to_be_visible()


@pytest.mark.usefixtures("crawl")
def test_a_node_is_banned_with_a_reason_and_taken_back(
    panel: PanelServer, open_panel: Callable[..., Page], editor: str
):
    page = open_panel("/admin/nodes/", token=editor)
    page.get_by_role("button", name=f"Ban …: {NODE}").click()
    page.locator("#ban-reason").fill("answers nonsense")
    page.get_by_role("button", name="Ban the node").click()

    expect(page.locator("#orders")).to_contain_text("answers nonsense")
    assert _one(panel, NODE_ORDER.kind, NODE_ORDER.url == NODE) == "ban"
    page.get_by_role("button", name=f"Take back: {NODE}").click()
    expect(page.locator("#orders")).to_be_hidden()


@pytest.mark.usefixtures("crawl")
def test_a_key_in_a_new_nodes_address_is_never_shown(open_panel: Callable[..., Page], editor: str):
    page = open_panel("/admin/nodes/", token=editor)
    page.get_by_label("Address of its JSON-RPC").fill("http://new.example.org/rpc?key=hidden77")
    page.locator("#add #reason").fill("one more")
    page.get_by_role("button", name="Add the node").click()

    expect(page.locator("#orders")).to_contain_text("new.example.org")
    page.goto(page.url.replace("nodes/", ""))
    expect(page.locator("#activity")).to_contain_text("new.example.org")
    assert "hidden77" not in page.content()


@pytest.mark.usefixtures("crawl")
def test_runs_are_narrowed_to_one_job_and_one_is_run_again(
    panel: PanelServer, open_panel: Callable[..., Page], editor: str
):
    page = open_panel("/admin/jobs/", token=editor)
    expect(page.locator("#runs tbody tr")).to_have_count(1)
    page.get_by_role("group", name="Runs of").get_by_text("bids").click()
    expect(page.get_by_text("No run is kept.")).to_be_visible()
    page.get_by_role("group", name="Runs of").get_by_text("All").click()

    page.get_by_role("button", name="Run again: prices").click()

    expect(page.get_by_text("Job prices runs again within seconds.")).to_be_visible()
    assert _one(panel, JOB_ORDER.wanted_at, JOB_ORDER.name == "prices") is not None


@pytest.mark.usefixtures("crawl")
def test_a_database_that_is_away_is_said_and_forgotten_when_it_is_back(
    panel: PanelServer, open_panel: Callable[..., Page], editor: str
):
    page = open_panel("/admin/", token=editor)
    expect(page.locator("#crawl")).to_contain_text("blocks held")

    with panel.engine.begin() as connection:
        connection.execute(text("ALTER TABLE session RENAME TO session_away"))
    expect(page.get_by_text("The database does not answer.")).to_be_visible()
    expect(page.locator("#crawl")).to_contain_text("blocks held")
    with panel.engine.begin() as connection:
        connection.execute(text("ALTER TABLE session_away RENAME TO session"))

    expect(page.get_by_text("The database does not answer.")).to_be_hidden()


@pytest.mark.usefixtures("crawl")
def test_no_page_is_wider_than_a_phone(open_panel: Callable[..., Page], editor: str):
    for path in PAGES:
        page = open_panel(path, token=editor, width=390)
        expect(page.locator("h1")).to_be_visible()
        _settled(page, path)

        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.skipif(WITHOUT_AXE, reason="needs npm install --prefix .build/axe axe-core@4.14.1")
@pytest.mark.usefixtures("crawl")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(open_panel: Callable[..., Page], editor: str, theme: str):
    for path in PAGES:
        page = open_panel(path, token=editor, color_scheme=theme)
        _settled(page, path)

        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")

        assert [(path, one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def _settled(page: Page, path: str) -> None:
    if path != "/admin/sign-in/":
        expect(page.locator(".person-name")).to_have_text("Edgar", use_inner_text=False)
        expect(page.locator("main .panel").first).to_be_visible()


def _one(panel: PanelServer, column: Any, condition: Any) -> Any:
    with panel.engine.connect() as connection:
        return connection.execute(select(column).where(condition)).scalar()


def _failed_run(now: datetime) -> dict[str, Any]:
    started = now.replace(microsecond=0) - timedelta(minutes=2)
    ended = started + timedelta(seconds=3)
    error = "SourceError: the source is away"
    return {
        "name": "prices",
        "started_at": started,
        "owner": "test",
        "ended_at": ended,
        "error": error,
    }


def _node(now: datetime) -> dict[str, Any]:
    return {
        "url": NODE,
        "observer": "test:1",
        "state": "in_use",
        "since": now,
        "seen_at": now + timedelta(hours=1),
        "height": HEAD,
        "calls": 100,
        "failures": 3,
        "in_flight": 1,
        "allowed": 8,
        "score": 50,
    }
