"""The look: style sheets in order, and the switch between light, dark and the system's theme."""

import reflex as rx

from casper_dash.components.browser import hook, var
from casper_dash.components.icons import icon

ICON = "/favicon.svg"
STYLESHEETS = ["/css/tokens.css", "/css/base.css", "/css/frame.css", "/css/panels.css"]

_CHOICES = {"light": "sun", "dark": "moon", "system": "system"}
_THEME = hook("theme", "useThemeChoice", "const themeChoice = useThemeChoice()")


def theme_switch() -> rx.Component:
    """Three buttons, the chosen one pressed; the choice is kept in the browser."""
    return rx.el.div(
        *(_button(choice, symbol) for choice, symbol in _CHOICES.items()),
        class_name="segmented",
        role="group",
        aria_label="Theme",
    )


def _button(choice: str, symbol: str) -> rx.Component:
    chosen = var(f'themeChoice.chosen === "{choice}"', _THEME, bool)
    choose = var(f'() => themeChoice.choose("{choice}")', _THEME).to(rx.EventChain)
    return rx.el.button(
        icon(symbol),
        type="button",
        title=f"{choice.capitalize()} theme",
        aria_label=f"{choice.capitalize()} theme",
        aria_pressed=chosen,
        on_click=choose,
    )
