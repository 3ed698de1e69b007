"""From `admin create` to a signed-out administrator, in a real browser on the real server."""

import os
import subprocess
import sys
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from casper_dash.auth.roles import Role
from casper_dash.export import ROOT
from tests.e2e.panel_server import PanelServer

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery, twice"


def test_the_first_administrator_activates_signs_in_and_out(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    page = open_panel(_activation_link(panel).removeprefix(panel.origin))
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    totp = pyotp.TOTP(page.locator(".secret").inner_text())
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    page.get_by_label("Code").fill(totp.now())
    page.get_by_role("button", name="Confirm the code").click()
    expect(page.locator(".codes li")).to_have_count(10)
    recovery_code = page.locator(".codes li").first.inner_text()
    page.get_by_label("I have stored them").check()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Attention")).to_be_visible()
    expect(page.locator(".person-name")).to_have_text("Ana")

    page.locator(".person > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies()] == ["device"]
    page.goto(f"{panel.origin}/admin/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    page.get_by_label("E-mail").fill("first@example.org")
    page.get_by_label("Password", exact=True).fill("wrong one, certainly")
    page.get_by_label("Code").fill(recovery_code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Attention")).to_be_visible()


def test_a_spoilt_link_says_what_to_do(open_panel: Callable[..., Page]):
    page = open_panel("/admin/activation#" + "x" * 43)

    expect(page.get_by_role("alert")).to_contain_text("ask an administrator for a new one")


def test_an_editor_pauses_the_crawl_and_the_page_says_who_and_what(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    page = open_panel("/admin/", token=panel.person("Edda", Role.EDITOR))

    page.get_by_role("button", name="Pause the crawl").click()

    expect(page.locator("#attention")).to_contain_text("Paused by Edda")
    expect(page.locator("#activity")).to_contain_text("crawl.pause")
    page.locator("#crawl").get_by_role("button", name="Resume the crawl").click()
    expect(page.get_by_role("button", name="Pause the crawl")).to_be_visible()


def test_a_viewer_sees_figures_and_no_control(panel: PanelServer, open_panel: Callable[..., Page]):
    page = open_panel("/admin/", token=panel.person("Vera", Role.VIEWER))

    expect(page.locator("#crawl")).to_be_visible()
    expect(page.locator("main button")).to_have_count(0)


def test_who_is_dismissed_is_sent_away_from_an_open_panel(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    page = open_panel("/admin/", token=panel.person("Dora", Role.EDITOR))
    expect(page.locator("#crawl")).to_be_visible()

    panel.dismiss("Dora")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_lost_server_is_said_and_no_control_works_until_it_is_back(
    panel: PanelServer, open_panel: Callable[..., Page]
):
    page = open_panel("/admin/", token=panel.person("Lara", Role.EDITOR))
    button = page.get_by_role("button", name="Pause the crawl")
    expect(button).to_be_enabled()

    panel.stop()
    expect(page.get_by_text("Live updates paused")).to_be_visible()
    expect(button).to_be_disabled()
    panel.start()
    page.get_by_role("button", name="Reconnect").click()

    expect(page.get_by_text("Live updates paused")).to_be_hidden()
    expect(button).to_be_enabled()


def _activation_link(panel: PanelServer) -> str:
    command = [sys.executable, "-m", "casper_dash", "admin", "create", "first@example.org"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | panel.settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
