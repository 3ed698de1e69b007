"""What the panel's pages of people, tokens and audit read, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session

from casper_dash.audit import Actor, record
from casper_dash.auth.models import ApiToken, OneTimeLink, Passkey, Person
from casper_dash.auth.recovery import make_codes, use_code
from casper_dash.auth.sessions import IDLE, Client, begin
from casper_dash.keys import Keys
from casper_dash.mail.letter import Letter
from casper_dash.mail.outbox import failed, post, sent
from casper_dash.queries.operation.audit import actors, newest_number
from casper_dash.queries.operation.people import Own, around, invitations, own
from casper_dash.queries.operation.tokens import tokens

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = Keys("n3kV0bJ8dXq5zR7wT2yF9mLs4hGc6PaE")


def test_only_what_is_live_is_counted_for_a_person(engine: Engine):
    with Session(engine) as session:
        for at in (NOW, NOW - IDLE):
            begin(session, "ana", Client("192.0.2.1", "test"), at, over_tls=True)
        for number, expires, revoked in ((1, NOW + DAY, None), (2, NOW, None), (3, NOW + DAY, NOW)):
            session.execute(insert(ApiToken).values(_token(number, expires, revoked_at=revoked)))
        session.execute(insert(Passkey).values(_passkey()))
        session.commit()

        found = around(session, NOW)

    assert (found.sessions, found.tokens, found.passkeys) == ({"ana": 1}, {"ana": 1}, {"ana": 1})


def test_an_invitation_is_open_while_its_link_is_good_and_tells_of_its_newest_letter(
    engine: Engine,
):
    with Session(engine) as session:
        for name, expires in (("bo", NOW + DAY), ("cy", NOW), ("di", NOW + DAY)):
            session.execute(insert(Person).values(_person(name, state="invited")))
            session.execute(insert(OneTimeLink).values(_link(name, expires)))
        first = _post(session, "bo", NOW - timedelta(hours=2))
        failed(session, first, 0, "connection refused", NOW)
        second = _post(session, "bo", NOW - timedelta(hours=1))
        sent(session, second, NOW)
        session.commit()

        found = invitations(session, NOW)

    assert set(found) == {"bo", "di"}
    assert (found["bo"].expires_at, found["bo"].letter, found["bo"].error) == (
        NOW + DAY,
        "sent",
        "",
    )
    assert found["di"].letter == ""


def test_ones_own_proofs_are_told_without_any_secret(engine: Engine):
    with Session(engine) as session:
        known = {"password_at": NOW, "totp_secret": "sealed"}
        session.execute(insert(Person).values(_person("ana") | known))
        session.execute(insert(Person).values(_person("bo")))
        codes = make_codes(session, KEYS, "ana")
        assert use_code(session, KEYS, "ana", codes[0], NOW)
        session.commit()

        assert own(session, "ana") == Own(NOW, True, 9)
        assert own(session, "bo") == Own(None, False, 0)


def test_tokens_are_paged_newest_first_also_within_a_moment(engine: Engine):
    with Session(engine) as session:
        session.execute(insert(Person).values(_person("ana")))
        session.execute(insert(Person).values(_person("bo", state="deactivated")))
        for number in range(5):
            session.execute(insert(ApiToken).values(_token(number, NOW + DAY)))
        session.execute(insert(ApiToken).values(_token(9, NOW + DAY, person_id="bo")))
        session.commit()

        first = tokens(session, owner_id="ana", limit=3)
        place = (first[-1].created_at, first[-1].id)
        rest = tokens(session, owner_id="ana", before=place, limit=3)
        everybody = tokens(session)

    assert [token.id for token in (*first, *rest)] == ["t4", "t3", "t2", "t1", "t0"]
    assert {token.owner: token.owner_active for token in everybody} == {"ana": True, "bo": False}


def test_whoever_did_something_is_known_by_the_last_name(engine: Engine):
    with Session(engine) as session:
        assert newest_number(session) == 0
        for name in ("Bo", "Bob"):
            record(session, Actor("bo", name, "192.0.2.1"), "crawl.pause", "crawl")
        record(session, Actor("ana", "Ana", "192.0.2.1"), "crawl.pause", "crawl")
        session.commit()

        assert list(actors(session).items()) == [("ana", "Ana"), ("bo", "Bob")]
        assert newest_number(session) == 3


def _person(name: str, state: str = "active") -> dict[str, Any]:
    return {
        "id": name,
        "email": f"{name}@example.org",
        "name": name,
        "role": "viewer",
        "state": state,
        "created_at": NOW,
    }


def _link(name: str, expires: datetime) -> dict[str, Any]:
    return {
        "token_hash": name.encode().hex().ljust(64, "0"),
        "kind": "invitation",
        "person_id": name,
        "created_at": NOW,
        "expires_at": expires,
    }


def _token(number: int, expires: datetime, **other: Any) -> dict[str, Any]:
    row = {
        "token_hash": f"{number:064}",
        "id": f"t{number}",
        "person_id": "ana",
        "name": "ci",
        "scopes": "read",
        "created_at": NOW,
        "expires_at": expires,
    }
    return row | other


def _passkey() -> dict[str, Any]:
    return {
        "id": "0" * 64,
        "person_id": "ana",
        "credential_id": "00",
        "public_key": "00",
        "sign_count": 0,
        "name": "Laptop",
        "created_at": NOW,
    }


def _post(session: Session, name: str, at: datetime) -> str:
    return post(session, KEYS, Letter(f"{name}@example.org", "Hello", ("Come.",)), at, DAY)
