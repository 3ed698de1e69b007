"""The audit: appended with the deed, whole or told where it is not."""

import csv
import io
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from casper_dash.audit import (
    SYSTEM,
    Actor,
    Wanted,
    actions,
    as_csv,
    as_json,
    entries,
    record,
    verify,
)
from casper_dash.audit.models import AUDIT_ENTRY, AUDIT_HEAD, AuditEntry, AuditHead
from casper_dash.audit.values import MAX_LENGTH, canonical
from crawler.database import read_session, transact, write_session
from tests.databases import dump

ANA = Actor("ana-id", "Ana", "192.0.2.1")
BO = Actor("bo-id", "Bo", "192.0.2.2")


def write(engine, *, actor=ANA, action="transfer.approve", what="transfer 7/0", **values):
    with write_session(engine) as session:
        record(session, actor, action, what, **values)


def found(engine, **wanted):
    with read_session(engine) as session:
        return [entry.number for entry in entries(session, Wanted(**wanted))]


def verified(engine):
    with read_session(engine) as session:
        return verify(session)


@pytest.fixture
def three(engine):
    write(engine, after={"approved": True}, reason="agreed")
    write(engine, actor=BO, action="person.role", what="person ana-id", before="viewer")
    write(engine, actor=SYSTEM, what="transfer 8/1", reason="100% certain")
    return engine


def test_an_entry_says_who_did_what_to_what_from_where_and_why(engine):
    write(engine, before={"approved": None}, after={"approved": True}, reason="agreed")

    with read_session(engine) as session:
        [entry] = entries(session, Wanted())
    assert (entry.number, entry.actor_id, entry.actor_name) == (1, "ana-id", "Ana")
    assert (entry.address, entry.action, entry.object) == (
        "192.0.2.1",
        "transfer.approve",
        "transfer 7/0",
    )
    assert json.loads(entry.before) == {"approved": None}
    assert json.loads(entry.after) == {"approved": True}
    assert entry.reason == "agreed"
    assert timedelta(0) <= datetime.now(UTC) - entry.at < timedelta(minutes=5)


def test_an_entry_goes_with_the_deed_that_fails(engine):
    def deed():
        with write_session(engine) as session:
            record(session, ANA, "transfer.approve", "transfer 7/0")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        deed()

    assert found(engine) == []
    assert verified(engine).whole


def test_an_untouched_chain_is_whole(three):
    told = verified(three)

    assert (told.count, told.fault) == (3, None)


def test_an_empty_chain_is_whole(engine):
    assert verified(engine) == verified(engine).__class__(0, None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_id", "eve-id"),
        ("actor_name", "Eve"),
        ("address", "192.0.2.9"),
        ("action", "transfer.reject"),
        ("object", "transfer 7/1"),
        ("before", "{}"),
        ("after", '{"approved":false}'),
        ("reason", "because"),
        ("at", datetime(2026, 1, 1, tzinfo=UTC)),
        ("digest", "ab" * 32),
    ],
)
def test_whatever_of_an_entry_is_changed_is_found(three, column, value):
    with write_session(three) as session:
        session.execute(update(AuditEntry).where(AUDIT_ENTRY.number == 2).values({column: value}))

    told = verified(three)
    assert told.count == 1
    assert told.fault == "entry 2 is not as it was written"


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (1, "entry 1 is missing"),
        (2, "entry 2 is missing"),
        (3, "the head does not name entry 2 as the newest"),
    ],
)
def test_an_entry_that_was_deleted_is_missed(three, number, fault):
    with write_session(three) as session:
        session.execute(delete(AuditEntry).where(AUDIT_ENTRY.number == number))

    assert verified(three).fault == fault


def test_a_head_that_was_deleted_is_missed(three):
    with write_session(three) as session:
        session.execute(delete(AuditHead))

    assert not verified(three).whole


def test_writers_at_once_make_one_chain(engine):
    ready = threading.Barrier(4)

    def writer(name):
        ready.wait()
        for number in range(5):
            transact(engine, lambda session: record(session, ANA, name, f"thing {number}"))  # noqa: B023

    threads = [threading.Thread(target=writer, args=[f"writer-{n}"]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verified(engine).count == 20
    assert verified(engine).whole


def test_a_chain_longer_than_a_batch_is_read_to_its_end(engine):
    with write_session(engine) as session:
        for number in range(201):
            record(session, ANA, "thing.do", f"thing {number}")

    assert verified(engine).count == 201
    with read_session(engine) as session:
        assert len(list(as_json(session, Wanted()))) == 201


@dataclass(frozen=True)
class Secretive:
    email: str
    password_hash: str


@pytest.mark.parametrize(
    "value",
    [
        {"password": "hunter2"},
        {"person": [{"totp_secret": "hunter2"}]},
        {"Token": "hunter2"},
        {"recovery_codes": ["hunter2"]},
        Secretive("ana@example.org", "hunter2"),
        ({"smtp_password": {"a": "hunter2"}},),
    ],
)
def test_a_secret_is_not_recorded(engine, value):
    write(engine, before=value, after=value)

    assert "hunter2" not in str(dump(engine, "audit_entry"))


def test_hashes_of_the_chain_are_no_secrets():
    assert canonical({"account_hash": "00ab", "public_key": "01cd"}) == (
        '{"account_hash":"00ab","public_key":"01cd"}'
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.integers().map(str), inner),
    )
)
def test_a_value_is_recorded_as_it_is(value):
    text = canonical(value)

    assert (None if text is None else json.loads(text)) == value


def test_the_order_of_keys_does_not_change_a_value():
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})


def test_times_and_sets_have_one_spelling():
    when = datetime(2026, 11, 24, 13, tzinfo=UTC)

    assert canonical({"at": when, "of": {"b", "a"}}) == (
        '{"at":"2026-11-24T13:00:00+00:00","of":["a","b"]}'
    )


def test_a_value_without_end_is_refused():
    with pytest.raises(ValueError, match="at most"):
        canonical("x" * MAX_LENGTH)


@pytest.mark.parametrize("field", ["action", "what", "reason"])
def test_a_text_longer_than_its_column_is_refused_on_every_database(engine, field):
    with pytest.raises(ValueError, match="at most"):
        write(engine, **{field: "x" * 1001})


def test_a_filter_of_each_kind_finds_its_entries_newest_first(three):
    assert found(three) == [3, 2, 1]
    assert found(three, actor="ana-id") == [1]
    assert found(three, action="transfer.approve") == [3, 1]
    assert found(three, object="transfer ") == [3, 1]
    assert found(three, address="192.0.2.2") == [2]
    assert found(three, text="AGREED") == [1]
    assert found(three, text="viewer") == [2]
    assert found(three, since=datetime(2100, 1, 1, tzinfo=UTC)) == []
    assert found(three, until=datetime(2100, 1, 1, tzinfo=UTC)) == [3, 2, 1]
    assert found(three, actor="ana-id", action="person.role") == []


@pytest.mark.parametrize("text", ["%", "100%", "_", "' OR 1=1 --"])
def test_wildcards_in_a_search_are_plain_characters(three, text):
    assert found(three, text=text) == ([3] if "%" in text else [])


def test_pages_go_on_below_the_last_number(three):
    with read_session(three) as session:
        first = entries(session, Wanted(), limit=2)
        second = entries(session, Wanted(), before=first[-1].number, limit=2)
        assert actions(session) == ["person.role", "transfer.approve"]

    assert [entry.number for entry in first + second] == [3, 2, 1]


def test_csv_has_a_header_and_no_cell_that_a_spreadsheet_would_work_out(engine):
    write(engine, reason='=HYPERLINK("http://evil.example/","x")', what="+1")

    with read_session(engine) as session:
        header, line = list(csv.reader(io.StringIO("".join(as_csv(session, Wanted())))))
    cells = dict(zip(header, line, strict=True))
    assert cells["reason"] == '\'=HYPERLINK("http://evil.example/","x")'
    assert cells["object"] == "'+1"
    assert cells["before"] == ""


def test_json_holds_values_as_they_were_recorded(three):
    with read_session(three) as session:
        lines = [json.loads(line) for line in as_json(session, Wanted())]

    assert [line["after"] for line in lines] == [None, None, {"approved": True}]
    assert [line["before"] for line in lines] == [None, "viewer", None]


def test_the_head_carries_the_newest_digest(three):
    with read_session(three) as session:
        newest = entries(session, Wanted(), limit=1)[0].digest
        assert session.execute(select(AUDIT_HEAD.digest)).scalar_one() == newest
