"""decisions"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from alembic import op
from crawler import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ADDED: dict[str, Sequence[tuple[str, Any]]] = {
    "publication": [
        ("published_by", sa.String(length=100)),
        ("confirmed_by", sa.String(length=100)),
        ("restores", columns.Height()),
    ],
    "approval": [
        ("decided_by", sa.String(length=100)),
        ("decided_at", columns.UtcTime()),
        ("reason", sa.String(length=500)),
    ],
}


def upgrade() -> None:
    for table, added in _ADDED.items():
        held = {each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)}
        for name, kind in added:
            if name not in held:
                op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "curation",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("last_batch", columns.Height(), nullable=False),
        sa.Column("last_proposal", columns.Height(), nullable=False),
        sa.Column("last_schedule", columns.Height(), nullable=False),
        sa.Column("draft_schedule", columns.Height(), nullable=True),
        sa.Column("schedule_staged", sa.Boolean(), nullable=False),
        sa.Column("open_proposal", columns.Height(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "label",
        sa.Column("account_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("version", columns.Height(), nullable=False),
        sa.PrimaryKeyConstraint("account_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_label_name", "label", ["name"], unique=False, if_not_exists=True)
    op.create_table(
        "label_change",
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("account_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("version", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account_hash", "version"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "proposal",
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("number", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("base", columns.Height(), nullable=False),
        sa.Column("restores", columns.Height(), nullable=True),
        sa.Column("schedule", columns.Height(), nullable=False),
        sa.Column("decisions", columns.Height(), nullable=False),
        sa.Column("confirmed_by_id", sa.String(length=64), nullable=True),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.Column("confirmed_at", columns.UtcTime(), nullable=True),
        sa.Column("publication", columns.Height(), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("lease_until", columns.UtcTime(), nullable=True),
        sa.Column("done", columns.Height(), nullable=False),
        sa.Column("total", columns.Height(), nullable=False),
        sa.Column("cancelled_by", sa.String(length=100), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("ended_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "schedule_step",
        sa.Column("schedule", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("date", columns.UtcTime(), autoincrement=False, nullable=False),
        sa.Column("amount", columns.Motes(), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("schedule", "date"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "schedule_version",
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("number", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("before", columns.Height(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "staged_change",
        sa.Column("batch", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("origin", columns.Height(), nullable=False),
        sa.Column("before", columns.Height(), nullable=False),
        sa.PrimaryKeyConstraint("batch", "height", "index"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_staged_change_transfer",
        "staged_change",
        ["height", "index", "batch"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "staged_decision",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("era_id", columns.Height(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("origin", columns.Height(), nullable=False),
        sa.Column("version", columns.Height(), nullable=False),
        sa.Column("proposal", columns.Height(), nullable=True),
        sa.PrimaryKeyConstraint("height", "index"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_staged_proposal",
        "staged_decision",
        ["proposal", "height", "index"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_staged_version", "staged_decision", ["version"], unique=False, if_not_exists=True
    )
    op.create_table(
        "staging",
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("number", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("undoes", columns.Height(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "transfer_comment",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("height", "index", "number"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("transfer_comment", if_exists=True)
    op.drop_table("staging", if_exists=True)
    op.drop_table("staged_decision", if_exists=True)
    op.drop_table("staged_change", if_exists=True)
    op.drop_table("schedule_version", if_exists=True)
    op.drop_table("schedule_step", if_exists=True)
    op.drop_table("proposal", if_exists=True)
    op.drop_table("label_change", if_exists=True)
    op.drop_table("label", if_exists=True)
    op.drop_table("curation", if_exists=True)
    for table, added in _ADDED.items():
        for name, _kind in added:
            op.drop_column(table, name)
