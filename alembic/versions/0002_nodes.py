"""nodes as processes see them, what operators want of them, and runs of jobs with arguments"""

import sqlalchemy as sa

from alembic import op
from crawler import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ADDED = {
    "job_order": {
        "paused_by": lambda: sa.String(length=100),
        "paused_at": columns.UtcTime,
        "first": columns.Height,
        "last": columns.Height,
        "cancel_at": columns.UtcTime,
    },
    "job_run": {
        "ordered_by": lambda: sa.String(length=100),
        "first": columns.Height,
        "last": columns.Height,
        "progress": lambda: sa.String(length=200),
        "percent": sa.Integer,
    },
}


def upgrade() -> None:
    op.create_table(
        "node_state",
        sa.Column("url", sa.String(length=250), autoincrement=False, nullable=False),
        sa.Column("observer", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", columns.UtcTime(), nullable=False),
        sa.Column("seen_at", columns.UtcTime(), nullable=False),
        sa.Column("height", columns.Height(), nullable=True),
        sa.Column("available_low", columns.Height(), nullable=True),
        sa.Column("available_high", columns.Height(), nullable=True),
        sa.Column("build_version", sa.String(length=50), nullable=True),
        sa.Column("protocol_version", sa.String(length=20), nullable=True),
        sa.Column("next_upgrade", sa.String(length=20), nullable=True),
        sa.Column("next_upgrade_era", columns.Height(), nullable=True),
        sa.Column("reactor_state", sa.String(length=40), nullable=True),
        sa.Column("uptime", sa.String(length=50), nullable=True),
        sa.Column("p50_ms", sa.Integer(), nullable=True),
        sa.Column("p95_ms", sa.Integer(), nullable=True),
        sa.Column("calls", columns.Height(), nullable=False),
        sa.Column("failures", columns.Height(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("last_error_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("url", "observer"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "node_order",
        sa.Column("url", sa.String(length=250), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("until", columns.UtcTime(), nullable=True),
        sa.Column("ordered_by", sa.String(length=100), nullable=False),
        sa.Column("ordered_at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("url", "kind"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    for table, added in _ADDED.items():
        held = _columns_of(table)
        for name, kind in added.items():
            if name not in held:
                op.add_column(table, sa.Column(name, kind(), nullable=True))


def downgrade() -> None:
    for table, added in _ADDED.items():
        for name in _columns_of(table) & added.keys():
            op.drop_column(table, name)
    op.drop_table("node_order", if_exists=True)
    op.drop_table("node_state", if_exists=True)


def _columns_of(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
