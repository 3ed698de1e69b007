"""A passkey from its registration to its end, with Chromium's own virtual authenticator."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.panel_server import PanelServer, panel_server
from tests.e2e.people import PASSWORD, person_with_password, session_of

pytestmark = pytest.mark.browser

EMAIL = "kay@example.org"
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def by_name(tmp_path: Path) -> Iterator[tuple[PanelServer, str]]:
    """A panel at localhost, and its origin: an IP address is no relying party."""
    with panel_server(tmp_path) as server:
        server.stop()
        origin = f"http://localhost:{server.port}"
        server.settings["ADMIN_URL"] = f"{origin}/admin"
        server.start()
        yield server, origin


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Of a device that has an authenticator."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    yield page
    expect.set_options(timeout=5_000)
    context.close()


def test_a_passkey_is_added_signs_its_owner_in_and_is_removed(
    by_name: tuple[PanelServer, str], page: Page
):
    panel, origin = by_name
    person_with_password(panel, EMAIL)
    cookie = {"name": "session", "value": session_of(panel, EMAIL), "url": origin}
    page.context.add_cookies([cookie])
    page.goto(f"{origin}/admin/account/passkey/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Name of the passkey").fill("This laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("The passkey is added")).to_be_visible()
    page.get_by_role("button", name="Go on").click()

    page.locator(".person > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.locator(".person-name")).to_have_text("Kay")
    page.get_by_role("link", name="My account").click()
    page.get_by_role("button", name="Remove …: This laptop").click()
    page.get_by_role("button", name="Remove the passkey This laptop").click()
    expect(page.locator("#passkeys")).to_contain_text("You have no passkey")
