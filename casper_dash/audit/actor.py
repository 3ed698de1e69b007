"""Who does something."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person, or the system itself.

    `name` is the display name at that time, `address` the client's IP address, empty for the
    system.
    """

    id: str
    name: str
    address: str


SYSTEM = Actor(id="system", name="System", address="")
