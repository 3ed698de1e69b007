"""People in the panel, in a browser: invited, dismissed, locked out by a lost phone, guarded."""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from casper_dash.auth.models import API_TOKEN, PERSON, Person
from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import bearer_of
from casper_dash.keys import Keys
from casper_dash.mail.sending import send_due
from casper_dash.settings import AppSettings
from crawler.database import read_session, transact
from tests.casper_dash.mail.servers import Kept, mail_server
from tests.e2e.panel_server import PanelServer
from tests.e2e.people import PASSWORD, person_with_password, session_of
from tests.e2e.test_accessibility import AXE, WITHOUT_AXE

pytestmark = pytest.mark.browser

PAGES = ("people", "audit", "tokens", "outbox", "account")
PROOFS = ("password", "second-factor", "codes", "passkey")


@pytest.fixture
def ada(panel: PanelServer) -> str:
    """An administrator's session."""
    return panel.person(f"Ada {secrets.token_hex(3)}", Role.ADMINISTRATOR)


@pytest.fixture
def post_office(panel: PanelServer) -> Iterator[Callable[[], Kept]]:
    """Sends what waits in the outbox to a mail server on loopback."""
    kept = Kept()
    with mail_server(kept) as port:
        given = {name.lower(): value for name, value in panel.settings.items()}
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"}
        settings = AppSettings(_env_file=None, **(given | smtp))

        def send() -> Kept:
            send_due(panel.engine, Keys(settings.secret_key), settings, datetime.now(UTC))
            return kept

        yield send


def test_an_invitation_is_a_letter_that_brings_a_second_person_in(
    panel: PanelServer,
    open_panel: Callable[..., Page],
    ada: str,
    post_office: Callable[[], Kept],
):
    page = open_panel("/admin/people/", token=ada)
    invite = page.locator("#invite")
    invite.get_by_label("E-mail").fill("bo@example.org")
    invite.get_by_label("Name").fill("Bo")
    invite.get_by_label("Role").select_option("editor")
    invite.get_by_role("button", name="Send the invitation").click()
    expect(page.locator("#invited")).to_contain_text("waits to be sent")

    letter = post_office().messages[-1]
    assert letter["To"] == "bo@example.org"
    link = re.search(r"http\S+", letter.get_body(("plain",)).get_content())[0]
    expect(page.locator("#invited tbody")).to_contain_text("sent")

    guest = open_panel(link.removeprefix(panel.origin))
    guest.get_by_label("New password").fill(PASSWORD)
    guest.get_by_role("button", name="Go on").click()
    _enrol(guest)
    expect(guest.locator(".person-name")).to_have_text("Bo")
    expect(page.locator("#people")).to_contain_text("bo@example.org")
    expect(page.locator("#invited")).to_be_hidden()


def test_an_invitation_is_sent_again_and_withdrawn_with_a_reason(
    panel: PanelServer, open_panel: Callable[..., Page], ada: str
):
    email = "cy@example.org"
    page = open_panel("/admin/people/", token=ada)
    page.locator("#invite").get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_role("button", name=f"Send again: {email}").click()
    expect(page.get_by_text(f"A new link is on its way to {email}.")).to_be_visible()

    page.get_by_role("button", name=f"Cancel …: {email}").click()
    page.locator("#cancellation-reason").fill("the wrong Cy")
    page.get_by_role("button", name=f"Withdraw the invitation of {email}").click()

    expect(page.get_by_text(f"The invitation of {email} is withdrawn.")).to_be_visible()
    assert _one(panel, PERSON.id, PERSON.email == email) is None


def test_a_dismissed_editors_open_tab_can_do_nothing_more(
    panel: PanelServer, open_panel: Callable[..., Page], ada: str
):
    tab = open_panel("/admin/", token=panel.person("Eda", Role.EDITOR))
    expect(tab.get_by_role("button", name="Pause the crawl")).to_be_enabled()
    page = open_panel("/admin/people/", token=ada)
    page.get_by_role("button", name="Open: Eda").click()
    expect(
        page.get_by_role("group", name="Sessions", exact=True).locator("tbody tr")
    ).to_have_count(1)

    page.get_by_role("button", name="Deactivate …").click()
    expect(page.locator("#deactivation")).to_contain_text("1 session will end")
    page.locator("#deactivation-reason").fill("has left us")
    page.get_by_role("button", name="Deactivate Eda").click()

    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.goto(f"{panel.origin}/admin/")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#person")).to_contain_text("deactivated")
    page.goto(f"{panel.origin}/admin/audit/")
    expect(page.locator("#entries tbody tr").first).to_contain_text("has left us")
    expect(page.locator("#chain")).to_contain_text("Chain whole")


def test_a_new_role_names_its_effects_and_stands_in_the_audit(
    panel: PanelServer, open_panel: Callable[..., Page], ada: str
):
    panel.person("Rolf", Role.EDITOR)
    page = open_panel("/admin/people/", token=ada)
    page.get_by_role("button", name="Open: Rolf").click()
    page.get_by_role("button", name="Change role …").click()
    page.get_by_label("New role").select_option("viewer")
    expect(page.locator("#change-role")).to_contain_text("May no longer decide")
    expect(page.locator("#change-role")).to_contain_text("1 session of Rolf will end")
    page.locator("#change-role-reason").fill("only looks now")
    page.get_by_role("button", name="Change the role of Rolf").click()
    expect(page.get_by_text("Rolf is viewer now.")).to_be_visible()

    page.goto(f"{panel.origin}/admin/audit/")
    page.locator("#filter").get_by_label("Text anywhere").fill("only looks now")
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("#entries tbody tr")).to_have_count(1)
    expect(page.locator("#entries del")).to_have_text("editor")
    expect(page.locator("#entries ins")).to_have_text("viewer")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="CSV").click()
    lines = downloading.value.path().read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert "only looks now" in lines[1]


def test_the_last_administrator_is_told_why_nobody_can_dismiss_them(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    others = update(Person).where(PERSON.role == "administrator").values(state="deactivated")
    transact(panel.engine, lambda session: session.execute(others) and None)
    page = open_panel("/admin/people/", token=panel.person("Uma", Role.ADMINISTRATOR))

    page.get_by_role("button", name="Open: Uma").click()

    expect(page.locator("#person")).to_contain_text("The last administrator")
    expect(page.get_by_role("button", name="Deactivate …")).to_have_count(0)
    expect(page.get_by_role("button", name="Change role …")).to_have_count(0)


def test_who_lost_the_phone_comes_in_by_a_recovery_code_and_sets_up_a_new_one(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    code = person_with_password(panel, "lea@example.org")
    page = open_panel("/admin/sign-in/")
    page.get_by_label("E-mail").fill("lea@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".person-name")).to_have_text("Lea")

    page.get_by_role("link", name="My account").click()
    expect(page.locator("#codes-left")).to_have_text("9 of 10 left")
    page.get_by_role("link", name="Replace the second factor").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up a new device").click()
    _enrol(page)

    expect(page.locator(".person-name")).to_have_text("Lea")
    page.get_by_role("link", name="My account").click()
    expect(page.locator("#codes-left")).to_have_text("10 of 10 left")


def test_a_changed_password_keeps_this_tab_in_and_ends_the_other(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    person_with_password(panel, "kim@example.org")
    other = open_panel("/admin/", token=session_of(panel, "kim@example.org"))
    expect(other.locator(".person-name")).to_have_text("Kim")
    page = open_panel("/admin/account/password/", token=session_of(panel, "kim@example.org"))
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("another staple, thrice over")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="My account").click()

    expect(
        page.get_by_role("group", name="Sessions", exact=True).locator("tbody tr")
    ).to_have_count(1)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_token_is_shown_once_works_and_is_revoked(
    panel: PanelServer, open_panel: Callable[..., Page], ada: str
):
    page = open_panel("/admin/tokens/", token=ada)
    page.locator("#make").get_by_label("Name").fill("night job")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#new-token")).to_have_value(re.compile("^cdash_"))
    secret = page.locator("#new-token").input_value()
    assert _bearer(panel, secret) == "night job"

    page.get_by_role("button", name="I have stored it").click()
    expect(page.locator("#made")).to_be_hidden()
    page.reload()
    expect(page.locator("#tokens")).to_contain_text("night job")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke …: night job").click()
    page.get_by_role("button", name="Revoke the token night job").click()

    expect(page.locator("#tokens tbody")).to_contain_text("revoked")
    assert _bearer(panel, secret) is None
    assert _one(panel, API_TOKEN.scopes, API_TOKEN.name == "night job") == "read"


def test_without_a_mail_server_an_administrator_hands_the_link_over(
    panel: PanelServer, open_panel: Callable[..., Page], ada: str
):
    page = open_panel("/admin/people/", token=ada)
    page.locator("#invite").get_by_label("E-mail").fill("di@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("on its way to di@example.org")).to_be_visible()
    page.get_by_role("link", name="Letters").click()

    page.get_by_role("button", name="Read: di@example.org").click()

    expect(page.locator("#letter-text")).to_have_value(
        re.compile(re.escape(f"{panel.origin}/admin/activation#"))
    )
    page.get_by_role("button", name="Close the letter").click()
    expect(page.locator("#letter")).to_be_hidden()


def test_a_viewer_sees_no_people_no_letters_and_no_addresses(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    page = open_panel("/admin/people/", token=panel.person("Vic", Role.VIEWER))
    for path in ("people", "outbox"):
        page.goto(f"{panel.origin}/admin/{path}/")
        expect(page.get_by_text("This page needs the role administrator.")).to_be_visible()
    page.goto(f"{panel.origin}/admin/audit/")

    expect(page.locator("#entries")).to_be_visible()
    expect(page.get_by_label("IP address")).to_have_count(0)
    expect(page.get_by_role("button", name="CSV")).to_have_count(0)


@pytest.mark.skipif(WITHOUT_AXE, reason="needs npm install --prefix .build/axe axe-core@4.14.1")
@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    open_panel: Callable[..., Page], ada: str, theme: str, width: int
):
    page = open_panel("/admin/", token=ada, width=width, color_scheme=theme)
    for path in (*PAGES, *(f"account/{proof}" for proof in PROOFS)):
        page.goto(re.sub(r"/admin/.*", f"/admin/{path}/", page.url))
        expect(page.locator("main .button:visible").first).to_be_visible()
        if path == "people":
            page.get_by_role("button", name="Open: Ada").first.click()
            expect(page.locator("#person")).to_be_visible()

        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")

        assert [(path, one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def _enrol(page: Page) -> None:
    """From the QR code of a new device to the panel."""
    totp = pyotp.TOTP(page.locator(".secret").inner_text())
    page.get_by_label("Code").fill(totp.now())
    page.get_by_role("button", name="Confirm the code").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_label("I have stored them").check()
    page.get_by_role("button", name="Finish").click()


def _bearer(panel: PanelServer, secret: str) -> str | None:
    with read_session(panel.engine) as session:
        found = bearer_of(session, f"Bearer {secret}", datetime.now(UTC))
    return found.token_name if found else None


def _one(panel: PanelServer, column, condition):
    with panel.engine.connect() as connection:
        return connection.execute(select(column).where(condition)).scalar()
