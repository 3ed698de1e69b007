"""What a person may do. Each role may all that the ones below it may."""

from enum import StrEnum


class Role(StrEnum):
    """Compare with `<` and `>=`: `person.role >= Role.EDITOR`."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"

    def __lt__(self, other: str) -> bool:
        return _RANKS[self] < _RANKS[Role(other)]

    def __le__(self, other: str) -> bool:
        return _RANKS[self] <= _RANKS[Role(other)]

    def __gt__(self, other: str) -> bool:
        return _RANKS[self] > _RANKS[Role(other)]

    def __ge__(self, other: str) -> bool:
        return _RANKS[self] >= _RANKS[Role(other)]


_RANKS = {role: rank for rank, role in enumerate(Role)}
