"""Reflex's settings for both builds: one origin, no third party. The panel's own are in
`casper_dash.reflex_settings`."""

import reflex as rx

from casper_dash.components.browser import BrowserModules
from casper_dash.components.own_origin import OwnOrigin

config = rx.Config(
    app_name="casper_dash",
    plugins=[BrowserModules(), OwnOrigin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    frontend_compression_formats=["gzip", "brotli", "zstd"],
    show_built_with_reflex=False,
    telemetry_enabled=False,
)
