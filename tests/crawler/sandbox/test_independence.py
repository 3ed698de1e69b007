import ast
from collections.abc import Iterator
from pathlib import Path

import crawler.sandbox

SANDBOX = Path(crawler.sandbox.__file__).parent


def imported(module: Path) -> Iterator[str]:
    for statement in ast.walk(ast.parse(module.read_text())):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield statement.module or ""


def test_the_sandbox_shares_no_code_with_the_crawler():
    foreign = {
        name
        for module in SANDBOX.rglob("*.py")
        for name in imported(module)
        if name.startswith("crawler") and not name.startswith("crawler.sandbox")
    }

    assert foreign == set()


def test_what_the_simulation_does_is_not_read_from_its_json():
    modules = ("chain", "execution", "auction", "ledger", "traffic", "tour", "encoding")

    for module in modules:
        names = list(imported(SANDBOX / f"{module}.py"))
        assert not [name for name in names if name.startswith("crawler.sandbox.answers")]
