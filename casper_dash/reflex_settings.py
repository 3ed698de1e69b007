"""Reflex's settings of the admin panel, which its build and its backend must agree on."""

PANEL_PATH = "/admin"
"""All of the panel lies below this address: pages, socket, sign-in."""

PANEL_REFLEX = {
    "REFLEX_APP_MODULE_IMPORT": "casper_dash.admin.app",
    "REFLEX_FRONTEND_PATH": PANEL_PATH,
    "REFLEX_BACKEND_PATH": PANEL_PATH,
}
"""Environment variables, each of which overrides what `rxconfig.py` says for the public pages."""
