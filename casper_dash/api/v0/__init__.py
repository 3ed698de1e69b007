"""The older platform's public API, answered from this one's database: see docs/api-v0.md."""
