"""The brake: guessing gets slower and slower, owners are never locked out for good."""

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.auth.devices import account_subject, new_device
from casper_dash.auth.throttle import Subject, delay, faded, forget_old, forgive, take
from casper_dash.keys import Keys
from crawler.database import transact, write_session
from tests.databases import dump

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACCOUNT = Subject("account", "ana@example.org")


def wait(engine, now, *subjects):
    with write_session(engine) as session:
        left = take(session, list(subjects or [ACCOUNT]), now)
    return None if left is None else left.total_seconds()


def test_the_first_failures_cost_nothing_and_each_further_one_twice_the_wait(engine):
    now = NOW
    for _ in range(5):
        assert wait(engine, now) is None
    for seconds in (1, 2, 4, 8):
        assert wait(engine, now) is None
        assert wait(engine, now) == seconds
        now += timedelta(seconds=seconds)


def test_an_attempt_that_must_wait_is_not_counted(engine):
    for _ in range(6):
        wait(engine, NOW)
    before = dump(engine, "attempt")
    assert wait(engine, NOW) == 1

    assert dump(engine, "attempt") == before


@given(st.integers(0, 10**6), st.integers(0, 100))
def test_a_wait_never_passes_a_quarter_of_an_hour_and_never_shrinks_with_failures(failures, free):
    subject = Subject("account", "x", free)

    assert timedelta(0) <= delay(failures, subject) <= timedelta(minutes=15)
    assert delay(failures + 1, subject) >= delay(failures, subject)


@given(st.integers(0, 10**6), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_failures_fade_with_time(failures, since):
    assert 0 <= faded(failures, since) <= failures
    assert faded(failures, since + timedelta(minutes=15)) <= faded(failures, since)
    assert faded(failures, timedelta(hours=24)) == 0


def test_a_quiet_day_forgets_all(engine):
    for _ in range(6):
        wait(engine, NOW)
    assert wait(engine, NOW + timedelta(days=1)) is None
    with write_session(engine) as session:
        forget_old(session, NOW + timedelta(days=3))

    assert dump(engine, "attempt") == {"attempt": []}


def test_being_right_forgets_the_failures(engine):
    for _ in range(6):
        wait(engine, NOW)
    with write_session(engine) as session:
        forgive(session, ACCOUNT)

    assert wait(engine, NOW) is None


def test_many_at_once_get_no_further_than_one_after_the_other(engine):
    through = []
    ready = threading.Barrier(4)

    def guess():
        ready.wait()
        answers = [transact(engine, lambda session: take(session, [ACCOUNT], NOW)) for _ in "12345"]
        through.extend(answer for answer in answers if answer is None)

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(through) == 6


def test_what_is_typed_is_not_stored(engine):
    wait(engine, NOW, Subject("account", "my-password"))

    assert "my-password" not in str(dump(engine))


def test_a_device_cookie_counts_for_its_own_account_alone():
    keys = Keys("k" * 32)
    device = new_device(keys, "Ana@example.org")

    assert account_subject(keys, "ana@EXAMPLE.org", device).kind == "device"
    assert account_subject(keys, "bo@example.org", device).kind == "account"
    assert account_subject(Keys("j" * 32), "ana@example.org", device).kind == "account"
    assert account_subject(keys, "ana@example.org", device[:-1]).kind == "account"
    assert account_subject(keys, "ana@example.org", None).kind == "account"
