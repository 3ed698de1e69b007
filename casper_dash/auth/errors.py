"""What people can get wrong; each message is one line that may be shown to them.

AuthError          anything that ends a request
  Refused          e-mail, password, code, link or session does not prove anything
  Wait             too many attempts: after `seconds`
  NotAllowed       signed in, but the role is too low
  NotPossible      a rule is against it, or something changed meanwhile
    WeakPassword   the new password can be guessed
"""

import math
from datetime import timedelta


class AuthError(Exception):
    """Ends the request; the message may be shown."""


class Refused(AuthError):
    """Does not prove who asks. The same words whatever was wrong."""

    def __init__(self, message: str = "e-mail, password or code is wrong") -> None:
        super().__init__(message)


class Wait(AuthError):
    """Too many attempts of late."""

    def __init__(self, left: timedelta) -> None:
        self.seconds = max(1, math.ceil(left.total_seconds()))
        super().__init__(f"too many attempts, try again in {self.seconds} s")


class NotAllowed(AuthError):
    """The caller's role is too low."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"this needs the role {needed}")


class NotPossible(AuthError):
    """A rule is against it."""


class WeakPassword(NotPossible):
    """The password is too short, too long, or among the first that are guessed."""
