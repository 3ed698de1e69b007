"""Node JSON → records. Pure: no network, database or clock."""
