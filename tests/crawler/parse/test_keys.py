import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.keys import (
    SYSTEM_ACCOUNT_HASH,
    account_hash,
    is_hash,
    is_public_key,
    is_uref,
)


@pytest.mark.parametrize(
    ("public_key", "expected"),
    [  # both seen on mainnet
        (
            "015c56dba6e89b748f3aaa596a67ae09d89cfafb4bbd3d4a49ebe4e90a167f4a18",
            "2d264ab6b8a343911e25bec39997effd82535cba0a5846f88f98de4c248ea03c",
        ),
        (
            "0203e7095eaff349603249b32cd09d9c5413bcf30c4aec9eb01489309a66253ca448",
            "5d7d84e16293b0ddbadd9d17c6a906e8a39bcf6e9d1184adaf96db82685485e0",
        ),
    ],
)
def test_an_account_hash_comes_from_algorithm_and_key(public_key, expected):
    assert account_hash(public_key) == expected
    assert account_hash(public_key.upper()) == expected


def test_the_system_account_is_the_one_that_stake_moves_to():
    known = "6174cf2e6f8fed1715c9a3bace9c50bfe572eecb763b0ed3f644532616452008"

    assert SYSTEM_ACCOUNT_HASH == account_hash("00") == known


@given(st.text())
def test_no_other_text_has_an_account_hash(text):
    if not is_public_key(text) and text != "00":
        with pytest.raises(ValueError, match="no public key"):
            account_hash(text)


@pytest.mark.parametrize("length", [65, 67, 68])
def test_an_ed25519_key_has_66_digits(length):
    assert is_public_key("01" + "a" * 64)
    assert not is_public_key("01" + "a" * (length - 2))


@pytest.mark.parametrize("text", ["02" + "b" * 64, "03" + "b" * 64, "00", "02" + "g" * 66])
def test_a_secp256k1_key_has_68_digits(text):
    assert is_public_key("02" + "b" * 66)
    assert not is_public_key(text)


def test_a_hash_has_64_digits_and_nothing_else():
    assert is_hash("0aF" + "1" * 61)
    assert not is_hash("1" * 64 + "\n")
    assert not is_hash("hash-" + "1" * 64)


def test_a_uref_ends_in_its_access_rights():
    assert is_uref(f"uref-{'1' * 64}-007")
    assert not is_uref(f"uref-{'1' * 64}")
    assert not is_uref(f"uref-{'1' * 64}-008")
