"""Mail addresses: which are taken, and in what form two of them are compared."""

import re

MAX_LENGTH = 254
"""RFC 5321 leaves so much for a path."""
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# what HTML's own field for addresses takes; ASCII alone, so no two that look alike
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*")


def is_mail_address(text: str) -> bool:
    """Whether it is one plain address, without a name, blanks or line ends."""
    return len(text) <= MAX_LENGTH and _ADDRESS.fullmatch(text) is not None


def address_key(address: str) -> str:
    """The form in which addresses are compared: mailboxes that differ in case alone are one."""
    return address.strip().casefold()
