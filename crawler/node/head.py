"""Which of the heads that nodes name is the chain's. Pure."""

import statistics
from collections import Counter
from collections.abc import Sequence

from crawler.node.member import FAR_AHEAD
from crawler.parse.records import BlockReference


def trusted_head(
    heads: Sequence[BlockReference], known: Sequence[int], min_nodes: int
) -> BlockReference | None:
    """The highest block that `min_nodes` of the nodes behind `heads` have reached; None: too few.

    A node that is higher counts for each block below. Where nodes name different blocks of a
    height, the most named one counts. A head far above most of the `known` heights is not believed.
    """
    if len(known) > 2:
        middle = statistics.median_high(known)
        heads = [head for head in heads if head.height <= middle + FAR_AHEAD]
    for height in sorted({head.height for head in heads}, reverse=True):
        higher = sum(head.height > height for head in heads)
        named = Counter(head for head in heads if head.height == height)
        head, count = named.most_common(1)[0]
        if higher + count >= min_nodes:
            return head
    return None
