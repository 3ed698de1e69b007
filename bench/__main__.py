"""`make bench`, or `python -m bench NAME …` for some of them."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import api, crawling, growth, idle, memory, snapshot, starting, supply
from bench.figures import Figure

_RESULTS = Path(__file__).parent / "results.json"
_ALL: dict[str, Callable[[], Iterator[Figure]]] = {
    "crawling": crawling.measure,
    "growth": growth.measure,
    "memory": memory.measure,
    "idle": idle.measure,
    "starting": starting.measure,
    "snapshot": snapshot.measure,
    "supply": supply.measure,
    "api": api.measure,
}


def main() -> None:
    """Prints each figure as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", choices=[[], *_ALL], metavar=f"{{{','.join(_ALL)}}}")
    results = {}
    for name in parser.parse_args().names or _ALL:
        for figure in _ALL[name]():
            print(f"{figure.name:48} {figure.value:12,.2f} {figure.unit}", flush=True)
            results[figure.name] = {"value": figure.value, "unit": figure.unit}
    _RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
