import pytest

from crawler.sandbox import accounts

from . import recorded


def test_the_system_account_is_the_one_that_real_networks_have():
    known = "6174cf2e6f8fed1715c9a3bace9c50bfe572eecb763b0ed3f644532616452008"

    assert known == accounts.SYSTEM_ACCOUNT_HASH


def test_account_hashes_follow_the_rule_for_both_algorithms():
    ed25519 = accounts.account_hash(
        "015c56dba6e89b748f3aaa596a67ae09d89cfafb4bbd3d4a49ebe4e90a167f4a18"
    )
    secp256k1 = accounts.account_hash(
        "0203e7095eaff349603249b32cd09d9c5413bcf30c4aec9eb01489309a66253ca448"
    )

    assert ed25519 == "2d264ab6b8a343911e25bec39997effd82535cba0a5846f88f98de4c248ea03c"
    assert secp256k1 == "5d7d84e16293b0ddbadd9d17c6a906e8a39bcf6e9d1184adaf96db82685485e0"


def test_public_keys_are_well_formed_in_both_algorithms():
    keys = [accounts.account(f"anyone {number}").public_key for number in range(40)]

    assert {key[:2] for key in keys} == {"01", "02"}
    assert {len(key) for key in keys if key.startswith("01")} == {66}
    assert {(len(key), key[2:4] in ("02", "03")) for key in keys if key[:2] == "02"} == {(68, True)}


@recorded.needs_answers
@pytest.mark.parametrize(
    "name", recorded.names("chain_get_block/*checksummed*.json") or ["none recorded"]
)
def test_checksummed_hex_is_what_1_4_3_nodes_wrote(name: str):
    block = recorded.block_of(recorded.result(name))
    written = [block["hash"], block["header"]["parent_hash"], block["body"]["proposer"]]
    written += [proof["public_key"] for proof in block["proofs"]]

    assert [accounts.checksummed(each.lower()) for each in written] == written
