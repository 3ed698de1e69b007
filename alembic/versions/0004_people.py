"""people: who may sign in, their proofs and sessions, letters, and the audit"""

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import MEDIUMTEXT

from alembic import op
from crawler import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("token_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("expires_at", columns.UtcTime(), nullable=False),
        sa.Column("last_used_at", columns.UtcTime(), nullable=True),
        sa.Column("revoked_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_api_token_id", "api_token", ["id"], unique=True, if_not_exists=True)
    op.create_index(
        "ix_api_token_person", "api_token", ["person_id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "attempt",
        sa.Column("subject", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("failures", columns.Height(), nullable=False),
        sa.Column("last_at", columns.UtcTime(), nullable=False),
        sa.Column("free_at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_attempt_last", "attempt", ["last_at"], unique=False, if_not_exists=True)
    op.create_table(
        "audit_entry",
        sa.Column("number", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("at", columns.UtcTime(), nullable=False),
        sa.Column("actor_id", sa.String(length=32), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Text().with_variant(MEDIUMTEXT(), "mysql"), nullable=True),
        sa.Column("after", sa.Text().with_variant(MEDIUMTEXT(), "mysql"), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("digest", columns.Hex(32), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_audit_entry_action",
        "audit_entry",
        ["action", "number"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_audit_entry_actor",
        "audit_entry",
        ["actor_id", "number"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_audit_entry_object",
        "audit_entry",
        ["object", "number"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "audit_head",
        sa.Column("id", columns.Height(), autoincrement=False, nullable=False),
        sa.Column("number", columns.Height(), nullable=False),
        sa.Column("digest", columns.Hex(32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "ceremony",
        sa.Column("token_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=True),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("expires_at", columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_ceremony_expires", "ceremony", ["expires_at"], unique=False, if_not_exists=True
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.String(length=22), autoincrement=False, nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("expires_at", columns.UtcTime(), nullable=False),
        sa.Column("next_at", columns.UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("sent_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_mail_created", "mail", ["created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_mail_due", "mail", ["state", "next_at"], unique=False, if_not_exists=True)
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("expires_at", columns.UtcTime(), nullable=False),
        sa.Column("used_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index(
        "ix_one_time_link_person",
        "one_time_link",
        ["person_id", "kind"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "passkey",
        sa.Column("id", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("credential_id", columns.Hex(1023, exact=False), nullable=False),
        sa.Column("public_key", columns.Hex(1024, exact=False), nullable=False),
        sa.Column("sign_count", columns.Height(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("last_used_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_passkey_person", "passkey", ["person_id"], unique=False, if_not_exists=True)
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=22), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=13), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.String(length=200), nullable=True),
        sa.Column("totp_step", columns.Height(), nullable=True),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("activated_at", columns.UtcTime(), nullable=True),
        sa.Column("password_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_person_email", "person", ["email_key"], unique=True, if_not_exists=True)
    op.create_index("ix_person_role", "person", ["role", "state"], unique=False, if_not_exists=True)
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.String(length=22), autoincrement=False, nullable=False),
        sa.Column("code_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("used_at", columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "code_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_table(
        "session",
        sa.Column("token_hash", columns.Hex(32), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("over_tls", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.UtcTime(), nullable=False),
        sa.Column("last_seen_at", columns.UtcTime(), nullable=False),
        sa.Column("expires_at", columns.UtcTime(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("rotated_from", sa.String(length=22), nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        if_not_exists=True,
    )
    op.create_index("ix_session_id", "session", ["id"], unique=True, if_not_exists=True)
    op.create_index("ix_session_person", "session", ["person_id"], unique=False, if_not_exists=True)


def downgrade() -> None:
    op.drop_table("session", if_exists=True)
    op.drop_table("recovery_code", if_exists=True)
    op.drop_table("person", if_exists=True)
    op.drop_table("passkey", if_exists=True)
    op.drop_table("one_time_link", if_exists=True)
    op.drop_table("mail", if_exists=True)
    op.drop_table("ceremony", if_exists=True)
    op.drop_table("audit_head", if_exists=True)
    op.drop_table("audit_entry", if_exists=True)
    op.drop_table("attempt", if_exists=True)
    op.drop_table("api_token", if_exists=True)
