"""Sends the panel's socket to the page's own origin, whatever address that is.

Reflex writes the backend's address into its build, port included. One build has to serve every
installation, as the public pages do.
"""

from pathlib import Path
from typing import Any

import reflex as rx
import reflex_base

_FILE = "utils/state.js"
_TEMPLATE = Path(reflex_base.__file__).parent / ".templates" / "web" / _FILE
_ADDRESS = "const endpoint = new URL(url_str);"
_OWN_ADDRESS = """const written = new URL(url_str);
  const endpoint = new URL(written.pathname, globalThis.location?.href ?? url_str);
  const secure = endpoint.protocol === "https:" ? "s:" : ":";
  endpoint.protocol = written.protocol.replace(/^(ws|http)s?:$/, `$1${secure}`);"""
# what follows in that function would take the port away again
_HOSTS = "SAME_DOMAIN_HOSTNAMES.includes(endpoint.hostname)"


class OwnOrigin(rx.plugins.Plugin):
    """Changes how Reflex's script finds the backend, or fails the build."""

    def pre_compile(self, **context: Any) -> None:
        """Asks for the change."""
        # not of what stands there: an earlier build may have changed it already
        context["add_modify_task"](_FILE, lambda _earlier: to_own_origin(script_of_reflex()))


def script_of_reflex() -> str:
    """Its state.js, unchanged."""
    return _TEMPLATE.read_text("utf-8")


def to_own_origin(script: str) -> str:
    """Reflex's state.js with the backend at the page's origin.

    Raises ValueError when it is not the script that this was written for.
    """
    for before, after in ((_ADDRESS, _OWN_ADDRESS), (_HOSTS, "false")):
        if script.count(before) != 1:
            raise ValueError(f"{_FILE} of this Reflex is another one: {before!r} is not there once")
        script = script.replace(before, after)
    return script
