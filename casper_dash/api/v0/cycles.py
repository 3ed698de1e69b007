"""Which edges of a graph lie on a cycle: both ends in one strongly connected component."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


def edges_on_cycles(edges: Sequence[tuple[Node, Node]]) -> list[bool]:
    """For each edge whether its end leads back to its start. Time linear in the edges.

    Source: Tarjan's algorithm, with its stack of calls as a list.
    """
    component = _components(_successors(edges))
    return [component[start] == component[end] for start, end in edges]


def _successors(edges: Sequence[tuple[Node, Node]]) -> dict[Node, list[Node]]:
    graph: dict[Node, list[Node]] = {}
    for start, end in edges:
        graph.setdefault(start, []).append(end)
        graph.setdefault(end, [])
    return graph


def _components(graph: dict[Node, list[Node]]) -> dict[Node, int]:
    """Node → number of its strongly connected component."""
    search = _Search(graph)
    for node in graph:
        search.explore(node)
    return search.component


class _Search(Generic[Node]):
    """A walk through the graph, and what it has found so far."""

    def __init__(self, graph: dict[Node, list[Node]]) -> None:
        self.component: dict[Node, int] = {}
        self._graph = graph
        self._number: dict[Node, int] = {}
        self._lowest: dict[Node, int] = {}
        self._open: list[Node] = []
        self._path: list[tuple[Node, Iterator[Node]]] = []

    def explore(self, root: Node) -> None:
        """Walks over everything that can be reached from `root` and was not yet."""
        if root in self._number:
            return
        self._enter(root)
        while self._path:
            node, successors = self._path[-1]
            for following in successors:
                if following not in self._number:
                    self._enter(following)
                    break
                if following not in self.component:
                    self._reaches(node, self._number[following])
            else:
                self._leave(node)

    def _enter(self, node: Node) -> None:
        self._number[node] = self._lowest[node] = len(self._number)
        self._open.append(node)
        self._path.append((node, iter(self._graph[node])))

    def _reaches(self, node: Node, number: int) -> None:
        self._lowest[node] = min(self._lowest[node], number)

    def _leave(self, node: Node) -> None:
        self._path.pop()
        if self._path:
            self._reaches(self._path[-1][0], self._lowest[node])
        if self._lowest[node] < self._number[node]:
            return
        # whatever was entered since reaches back to this node, and no further
        while node not in self.component:
            self.component[self._open.pop()] = self._number[node]
