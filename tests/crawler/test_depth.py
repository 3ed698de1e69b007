"""Depth of transfers, against a model that looks at every earlier transfer anew."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from crawler.database import transact
from crawler.derive.depth import Hop, depths, derive_depths, forget_depths
from crawler.network import Network
from tests.crawler.crawls import SMALL_HEIGHT
from tests.databases import dump

ACCOUNTS = st.sampled_from("abcdef")
LOCKED = frozenset("a")


@st.composite
def chains(draw: st.DrawFn) -> list[Hop]:
    """Native transfers in the chain's order; some go to a purse."""
    blocks = draw(
        st.lists(st.lists(st.tuples(ACCOUNTS, st.none() | ACCOUNTS), max_size=3), max_size=12)
    )
    return [
        Hop((height, index), sender, receiver)
        for height, block in enumerate(blocks)
        for index, (sender, receiver) in enumerate(block)
    ]


def looked_up(hops: list[Hop]) -> dict[tuple[int, int], int]:
    """The definition, word for word."""
    found: dict[tuple[int, int], int] = {}
    for hop in hops:
        earlier = [
            found[other.place]
            for other in hops
            if other.place < hop.place and other.receiver == hop.sender
        ]
        into_sender = [depth for depth in earlier if depth in (1, 2)]
        if hop.sender in LOCKED:
            found[hop.place] = 1
        else:
            found[hop.place] = min(into_sender) + 1 if into_sender else 0
    return found


@given(chains())
def test_depth_is_the_definitions(hops: list[Hop]):
    assert depths(hops, LOCKED, {}) == looked_up(hops)


@given(chains(), st.data())
def test_depth_does_not_depend_on_where_the_work_was_cut(hops: list[Hop], cut: st.DataObject):
    at = cut.draw(st.integers(0, len(hops)))
    reached = {}
    found = depths(hops[:at], LOCKED, reached) | depths(hops[at:], LOCKED, reached)

    assert found == depths(hops, LOCKED, {})


def test_depth_stops_at_three():
    hops = [Hop((height, 0), sender, receiver) for height, (sender, receiver) in enumerate(
        ["ab", "bc", "cd", "de"]
    )]  # fmt: skip

    assert list(depths(hops, LOCKED, {}).values()) == [1, 2, 3, 0]


def test_a_transfer_of_the_same_block_counts_by_its_place():
    into, out = Hop((5, 0), "a", "b"), Hop((5, 1), "b", "c")

    assert depths([into, out], LOCKED, {}) == {(5, 0): 1, (5, 1): 2}
    swapped = [Hop((5, 0), "b", "c"), Hop((5, 1), "a", "b")]
    assert depths(swapped, LOCKED, {}) == {(5, 0): 0, (5, 1): 1}


def test_a_transfer_into_a_purse_reaches_no_account():
    assert depths([Hop((1, 0), "a", None), Hop((2, 0), "b", "c")], LOCKED, {}) == {
        (1, 0): 1,
        (2, 0): 0,
    }


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_depth_in_small_portions_is_the_same(filled_sqlite: Engine, network: Network, limit: int):
    right = dump(filled_sqlite, "transfer", "account_depth")
    transact(filled_sqlite, partial(forget_depths, above=-1))
    assert dump(filled_sqlite, "account_depth") == {"account_depth": []}
    reached = -1
    while reached < SMALL_HEIGHT:
        before = reached
        reached = transact(
            filled_sqlite,
            partial(
                derive_depths,
                locked=network.locked_accounts,
                after=before,
                up_to=SMALL_HEIGHT,
                limit=limit,
            ),
        )
        assert reached > before

    assert dump(filled_sqlite, "transfer", "account_depth") == right
