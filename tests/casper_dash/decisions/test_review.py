"""What a curator sees: filters that combine, pages that neither skip nor repeat."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casper_dash.decisions.errors import Refused
from casper_dash.decisions.labels import LabelValues, set_label
from casper_dash.decisions.proposals import propose_restoring
from casper_dash.decisions.review import page_of_transfers, reviewed, selected
from casper_dash.decisions.selection import ReviewFilter
from casper_dash.queries.paging import Page
from tests.casper_dash.decisions.curating import (
    AMOUNTS,
    BO,
    COLD,
    CSPR,
    EXCHANGE,
    HOT,
    PLACES,
    TRANSFERS,
    VAULT,
    Desk,
)

STATUSES = ("undecided", "approved", "rejected", "deferred", "staged")


def places(desk: Desk, sort: str = "height", limit: int = 100, **wanted) -> list[tuple[int, int]]:
    """Every page's transfers, one after the other."""
    found, start = [], None
    while True:
        page = Page(limit, descending=sort == "amount", start=start)
        rows = desk.ask(page_of_transfers, ReviewFilter(**wanted), page, sort)
        found += [(row.height, row.index) for row in rows]
        if len(rows) < limit:
            return found
        last = rows[-1]
        start = (last.height, last.index)
        start = (last.amount, *start) if sort == "amount" else start


@pytest.fixture
def decided(desk: Desk) -> Desk:
    """Published: 5/0, 42/0 and, by another publication, 99/0 approved, 17/0 rejected. Staged:
    5/1 approved, 17/3 deferred."""
    desk.stage("approve", (5, 0))
    desk.stage("reject", (17, 0))
    desk.stage("approve", (42, 0))
    desk.publish_staged()
    desk.stage("approve", (99, 0))
    desk.publish_staged()
    desk.stage("approve", (5, 1))
    desk.stage("defer", (17, 3))
    return desk


def test_statuses_part_all_native_transfers(decided: Desk):
    for statuses, expected in (
        (("undecided",), [(111, 0)]),
        (("approved",), [(5, 0), (42, 0), (99, 0)]),
        (("rejected",), [(17, 0)]),
        (("deferred",), [(17, 3)]),
        (("staged",), [(5, 1)]),
        (("undecided", "deferred"), [(17, 3), (111, 0)]),
        (STATUSES, PLACES),
        ((), PLACES),
    ):
        assert places(decided, statuses=statuses) == expected, statuses


def test_what_was_put_back_is_undecided_again(decided: Desk):
    decided.stage("reject", (99, 0))
    decided.publish_staged()
    assert places(decided, statuses=("rejected",)) == [(17, 0), (99, 0)]
    number = decided.do(
        propose_restoring,
        decided.network,
        decided.publication - 2,
        decided.deed(),
        needs_second=False,
    )
    decided.publish(number)

    assert places(decided, statuses=("undecided",)) == [(5, 1), (99, 0), (111, 0)]
    assert places(decided, statuses=("rejected",)) == [(17, 0)]


FILTERS = [
    ({"account": HOT}, [(5, 0), (17, 0), (17, 3), (99, 0), (111, 0)]),
    ({"account": HOT, "direction": "in"}, [(5, 0), (17, 3), (99, 0)]),
    ({"account": HOT, "direction": "out"}, [(17, 0), (111, 0)]),
    ({"account": HOT, "direction": "out", "depths": (2,)}, [(17, 0)]),
    ({"from_era": 1, "to_era": 4}, [(17, 0), (17, 3), (42, 0)]),
    ({"min_amount": 3 * CSPR, "max_amount": 7 * CSPR}, [(17, 0), (17, 3), (42, 0)]),
    ({"vault": VAULT}, [(5, 0), (5, 1), (17, 0), (17, 3), (42, 0), (99, 0)]),
    ({"vault": VAULT, "depths": (2,), "account": COLD}, [(17, 3)]),
    ({"vault": EXCHANGE}, []),
    ({"label": "Cold wallet"}, [(5, 1), (17, 3)]),
    ({"label": "Cold wallet", "account": HOT}, [(17, 3)]),
    ({"label": "nobody"}, []),
]


def test_filters_combine(desk: Desk):
    hidden = LabelValues(name="Cold wallet", public=False)
    desk.do(set_label, COLD, hidden, desk.deed(), seen=0)

    for wanted, expected in FILTERS:
        assert places(desk, limit=2, **wanted) == expected, wanted
        by_amount = sorted(expected, key=AMOUNTS.__getitem__, reverse=True)
        assert places(desk, "amount", limit=2, **wanted) == by_amount, wanted


def test_a_selection_is_counted_with_its_sum_eras_and_samples(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    for wanted, expected in FILTERS[:-3]:
        shown = desk.ask(selected, ReviewFilter(**wanted))
        assert shown.transfers == len(expected)
        assert shown.amount == sum(AMOUNTS[place] for place in expected)
        assert sorted((row.height, row.index) for row in shown.samples) == sorted(expected)
        eras = [height // 10 for height, _ in expected]
        assert (shown.first_era, shown.last_era) == (
            min(eras, default=None),
            max(eras, default=None),
        )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    account=st.sampled_from([None, HOT, VAULT, EXCHANGE]),
    direction=st.sampled_from([None, "in", "out"]),
    depths=st.sets(st.integers(0, 3)),
    eras=st.tuples(st.integers(0, 11), st.integers(0, 11)),
    least=st.integers(0, 13),
)
def test_a_filter_matches_what_its_words_say(
    desk_on_sqlite: Desk, account, direction, depths, eras, least
):
    wanted = ReviewFilter(
        account=account,
        direction=direction,
        depths=tuple(depths),
        from_era=min(eras),
        to_era=max(eras),
        min_amount=least * CSPR,
    )

    def matches(row) -> bool:
        sides = {"in": [row["to_account_hash"]], "out": [row["from_account_hash"]]}
        both = sides["in"] + sides["out"]
        return (
            row["kind"] == "native"
            and (account is None or account in sides.get(direction, both))
            and (not depths or row["depth"] in depths)
            and min(eras) <= row["era_id"] <= max(eras)
            and row["amount"] >= least * CSPR
        )

    expected = [row["amount"] for row in TRANSFERS if matches(row)]
    shown = desk_on_sqlite.ask(selected, wanted)
    assert (shown.transfers, shown.amount) == (len(expected), sum(expected))


@pytest.mark.parametrize(
    "wanted",
    [
        {"account": "xyz"},
        {"vault": "ab" * 31},
        {"from_era": -1},
        {"to_era": 2**63},
        {"max_amount": 10**38},
        {"depths": (1, 2**64)},
        {"statuses": ("approved", "1=1")},
    ],
)
def test_a_filter_that_no_column_could_hold_is_refused(wanted):
    with pytest.raises(Refused):
        ReviewFilter(**wanted)


def test_a_transfer_shows_names_that_only_administrators_see(desk: Desk):
    desk.do(set_label, HOT, LabelValues(name="Hot", public=False), desk.deed(BO), seen=0)

    (found,) = desk.ask(reviewed, [(5, 0)])
    assert (found.from_name, found.to_name) == (None, "Hot")
