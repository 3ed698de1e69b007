"""One-time links: of their kind, once, until they expire."""

from datetime import UTC, datetime, timedelta

import pytest

from casper_dash.auth.links import (
    ACTIVATING,
    Link,
    cancel_links,
    lasts,
    link_url,
    make_link,
    owner_of,
    use_link,
)
from crawler.database import write_session

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", list(Link))
def test_a_link_is_of_its_kind_and_good_once_until_it_expires(engine, kind):
    before, after = NOW + lasts(kind) - timedelta(seconds=1), NOW + lasts(kind)
    others = tuple(set(Link) - {kind})
    with write_session(engine) as session:
        token = make_link(session, kind, "ana", NOW)
        assert owner_of(session, others, token, NOW) is None
        assert use_link(session, others, token, NOW) is None
        assert owner_of(session, (kind,), token, after) is None
        assert owner_of(session, (kind,), token[:-1], NOW) is None
        assert use_link(session, (kind,), token, before) == "ana"
        assert use_link(session, (kind,), token, before) is None


def test_a_new_link_ends_the_persons_earlier_ones_and_nobody_elses(engine):
    with write_session(engine) as session:
        first = make_link(session, Link.INVITATION, "ana", NOW)
        others = make_link(session, Link.INVITATION, "bo", NOW)
        second = make_link(session, Link.ACTIVATION, "ana", NOW)
        assert owner_of(session, ACTIVATING, first, NOW) is None
        assert owner_of(session, ACTIVATING, second, NOW) == "ana"
        assert owner_of(session, ACTIVATING, others, NOW) == "bo"
        cancel_links(session, "bo")
        assert owner_of(session, ACTIVATING, others, NOW) is None


def test_the_token_stands_where_no_server_sees_it():
    assert link_url("https://x/admin", Link.RESET, "t") == "https://x/admin/reset#t"
    assert link_url("https://x/admin", Link.INVITATION, "t") == "https://x/admin/activation#t"
    assert link_url("https://x/admin", Link.ACTIVATION, "t") == "https://x/admin/activation#t"
