from graphlib import TopologicalSorter
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from casper_dash.queries.flow import Link, without_cycles

ends = st.sampled_from("abcdefgh")
graphs = st.lists(st.tuples(ends, ends), unique=True, max_size=60).map(
    lambda pairs: [Link(source, target, 1, 1) for source, target in pairs]
)


def is_acyclic(links):
    sorter = TopologicalSorter()
    for link in links:
        sorter.add(link.target, link.source)
    try:
        sorter.prepare()
    except ValueError:  # CycleError
        return False
    return True


@given(graphs)
def test_links_that_do_not_return_have_no_cycle(links):
    marked = without_cycles(links)

    assert is_acyclic([link for link in marked if not link.returning])


@given(graphs)
def test_no_link_is_lost_and_none_changes_its_place(links):
    pairs = [(link.source, link.target) for link in without_cycles(links)]

    assert pairs == [(link.source, link.target) for link in links]


@given(graphs)
def test_a_link_returns_only_where_it_closes_a_cycle_of_those_before(links):
    marked = without_cycles(links)

    prefixes = accumulate(([link] for link in marked), lambda before, one: before + one)
    for prefix in prefixes:
        kept = [link for link in prefix[:-1] if not link.returning]
        assert prefix[-1].returning != is_acyclic([*kept, prefix[-1]])
