"""What of the older tables takes more than one row: accounts, the unlock schedule, peers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crawler.legacy.fields import Fields
from crawler.legacy.mapping import peer_row
from crawler.parse.keys import account_hash, is_hash, is_public_key

_ACCOUNT = "account-hash-"


class Accounts:
    """Known accounts, of which the older table can hold several rows."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, str | None]] = {}

    def add(self, fields: Fields) -> None:
        """Takes what a row knows more; rows of purses are passed over."""
        held = fields.text("hash").lower().removeprefix(_ACCOUNT)
        if not is_hash(held):
            return
        row = self._rows.setdefault(held, dict.fromkeys(("public_key", "name", "comment")))
        public_key = fields.text("hex").lower()
        # it was stored without a check whose key it is
        if is_public_key(public_key) and account_hash(public_key) == held:
            row["public_key"] = public_key
        row["name"] = row["name"] or fields.text("name")[:100] or None
        row["comment"] = row["comment"] or fields.text("comment") or None

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows of `known_account`, by account hash; none that knows nothing."""
        for held in sorted(self._rows):
            if any(self._rows[held].values()):
                yield {"account_hash": held, **self._rows[held]}


class Schedule:
    """The validators' unlock schedule; steps at one time are one step."""

    def __init__(self) -> None:
        self._steps: dict[datetime, int] = {}

    def add(self, fields: Fields) -> None:
        date = fields.server_time("timestamp")
        self._steps[date] = self._steps.get(date, 0) + fields.motes("amount")

    def rows(self, schedule: int) -> list[dict[str, Any]]:
        """Rows of `unlock`."""
        steps = sorted(self._steps.items())
        return [{"schedule": schedule, "date": date, "amount": amount} for date, amount in steps]


class Peers:
    """The newest list of peers, one row an address."""

    def __init__(self) -> None:
        self._version = -1
        self._rows: dict[str, dict[str, Any]] = {}
        self.seen_at: datetime | None = None

    def add(self, fields: Fields) -> None:
        """Rows of older lists are passed over."""
        version = fields.whole("version")
        if version < self._version:
            return
        if version > self._version:
            self._version, self._rows = version, {}
            self.seen_at = fields.utc_time("catch_time")
        row = peer_row(fields)
        self._rows.setdefault(row["address"], row)

    def rows(self, version: int) -> list[dict[str, Any]]:
        """Rows of `peer`."""
        return [{**row, "version": version} for row in self._rows.values()]
