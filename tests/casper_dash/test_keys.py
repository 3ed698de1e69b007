"""Keys from SECRET_KEY: sealed and derived for one purpose each."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.keys import Keys, SealBroken, keys_of, stored_secret
from casper_dash.settings import AppSettings
from crawler.settings import SettingsError

KEYS = Keys("k" * 32)


@given(st.text())
def test_what_is_sealed_is_read_again_with_the_same_key_and_purpose(text):
    assert KEYS.unseal("totp", KEYS.seal("totp", text)) == text


@pytest.mark.parametrize(
    ("keys", "purpose"), [(KEYS, "mail"), (Keys("j" * 32), "totp")], ids=["purpose", "key"]
)
def test_no_other_key_or_purpose_reads_it(keys, purpose):
    with pytest.raises(SealBroken):
        keys.unseal(purpose, KEYS.seal("totp", "secret"))


@given(st.integers(0, 100), st.integers(1, 255))
def test_a_changed_seal_is_refused(at, flip):
    sealed = bytearray(KEYS.seal("totp", "a secret of twenty chars").encode())
    sealed[at % len(sealed)] ^= flip
    with pytest.raises((SealBroken, UnicodeDecodeError)):
        KEYS.unseal("totp", bytes(sealed).decode())


def test_the_same_text_is_never_sealed_the_same():
    assert KEYS.seal("totp", "secret") != KEYS.seal("totp", "secret")


def test_derived_keys_differ_by_purpose_and_stay_the_same():
    assert KEYS.derive("a") == Keys("k" * 32).derive("a")
    assert len({KEYS.derive("a"), KEYS.derive("b"), Keys("j" * 32).derive("a")}) == 3
    assert KEYS.mac("a", "text") != KEYS.mac("b", "text")


def test_a_stored_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / ".secret_key"
    made = []
    threads = [threading.Thread(target=lambda: made.append(stored_secret(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 1
    assert len(made[0]) == 43
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_production_stores_no_secret_by_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="SECRET_KEY: empty"):
        keys_of(AppSettings(_env_file=None, environment="production"))

    assert list(tmp_path.iterdir()) == []
