"""The browser's half of the components: the modules in `js/`, and calls of their functions.

Python says what stands where; JavaScript does only what must happen in the browser: asking
the API, exact arithmetic on motes, clocks, charts. No module in `js/` knows a page.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import reflex as rx
from reflex.utils.imports import ImportDict, ImportVar
from reflex.vars import FunctionVar, VarData

# A Var of a value in the browser. Reflex finds its fields and operators at run time, from the
# dataclasses in `rows`, and refuses unknown ones when the front end is built; mypy cannot.
BrowserVar: TypeAlias = Any
# An event handler of a state, bare or called; Reflex has no one type for them.
Handler: TypeAlias = Any

_SOURCES = Path(__file__).with_name("js")
_FOLDER = Path("components", "casper_dash")

# What a module imports from npm. Named where it is used, and not in rxconfig, because Reflex
# puts each package named there into every page, whole: 1.1 MB for ECharts.
_PACKAGES = {"api": "swr@2.5.1", "chart": "echarts@6.1.0"}


class AllPackages(rx.Fragment):  # type: ignore[misc]
    """Nothing to see. A build that needs fewer packages names the others all the same: else npm
    would install and remove them by turns, many seconds each time."""

    def add_imports(self) -> ImportDict:
        """Every package, imported nowhere."""
        return {name: [ImportVar(tag=None, render=False)] for name in _PACKAGES.values()}


class BrowserModules(rx.plugins.Plugin):
    """Puts `js/*.js` into the build."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """Each module's place in the build and its text."""
        files = sorted(_SOURCES.glob("*.js"))
        return [(_FOLDER / file.name, file.read_text("utf-8")) for file in files]


def var(expression: str, needs: VarData | None, kind: Any = str) -> BrowserVar:
    """The value of a JavaScript `expression`, of the Python type `kind`, that stands on `needs`."""
    return rx.Var(expression, _var_type=kind, _var_data=needs).guess_type()


def call(module: str, function: str, *args: Any) -> BrowserVar:
    """The value of `function(*args)` of `js/<module>.js`, worked out in the browser."""
    found: BrowserVar = rx.Var(function, _var_data=VarData(imports=imports(module, function)))
    return found.to(FunctionVar).call(*args)


def hook(module: str, function: str, statement: str, *, reads: BrowserVar | None = None) -> VarData:
    """What a Var needs that stands on a React hook of `js/<module>.js`.

    `statement` declares the hook's constant; `reads` is the Var that it takes, whose own hooks
    have to come first.
    """
    before = reads._get_all_var_data() if reads is not None else None
    return VarData(hooks={statement: before}, imports=imports(module, function))


def library(module: str) -> str:
    """The name under which the build imports `js/<module>.js`."""
    return f"$/{(_FOLDER / module).as_posix()}"


def imports(module: str, function: str) -> ImportDict:
    """What a component that uses `function` of `js/<module>.js` has to import."""
    needed: ImportDict = {library(module): [ImportVar(tag=function)]}
    if module in _PACKAGES:
        needed[_PACKAGES[module]] = [ImportVar(tag=None, render=False)]
    return needed
