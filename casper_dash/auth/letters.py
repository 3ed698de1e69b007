"""What people are written: invitation, reset, and what changed in their account."""

from casper_dash.auth.links import Link, lasts, link_url
from casper_dash.mail.letter import Letter


def invitation(admin_url: str, email: str, by: str, role: str, token: str) -> Letter:
    """Asks somebody to become a person of the panel."""
    return Letter(
        email,
        "You are invited to Casper Dash",
        (f"{by} invites you to the admin panel of Casper Dash, with the role {role}.",),
        link=link_url(admin_url, Link.INVITATION, token),
        link_text="Choose a password",
        closing=(
            f"This link is good once, for {_hours(Link.INVITATION)}. If you did not expect it,"
            " ignore it: nothing happens.",
        ),
    )


def reset(admin_url: str, email: str, token: str) -> Letter:
    """Lets somebody choose a new password."""
    return Letter(
        email,
        "A new password for Casper Dash",
        ("Somebody, you we hope, asked for a new password for your account in Casper Dash.",),
        link=link_url(admin_url, Link.RESET, token),
        link_text="Choose a new password",
        closing=(
            f"This link is good once, for {_hours(Link.RESET)}. Signing in will ask for your"
            " second factor as always. If it was not you, ignore this: nothing changes.",
        ),
    )


def notice(admin_url: str, email: str, what: str) -> Letter:
    """Tells somebody what changed in their account, whoever did it."""
    return Letter(
        email,
        "Your account in Casper Dash was changed",
        (what, "If you do not know of this, tell an administrator at once."),
        link=admin_url,
        link_text="Open the admin panel",
    )


def _hours(kind: Link) -> str:
    hours = int(lasts(kind).total_seconds() // 3600)
    return "an hour" if hours == 1 else f"{hours} hours"
