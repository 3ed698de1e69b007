"""Icons as paths of our own on a 16 × 16 grid, drawn with the text's colour."""

import reflex as rx

_PATHS = {
    "alert": "M8 2 1.8 13h12.4L8 2Zm0 4.5v3M8 11.4v.1",
    "check": "m3 8.5 3.2 3.2L13 5",
    "copy": "M6 5.5h7.5V13H6V5.5ZM3 10.5H2.5V3H10v.5",
    "halt": "M5.5 3.5v9M10.5 3.5v9",
    "moon": "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
    "offline": "M2 2l12 12M5 7.4A5 5 0 0 1 8 6.5m3 .9a5 5 0 0 1 1.2.9M2.5 5.2A9 9 0 0 1 4.6 4"
    "M8 3.2c2.1 0 4 .8 5.5 2M8 11.8v.1",
    "person": "M8 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM2.8 13.8a5.2 5.2 0 0 1 10.4 0",
    "play": "M5 3.2v9.6l7.5-4.8L5 3.2Z",
    "sun": "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15"
    "M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
    "sync": "M13 6.5A5.3 5.3 0 0 0 3.2 6M3 2.8V6h3.2M3 9.5a5.3 5.3 0 0 0 9.8.5M13 13.2V10H9.8",
    "system": "M2 3h12v8H2V3Zm4 10.5h4M8 11v2.5",
}


def icon(name: str) -> rx.Component:
    """One icon; decoration only, so text always stands beside it or labels its button."""
    return rx.el.svg(
        rx.el.path(d=_PATHS[name]),
        view_box="0 0 16 16",
        class_name="icon",
        custom_attrs={"aria-hidden": "true"},
    )
