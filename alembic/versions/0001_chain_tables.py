"""chain tables"""

import sqlalchemy as sa

from alembic import op
from crawler import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_depth",
        sa.Column("account_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("first_height", columns.Height(), nullable=True),
        sa.Column("first_index", sa.Integer(), nullable=True),
        sa.Column("second_height", columns.Height(), nullable=True),
        sa.Column("second_index", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("account_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "approval",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("publication", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("era_id", columns.Height(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("height", "index", "publication"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_approval_era", "approval", ["era_id", "publication"], unique=False, if_not_exists=True
    )
    op.create_table(
        "balance",
        sa.Column("account_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("balance", columns.Motes(), nullable=True),
        sa.PrimaryKeyConstraint("account_hash", "height"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "bid",
        sa.Column("validator", columns.Hex(34, exact=False), autoincrement=False, nullable=False),
        sa.Column("delegator", columns.Hex(34, exact=False), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("release_era", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("from_era", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("until_era", columns.Height(), nullable=True),
        sa.Column("amount", columns.Motes(), nullable=False),
        sa.Column("commission", sa.Integer(), nullable=True),
        sa.Column("inactive", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("validator", "delegator", "kind", "release_era", "from_era"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_bid_from", "bid", ["from_era", "until_era"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_bid_until", "bid", ["until_era", "from_era"], unique=False, if_not_exists=True
    )
    op.create_table(
        "bid_era",
        sa.Column("era_id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("unbondings", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("era_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "block",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("hash", columns.Hex(32), nullable=False),
        sa.Column("parent_hash", columns.Hex(32), nullable=False),
        sa.Column("era_id", columns.Height(), nullable=False),
        sa.Column("timestamp", columns.UtcTime(), nullable=False),
        sa.Column("proposer", columns.Hex(34, exact=False), nullable=False),
        sa.Column("protocol_version", sa.String(length=16), nullable=False),
        sa.Column("state_root_hash", columns.Hex(32), nullable=False),
        sa.Column("switch", sa.Boolean(), nullable=False),
        sa.Column("total_supply", columns.Motes(), nullable=False),
        sa.Column("deploys", sa.Integer(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("transfer_rows", sa.Integer(), nullable=True),
        sa.Column("staked", columns.Motes(), nullable=False),
        sa.Column("unstaked", columns.Motes(), nullable=False),
        sa.Column("redelegated", columns.Motes(), nullable=False),
        sa.Column("next_era_weight", columns.Motes(), nullable=True),
        sa.Column("validators", sa.Integer(), nullable=True),
        sa.Column("validators_rewards", columns.Motes(), nullable=True),
        sa.Column("delegators", sa.Integer(), nullable=True),
        sa.Column("delegators_rewards", columns.Motes(), nullable=True),
        sa.PrimaryKeyConstraint("height"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_block_era", "block", ["era_id", "height"], unique=False, if_not_exists=True)
    op.create_index("ix_block_hash", "block", ["hash"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_block_proposer", "block", ["proposer", "height"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_block_switch", "block", ["switch", "height"], unique=False, if_not_exists=True
    )
    op.create_index("ix_block_timestamp", "block", ["timestamp"], unique=False, if_not_exists=True)
    op.create_table(
        "crawl_range",
        sa.Column("first", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("last", columns.Height(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", columns.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("first"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_crawl_range_lease",
        "crawl_range",
        ["lease_until", "first"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "crawl_state",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("network", sa.String(length=100), nullable=False),
        sa.Column("crawl_from", columns.Height(), nullable=False),
        sa.Column("planned_to", columns.Height(), nullable=False),
        sa.Column("head_height", columns.Height(), nullable=True),
        sa.Column("head_hash", columns.Hex(32), nullable=True),
        sa.Column("head_era_id", columns.Height(), nullable=True),
        sa.Column("head_timestamp", columns.UtcTime(), nullable=True),
        sa.Column("head_seen_at", columns.UtcTime(), nullable=True),
        sa.Column("head_changed_at", columns.UtcTime(), nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "derive_state",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("depth_to", columns.Height(), nullable=False),
        sa.Column("publication", columns.Height(), nullable=False),
        sa.Column("supply_from", columns.Height(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "era",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("start_block", columns.Height(), nullable=False),
        sa.Column("end_block", columns.Height(), nullable=True),
        sa.Column("start", columns.UtcTime(), nullable=False),
        sa.Column("end", columns.UtcTime(), nullable=True),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("weight", columns.Motes(), nullable=True),
        sa.Column("total_supply", columns.Motes(), nullable=False),
        sa.Column("deploys", sa.Integer(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("staked", columns.Motes(), nullable=False),
        sa.Column("unstaked", columns.Motes(), nullable=False),
        sa.Column("redelegated", columns.Motes(), nullable=False),
        sa.Column("validators", sa.Integer(), nullable=True),
        sa.Column("validators_rewards", columns.Motes(), nullable=True),
        sa.Column("delegators", sa.Integer(), nullable=True),
        sa.Column("delegators_rewards", columns.Motes(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_era_start", "era", ["start"], unique=False, if_not_exists=True)
    op.create_index("ix_era_start_block", "era", ["start_block"], unique=False, if_not_exists=True)
    op.create_table(
        "era_supply",
        sa.Column("publication", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("era_id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("transfers", columns.Motes(), nullable=False),
        sa.Column("unlocks", columns.Motes(), nullable=False),
        sa.Column("rewards", columns.Motes(), nullable=False),
        sa.PrimaryKeyConstraint("publication", "era_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "era_touch",
        sa.Column("era_id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("stored", columns.Height(), nullable=False),
        sa.Column("derived", columns.Height(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("era_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_era_touch_stale", "era_touch", ["stale"], unique=False, if_not_exists=True)
    op.create_table(
        "era_validator",
        sa.Column("era_id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("public_key", columns.Hex(34, exact=False), autoincrement=False, nullable=False),
        sa.Column("weight", columns.Motes(), nullable=False),
        sa.PrimaryKeyConstraint("era_id", "public_key"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_era_validator_key",
        "era_validator",
        ["public_key", "era_id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "job_order",
        sa.Column("name", sa.String(length=50), autoincrement=False, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("wanted_at", columns.UtcTime(), nullable=True),
        sa.Column("ordered_by", sa.String(length=100), nullable=False),
        sa.Column("ordered_at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(length=50), autoincrement=False, nullable=False),
        sa.Column("started_at", columns.UtcTime(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("ended_at", columns.UtcTime(), nullable=True),
        sa.Column("result", sa.String(length=500), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("name", "started_at"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_job_run_started", "job_run", ["started_at"], unique=False, if_not_exists=True
    )
    op.create_table(
        "known_account",
        sa.Column("account_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("public_key", columns.Hex(34, exact=False), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_known_account_name", "known_account", ["name"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_known_account_public_key",
        "known_account",
        ["public_key"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "learnt_node",
        sa.Column("url", sa.String(length=100), autoincrement=False, nullable=False),
        sa.Column("ask_after", columns.UtcTime(), nullable=False),
        sa.Column("proven_at", columns.UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("url"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_learnt_node_ask", "learnt_node", ["ask_after"], unique=False, if_not_exists=True
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=50), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "legacy_block",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("hash", columns.Hex(32), nullable=False),
        sa.Column("state_root_hash", columns.Hex(32), nullable=False),
        sa.Column("era_id", columns.Height(), nullable=False),
        sa.Column("timestamp", columns.UtcTime(), nullable=False),
        sa.Column("switch", sa.Boolean(), nullable=False),
        sa.Column("deploys", sa.Integer(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("total_supply_cspr", columns.Height(), nullable=False),
        sa.Column("staked_cspr", columns.Height(), nullable=False),
        sa.Column("unstaked_cspr", columns.Height(), nullable=False),
        sa.Column("next_era_weight_cspr", columns.Height(), nullable=True),
        sa.Column("validators", sa.Integer(), nullable=True),
        sa.Column("validators_rewards_cspr", columns.Height(), nullable=True),
        sa.Column("delegators", sa.Integer(), nullable=True),
        sa.Column("delegators_rewards_cspr", columns.Height(), nullable=True),
        sa.PrimaryKeyConstraint("height"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_legacy_block_era", "legacy_block", ["era_id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "legacy_era",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("start_block", columns.Height(), nullable=False),
        sa.Column("end_block", columns.Height(), nullable=True),
        sa.Column("start", columns.UtcTime(), nullable=False),
        sa.Column("end", columns.UtcTime(), nullable=True),
        sa.Column("weight_cspr", columns.Height(), nullable=False),
        sa.Column("total_supply_cspr", columns.Height(), nullable=False),
        sa.Column("circulating_supply_cspr", columns.Height(), nullable=False),
        sa.Column("staked_cspr", columns.Height(), nullable=True),
        sa.Column("unstaked_cspr", columns.Height(), nullable=True),
        sa.Column("validators_rewards_cspr", columns.Height(), nullable=True),
        sa.Column("delegators_rewards_cspr", columns.Height(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "legacy_transfer",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("era_id", columns.Height(), nullable=False),
        sa.Column("deploy_hash", columns.Hex(32), nullable=False),
        sa.Column("submitted_at", columns.UtcTime(), nullable=False),
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("amount", columns.Motes(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("height", "id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_legacy_transfer_era", "legacy_transfer", ["era_id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "peer",
        sa.Column("version", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=100), autoincrement=False, nullable=False),
        sa.Column("public_key", columns.Hex(34, exact=False), nullable=True),
        sa.Column("node_version", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=True),
        sa.Column("postal", sa.String(length=20), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("latitude", columns.Exact(9, 6), nullable=True),
        sa.Column("longitude", columns.Exact(9, 6), nullable=True),
        sa.Column("performance", columns.Exact(12, 6), nullable=True),
        sa.PrimaryKeyConstraint("version", "address"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "peer_version",
        sa.Column("version", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("refreshed_at", columns.UtcTime(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "price",
        sa.Column("hour", columns.UtcTime(), autoincrement=False, nullable=False),
        sa.Column("open", columns.Exact(24, 12), nullable=False),
        sa.Column("high", columns.Exact(24, 12), nullable=False),
        sa.Column("low", columns.Exact(24, 12), nullable=False),
        sa.Column("close", columns.Exact(24, 12), nullable=False),
        sa.Column("volume_cspr", columns.Exact(30, 8), nullable=False),
        sa.Column("volume_usd", columns.Exact(30, 8), nullable=False),
        sa.Column("rounded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hour"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "price_gap",
        sa.Column("hour", columns.UtcTime(), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ask_after", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hour"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "publication",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("published_at", columns.UtcTime(), nullable=False),
        sa.Column("schedule", columns.Height(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "reward",
        sa.Column("era_id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("validator", columns.Hex(34, exact=False), autoincrement=False, nullable=False),
        sa.Column("delegator", columns.Hex(34, exact=False), autoincrement=False, nullable=False),
        sa.Column("amount", columns.Motes(), nullable=False),
        sa.PrimaryKeyConstraint("era_id", "validator", "delegator"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_reward_delegator", "reward", ["delegator", "era_id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "sweep",
        sa.Column("name", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("height", columns.Height(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "transfer",
        sa.Column("height", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("era_id", columns.Height(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("deploy_hash", columns.Hex(32), nullable=False),
        sa.Column("timestamp", columns.UtcTime(), nullable=False),
        sa.Column("submitted_at", columns.UtcTime(), nullable=False),
        sa.Column("from_account_hash", columns.Hex(32), nullable=False),
        sa.Column("to_account_hash", columns.Hex(32), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("amount", columns.Motes(), nullable=False),
        sa.Column("transfer_id", columns.Motes(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("height", "index"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_transfer_amount", "transfer", ["kind", "amount"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_transfer_deploy", "transfer", ["deploy_hash"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_transfer_era",
        "transfer",
        ["era_id", "height", "index"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_transfer_from",
        "transfer",
        ["from_account_hash", "height", "index"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_transfer_timestamp", "transfer", ["timestamp"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_transfer_to",
        "transfer",
        ["to_account_hash", "height", "index"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "unlock",
        sa.Column("schedule", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("date", columns.UtcTime(), autoincrement=False, nullable=False),
        sa.Column("amount", columns.Motes(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "date"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("unlock", if_exists=True)
    op.drop_table("transfer", if_exists=True)
    op.drop_table("sweep", if_exists=True)
    op.drop_table("reward", if_exists=True)
    op.drop_table("publication", if_exists=True)
    op.drop_table("price_gap", if_exists=True)
    op.drop_table("price", if_exists=True)
    op.drop_table("peer_version", if_exists=True)
    op.drop_table("peer", if_exists=True)
    op.drop_table("legacy_transfer", if_exists=True)
    op.drop_table("legacy_era", if_exists=True)
    op.drop_table("legacy_block", if_exists=True)
    op.drop_table("lease", if_exists=True)
    op.drop_table("learnt_node", if_exists=True)
    op.drop_table("known_account", if_exists=True)
    op.drop_table("job_run", if_exists=True)
    op.drop_table("job_order", if_exists=True)
    op.drop_table("era_validator", if_exists=True)
    op.drop_table("era_touch", if_exists=True)
    op.drop_table("era_supply", if_exists=True)
    op.drop_table("era", if_exists=True)
    op.drop_table("derive_state", if_exists=True)
    op.drop_table("crawl_state", if_exists=True)
    op.drop_table("crawl_range", if_exists=True)
    op.drop_table("block", if_exists=True)
    op.drop_table("bid_era", if_exists=True)
    op.drop_table("bid", if_exists=True)
    op.drop_table("balance", if_exists=True)
    op.drop_table("approval", if_exists=True)
    op.drop_table("account_depth", if_exists=True)
