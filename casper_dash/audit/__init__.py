"""Who did what, when, from where and why: appended in the transaction of the deed itself.

`record` writes, `verify` proves that nothing was changed or left out, `entries` pages, `as_csv`
and `as_json` export. Nothing here changes or deletes an entry.
"""

from casper_dash.audit.actor import SYSTEM, Actor
from casper_dash.audit.chain import Verified, record, verify
from casper_dash.audit.export import as_csv, as_json
from casper_dash.audit.reading import Entry, Wanted, actions, entries

__all__ = [
    "SYSTEM",
    "Actor",
    "Entry",
    "Verified",
    "Wanted",
    "actions",
    "as_csv",
    "as_json",
    "entries",
    "record",
    "verify",
]
