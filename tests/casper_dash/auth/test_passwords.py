"""Passwords: which are refused, and how they are hashed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from casper_dash.auth.errors import WeakPassword
from casper_dash.auth.passwords import check_password, hash_password, verify_password


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "orbit-velvet-quasar-19",
        "ключ от старого шкафа",
        "x7#Kq9!mZp2$",
        "a sentence of many words, none of them rare, is good enough " * 2,
    ],
)
def test_long_enough_and_hard_to_guess_is_enough(password):
    check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "x7#Kq9!mZp2",
        "x" * 129,
        "passwordpassword",
        "Password1234!",
        "123456789012",
        "qwertyuiopasdf",
        "aaaaaaaaaaaaaaaa",
        "iloveyou1234",
        "monkeydragon",
        "letmeinletmein",
    ],
)
def test_short_endless_or_common_ones_are_refused(password):
    with pytest.raises(WeakPassword):
        check_password(password)


@pytest.mark.parametrize("password", ["ana.lopez@example.org", "ana.lopez1234", "Ana Lopez 2026"])
def test_what_says_who_one_is_is_no_password(password):
    with pytest.raises(WeakPassword):
        check_password(password, of=("ana.lopez@example.org", "Ana Lopez"))


def test_the_hash_is_argon2id_with_owasps_parameters_and_a_salt_of_its_own():
    first, second = hash_password("a password"), hash_password("a password")

    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@hypothesis_settings(max_examples=10)
@given(st.text(max_size=128), st.text(max_size=128))
def test_a_password_verifies_and_another_does_not(password, other):
    held = hash_password(password)
    same = unicodedata.normalize("NFC", password) == unicodedata.normalize("NFC", other)

    assert verify_password(password, held) == (True, None)
    assert verify_password(other, held)[0] == same


def test_accents_typed_on_another_keyboard_are_the_same():
    assert verify_password("ame\u0301lie", hash_password("am\u00e9lie"))[0]


@pytest.mark.parametrize("password", ["", "whoever this is", "x" * 10_000, "\x00"])
def test_without_a_hash_no_password_is_right(password):
    assert verify_password(password, None) == (False, None)
