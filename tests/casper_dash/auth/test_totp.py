"""One-time codes against RFC 6238, and the window around now."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from casper_dash.auth.models import PERSON, Person
from casper_dash.auth.totp import matching_step, new_secret, use_step
from crawler.database import write_session

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds, code):
    now = datetime.fromtimestamp(seconds, UTC)

    assert matching_step(RFC_SECRET, code[2:], now) == seconds // 30


@given(st.integers(10**9, 4 * 10**9), st.integers(-5, 5))
def test_a_code_counts_a_step_early_and_a_step_late_and_no_further(seconds, steps):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    now = datetime.fromtimestamp(seconds, UTC)
    code = pyotp.TOTP(secret).generate_otp(seconds // 30 + steps)
    found = matching_step(secret, code, now)

    if abs(steps) <= 1:
        assert found is not None
    else:
        near = {pyotp.TOTP(secret).generate_otp(seconds // 30 + at) for at in (-1, 0, 1)}
        assert (found is None) == (code not in near)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "12345x", "１２３４５６", "12345\n", " 123456"]
)
def test_what_is_no_six_digits_is_no_code(code):
    assert matching_step(RFC_SECRET, code, datetime.now(UTC)) is None


def test_secrets_are_160_bits_and_never_the_same():
    secrets = {new_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_a_step_is_used_once_and_no_earlier_one_after_it(engine):
    row = {"id": "ana", "email": "a@b", "name": "A", "role": "viewer", "state": "active"}
    with write_session(engine) as session:
        session.execute(insert(Person).values(**row, created_at=datetime(2026, 1, 1, tzinfo=UTC)))
        assert use_step(session, "ana", 100)
        assert not use_step(session, "ana", 100)
        assert not use_step(session, "ana", 99)
        assert use_step(session, "ana", 101)
        assert session.execute(select(PERSON.totp_step)).scalar() == 101
        assert not use_step(session, "bo", 200)


def test_a_step_of_the_far_future_is_none_of_now():
    later = datetime.now(UTC) + timedelta(hours=1)

    assert matching_step(RFC_SECRET, pyotp.TOTP(RFC_SECRET).at(later), datetime.now(UTC)) is None
