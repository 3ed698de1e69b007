"""The public front end's Reflex app: wires pages to addresses, and nothing else.

The build without server state. A page is one `add_page` line here and one in the frame's
navigation.
"""

import reflex as rx

from casper_dash.components.theme import ICON, STYLESHEETS
from casper_dash.pages import not_found, overview

app = rx.App(
    enable_state=False,
    toaster=None,
    reset_style=False,
    stylesheets=STYLESHEETS,
    head_components=[
        rx.el.script(src="/config.js"),
        rx.el.link(rel="icon", href=ICON, type="image/svg+xml"),
    ],
    html_lang="en",
)
app.add_page(
    overview.page,
    route=overview.ROUTE,
    title=overview.TITLE,
    description=overview.DESCRIPTION,
    image=ICON,
)
app.add_page(not_found.page, route="404", title=not_found.TITLE, image=ICON)
