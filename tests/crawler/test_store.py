"""Storing: whole or not at all, once, and never a block that its neighbours contradict."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from crawler.database import transact, write_session
from crawler.fetch import FetchedBlock
from crawler.models.chain import BLOCK, KNOWN_ACCOUNT, REWARD
from crawler.network import Network
from crawler.parse.keys import account_hash
from crawler.store import BrokenLink, learn_accounts, store_blocks
from tests.crawler import storing
from tests.databases import dump

OTHER = "ab" * 32


def altered(item: FetchedBlock, **changes: object) -> FetchedBlock:
    return replace(item, block=replace(item.block, **changes))


@pytest.fixture
def begun(engine: Engine, network: Network) -> Engine:
    storing.begin(engine, network)
    return engine


def test_a_batch_that_is_held_changes_nothing(begun: Engine, fetched):
    storing.store(begun, fetched[:10])
    before = dump(begun)

    assert transact(begun, partial(store_blocks, fetched=fetched[:10], indexed=["all"])) == 0
    assert dump(begun) == before


def test_only_what_is_new_of_a_batch_is_stored(begun: Engine, fetched):
    storing.store(begun, fetched[3:6])

    assert transact(begun, partial(store_blocks, fetched=fetched[:10], indexed=["all"])) == 7


@pytest.mark.parametrize(
    ("held", "wrong", "height"),
    [
        (5, {"hash": OTHER}, 5),
        (4, {"parent_hash": OTHER}, 4),
        (6, {"hash": OTHER}, 5),
    ],
    ids=["another hash for a held height", "another parent", "a child that names another"],
)
def test_a_block_that_contradicts_a_held_one_is_refused_whole(
    begun: Engine, fetched, held: int, wrong: dict[str, str], height: int
):
    storing.store(begun, fetched[held : held + 1])
    before = dump(begun)
    batch = [altered(fetched[5], **wrong), fetched[20]]
    with pytest.raises(BrokenLink) as caught:
        transact(begun, partial(store_blocks, fetched=batch))

    assert caught.value.height == height
    assert OTHER in str(caught.value)
    assert dump(begun) == before


def test_blocks_of_one_batch_must_link_too(begun: Engine, fetched):
    with pytest.raises(BrokenLink):
        transact(
            begun,
            partial(store_blocks, fetched=[fetched[5], altered(fetched[6], parent_hash=OTHER)]),
        )


def test_rewards_are_kept_of_indexed_validators_only(begun: Engine, fetched):
    validators = {validator for item in fetched for validator, _ in item.figures.rewards}
    chosen = min(validators)
    storing.store(begun, fetched, indexed=[chosen])
    with begun.connect() as connection:
        kept = set(connection.execute(select(REWARD.validator)).scalars())

    assert kept == {chosen}
    assert len(validators) > 1


def test_without_indexed_validators_no_reward_is_kept(begun: Engine, fetched):
    storing.store(begun, fetched, indexed=[])
    with begun.connect() as connection:
        assert (
            connection.execute(select(func.count()).select_from(REWARD.era_id.table)).scalar() == 0
        )


def test_a_name_that_was_given_to_an_account_stays_when_its_key_is_learnt(begun: Engine, fetched):
    item = next(item for item in fetched if item.figures.known_accounts)
    account, key = next(iter(item.figures.known_accounts.items()))
    with write_session(begun) as session:
        session.execute(
            KNOWN_ACCOUNT.name.table.insert().values(account_hash=account, name="Exchange")
        )
    transact(begun, partial(learn_accounts, fetched=[item]))
    with begun.connect() as connection:
        row = connection.execute(
            select(*KNOWN_ACCOUNT).where(KNOWN_ACCOUNT.account_hash == account)
        ).one()

    assert (row.public_key, row.name) == (key, "Exchange")
    assert account_hash(key) == account


def test_a_change_is_tried_again_after_another_transaction_was_in_its_way(begun: Engine):
    attempts = []

    def change(_session) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise IntegrityError("insert", {}, Exception("duplicate"))
        return "done"

    assert transact(begun, change) == "done"
    assert len(attempts) == 3


def test_a_change_that_fails_leaves_nothing_behind(begun: Engine, fetched):
    def change(session) -> None:
        store_blocks(session, fetched[:3])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transact(begun, change)
    with begun.connect() as connection:
        assert connection.execute(select(BLOCK.height)).all() == []
