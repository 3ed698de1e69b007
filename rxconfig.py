"""Reflex's settings for the public front end: no server state, one origin, no third party."""

import reflex as rx

from casper_dash.components.browser import BrowserModules

config = rx.Config(
    app_name="casper_dash",
    plugins=[BrowserModules()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    frontend_compression_formats=["gzip", "brotli", "zstd"],
    show_built_with_reflex=False,
    telemetry_enabled=False,
)
