"""Laws of the head that nodes agree on."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from crawler.node.head import trusted_head
from crawler.node.member import FAR_AHEAD
from crawler.parse.records import BlockReference

TIME = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEADS = st.lists(
    st.builds(
        BlockReference,
        st.integers(0, 60),
        st.sampled_from(["aa" * 32, "bb" * 32]),
        st.just(1),
        st.just(TIME),
    ),
    max_size=7,
)


@given(HEADS, st.integers(1, 5))
def test_enough_nodes_have_reached_the_head(heads, min_nodes):
    head = trusted_head(heads, [each.height for each in heads], min_nodes)

    if head is not None:
        assert head in heads
        assert sum(each == head or each.height > head.height for each in heads) >= min_nodes


@given(HEADS, st.integers(1, 5))
def test_where_enough_nodes_are_near_each_other_there_is_a_head(heads, min_nodes):
    near = [each for each in heads if each.height <= FAR_AHEAD]
    lowest = min((each.height for each in near), default=0)
    agree = [each for each in near if each.hash == "aa" * 32 or each.height > lowest]
    head = trusted_head(agree, [each.height for each in agree], min_nodes)

    assert (head is not None) or len({each.hash for each in agree}) > 1 or len(agree) < min_nodes


@given(HEADS, st.integers(21, 500))
def test_a_lone_head_far_above_most_is_not_believed(heads, above):
    known = [each.height for each in heads]
    if len(known) < 3:
        return
    liar = BlockReference(max(known) + above, "cc" * 32, 1, TIME)
    head = trusted_head([*heads, liar], [*known, liar.height], 1)

    assert head is None or head != liar
