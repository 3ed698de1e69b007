"""docs/security.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_promise_names_a_test_that_exists():
    document = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = document.partition("## OWASP ASVS")[2]
    named = set(re.findall(r"`(test_\w+)`", table))
    sources = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    there_are = set(re.findall(r"^(?:async )?def (test_\w+)\(", sources, re.MULTILINE))

    assert sorted(named - there_are) == []
    rows = [row for row in table.splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 30
    assert [row for row in rows if "`test_" not in row] == []
