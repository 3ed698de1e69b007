"""The tables. Natural keys, no foreign keys, no auto-increment: see docs/schema.md.

Every index is there for a query, named beside it. Beside each model stand its columns under the
table's name in capitals, for statements: `select(BLOCK.height)`.
"""

from crawler.models import chain, decisions, drafts, feeds, figures, legacy, nodes, work

__all__ = ["chain", "decisions", "drafts", "feeds", "figures", "legacy", "nodes", "work"]
