from hypothesis import given
from hypothesis import strategies as st

from casper_dash.api.v0.cycles import edges_on_cycles

nodes = st.integers(0, 7)
graphs = st.lists(st.tuples(nodes, nodes), max_size=24)


def reaches(edges, start, end):
    """Whether a walk along the edges leads from `start` to `end`, naively."""
    seen = {start}
    for _ in edges:
        seen |= {into for out, into in edges if out in seen}
    return end in seen


@given(graphs)
def test_an_edge_is_on_a_cycle_when_its_end_reaches_its_start(edges):
    assert edges_on_cycles(edges) == [reaches(edges, end, start) for start, end in edges]


@given(graphs, st.randoms())
def test_what_is_marked_does_not_depend_on_the_order(edges, random):
    shuffled = random.sample(edges, len(edges))

    marks = dict(zip(edges, edges_on_cycles(edges), strict=True))
    assert marks == dict(zip(shuffled, edges_on_cycles(shuffled), strict=True))


def test_a_cycle_may_be_as_long_as_memory_allows():
    around = [(node, (node + 1) % 20_000) for node in range(20_000)]

    assert all(edges_on_cycles(around))
    assert not any(edges_on_cycles(around[:-1]))
