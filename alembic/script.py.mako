"""${message}

Each step bears being repeated: MySQL and MariaDB commit every statement by itself, so a migration
that was cut off half way is run again from its beginning. `if_not_exists=True` sees to it for
tables and indexes (generated so); ask `sa.inspect(op.get_bind())` before anything else.
"""

import sqlalchemy as sa

from alembic import op
from crawler import columns

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
