"""Devices on which somebody signed in before: they pass the brake that strangers pull.

The cookie is a random name with a MAC that binds it to the account; nothing of it is stored.
"""

import hmac
import re

from casper_dash.auth.random import new_id
from casper_dash.auth.throttle import Subject
from casper_dash.keys import Keys
from casper_dash.mail_address import address_key

_FORM = re.compile(r"([\w-]{22})\.([0-9a-f]{64})", re.ASCII)


def new_device(keys: Keys, email: str) -> str:
    """The cookie's value for a device of this account."""
    name = new_id()
    return f"{name}.{_mac(keys, name, email)}"


def account_subject(keys: Keys, email: str, device: str | None) -> Subject:
    """What counts attempts on an account: the known device by itself, all strangers together."""
    found = _FORM.fullmatch(device or "")
    if found and hmac.compare_digest(_mac(keys, found[1], email), found[2]):
        return Subject("device", found[1])
    return Subject("account", address_key(email))


def _mac(keys: Keys, name: str, email: str) -> str:
    return keys.mac("device", f"{name}:{address_key(email)}")
