"""figures of the API: an era's transfer volume, an account's transfers by amount"""

import sqlalchemy as sa

from alembic import op
from crawler import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INDEXES = {
    f"ix_transfer_{side}_amount": [f"{side}_account_hash", "kind", "amount", "height", "index"]
    for side in ("from", "to")
}


def upgrade() -> None:
    # null on the rows there are: the crawl sums them, some in each pass
    if "transfer_volume" not in _columns_of("era"):
        op.add_column("era", sa.Column("transfer_volume", columns.Motes(), nullable=True))
    for name, columns_ in _INDEXES.items():
        op.create_index(name, "transfer", columns_, if_not_exists=True)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "transfer", if_exists=True)
    if "transfer_volume" in _columns_of("era"):
        op.drop_column("era", "transfer_volume")


def _columns_of(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
