"""The history of bids in a database, of real nodes' auctions among others."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import Engine

from crawler.database import read_session, transact, write_session
from crawler.enrich.bid_history import bids_at, keep_era, keep_unknown
from crawler.enrich.bid_state import BidKey, BidState, BidValue, state_of
from crawler.parse.auction import parse_auction_info
from tests.crawler.parse.recorded import needs_recordings, recorded_result
from tests.databases import dump

METHOD = "state_get_auction_info"


def recorded_state(name: str) -> BidState:
    return state_of(parse_auction_info(recorded_result(f"{METHOD}/{name}.json")))


@needs_recordings
@pytest.mark.parametrize(
    "name",
    ["v1-testnet-1.5.6-h3192405-shrunk", "v2-integration-2.0.0-h4628886-full"],
)
def test_a_recorded_auction_comes_back(engine: Engine, name: str):
    state = recorded_state(name)
    with write_session(engine) as session:
        assert keep_era(session, 9, {}, unbondings=False)
        assert keep_era(session, 8, state, unbondings=True)
        assert keep_era(session, 7, state, unbondings=True)

    assert state
    assert len(dump(engine)["bid"]) == len(state)
    with read_session(engine) as session:
        assert bids_at(session, 8).state == bids_at(session, 7).state == state
        assert bids_at(session, 9).state == {}


def test_an_era_is_added_once(engine: Engine):
    bid = BidKey("01" + "a1" * 32, "", "bid", 0)
    with write_session(engine) as session:
        assert keep_era(session, 7, {bid: BidValue(5, 10, False)}, unbondings=True)
        assert not keep_era(session, 7, {}, unbondings=True)
        keep_unknown(session, 7)
        keep_unknown(session, 8)
        keep_unknown(session, 8)

    with read_session(engine) as session:
        assert bids_at(session, 7).state == {bid: BidValue(5, 10, False)}
        assert bids_at(session, 8) is None


def test_two_processes_that_write_at_once_make_the_same_rows(engine: Engine):
    keys = [BidKey("01" + f"{number:064x}", "", "bid", 0) for number in range(30)]
    states = {
        era_id: {key: BidValue((era_id * number) // 7) for number, key in enumerate(keys)}
        for era_id in range(12)
    }
    eras = [5, 4, 6, 3, 7, 2, 8, 1, 9, 0, 10, 11]

    def keep(era_id: int) -> bool:
        change = partial(keep_era, era_id=era_id, state=states[era_id], unbondings=True)
        return transact(engine, change)

    with ThreadPoolExecutor(2) as processes:
        assert sum(processes.map(keep, eras * 2)) == len(eras)

    with read_session(engine) as session:
        assert {era_id: bids_at(session, era_id).state for era_id in eras} == states
    assert len(dump(engine)["bid"]) == sum(
        states[era_id].get(key) != states.get(era_id - 1, {}).get(key)
        for era_id in states
        for key in keys
    )
