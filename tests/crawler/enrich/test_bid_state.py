"""The history of bids gives every era's state back, in whatever order eras became known."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.enrich.bid_state import BidKey, BidValue, Span, insert_era, state_of
from crawler.parse.records import AuctionInfo, Bid, Delegation, Unbond
from tests.factories import VALIDATORS

KEYS = [
    BidKey("a", "", "bid", 0),
    BidKey("a", "d", "delegation", 0),
    BidKey("b", "d", "delegation", 0),
    BidKey("a", "d", "unbonding", 9),
]
States = dict[int, dict[BidKey, BidValue]]

values = st.builds(
    BidValue,
    st.integers(0, 2),
    st.one_of(st.none(), st.just(5)),
    st.one_of(st.none(), st.booleans()),
)
states = st.dictionaries(
    st.integers(0, 12), st.dictionaries(st.sampled_from(KEYS), values), max_size=8
)


class History:
    """Rows as a table with its primary key would keep them."""

    def __init__(self) -> None:
        self.rows: dict[tuple[BidKey, int], Span] = {}
        self.known: list[int] = []

    def at(self, era_id: int | None) -> list[Span]:
        return [
            span
            for span in self.rows.values()
            if era_id is not None
            and span.from_era <= era_id
            and (span.until_era is None or span.until_era > era_id)
        ]

    def insert(self, era_id: int, state: dict[BidKey, BidValue]) -> None:
        before = max((known for known in self.known if known < era_id), default=None)
        after = min((known for known in self.known if known > era_id), default=None)
        changes = insert_era(era_id, state, self.at(before), self.at(after), after)
        for span in changes.delete:
            del self.rows[span.key, span.from_era]
        for span in changes.write:
            self.rows[span.key, span.from_era] = span
        self.known.append(era_id)


def history_of(states: States, order: list[int]) -> History:
    history = History()
    for era_id in order:
        history.insert(era_id, states[era_id])
    return history


@given(st.data(), states)
def test_every_known_eras_state_comes_back(data: Any, states: States):
    history = history_of(states, data.draw(st.permutations(sorted(states))))

    for era_id, state in states.items():
        assert {span.key: span.value for span in history.at(era_id)} == state


@given(st.data(), states)
def test_any_order_makes_the_same_rows(data: Any, states: States):
    history = history_of(states, data.draw(st.permutations(sorted(states))))

    assert history.rows == history_of(states, sorted(states)).rows


@given(st.integers(1, 50))
def test_what_does_not_change_is_one_row(count: int):
    state = {KEYS[0]: BidValue(5, 10, False)}
    history = history_of(dict.fromkeys(range(count), state), list(range(count)))

    assert list(history.rows.values()) == [Span(KEYS[0], 0, None, BidValue(5, 10, False))]


def test_a_state_has_bids_delegations_and_unbondings():
    validator, delegator = VALIDATORS
    info = AuctionInfo(
        block_height=7,
        state_root_hash="00" * 32,
        bids=(Bid(validator, 100, 12, True),),
        delegations=(Delegation(validator, delegator, 50),),
        unbonds=(Unbond(validator, validator, 3, 20, None),),
    )

    assert state_of(info) == {
        BidKey(validator, "", "bid", 0): BidValue(100, 12, True),
        BidKey(validator, delegator, "delegation", 0): BidValue(50),
        BidKey(validator, validator, "unbonding", 27): BidValue(3),
    }


def test_unbondings_that_are_paid_out_together_are_one():
    validator, delegator = VALIDATORS
    unbonds = (
        Unbond(validator, delegator, 1, 20, None),
        Unbond(validator, delegator, 2, 20, validator),
        Unbond(validator, delegator, 4, 21, None),
    )
    state = state_of(AuctionInfo(7, "00" * 32, (), (), unbonds))

    assert {key.release_era: value.amount for key, value in state.items()} == {27: 3, 28: 4}
