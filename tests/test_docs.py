"""What the documents name exists: commands with their options, make's targets, files, settings."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from casper_dash.__main__ import main as casper_dash
from casper_dash.settings import AppSettings
from crawler.__main__ import main as crawler

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(ROOT.glob("docs/**/*.md"))]
FOLDERS = ("bench", "casper_dash", "crawler", "docs", "tests")
PROGRAMS = {"crawler": crawler, "casper_dash": casper_dash}

_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^\$ (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:\S*python -m )?(crawler|casper_dash) ([a-z]+)((?: .+)?)")
_TARGET = re.compile(r"make ([a-z]+)")
_FILE = re.compile(r"[\w.{][\w.{},/-]*(\.(py|toml|md|json|js|css|txt|example)|/)|\.ci/[\w-]+")
_LINK = re.compile(r"\]\(([^):#]+)[^):]*\)")
_BRACES = re.compile(r"{([^}]*)}")
# "x" stands for any name, the others are written by `make bench` and `crawler export`
_NO_FILES = re.compile(r"(.*/)?x\.\w+|bench/results\.json|manifest\.json")


def code(document: Path) -> list[str]:
    """What stands between backticks, or behind a prompt."""
    text = document.read_text(encoding="utf-8")
    spans = re.findall(r"`([^`]+)`", _BLOCK.sub("", text))
    return [" ".join(span.split()) for span in spans] + _PROMPT.findall(text)


def named_commands() -> Iterator[tuple[str, str, str]]:
    for document in DOCUMENTS:
        for found in filter(None, map(_COMMAND.fullmatch, code(document))):
            yield found[1], found[2], found[3]


def named_files(document: Path) -> Iterator[str]:
    for text in code(document):
        if _FILE.fullmatch(text) and not _NO_FILES.fullmatch(text):
            yield from alternatives(text)


def alternatives(text: str) -> list[str]:
    """`a{b,c}` → `ab`, `ac`."""
    braces = _BRACES.search(text)
    if braces is None:
        return [text]
    return [
        whole
        for choice in braces[1].split(",")
        for whole in alternatives(text[: braces.start()] + choice + text[braces.end() :])
    ]


def exists(name: str) -> bool:
    """From the root, or somewhere below: a document may leave out the folders that it is about."""
    return (ROOT / name).exists() or any(
        place.exists() for folder in FOLDERS for place in ROOT.glob(f"{folder}/**/{name}")
    )


@pytest.mark.parametrize(("program", "command", "rest"), sorted(set(named_commands())))
def test_a_named_command_takes_what_it_is_given(
    program: str, command: str, rest: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as end:
        PROGRAMS[program]([command, "--help"])

    told = capsys.readouterr()
    assert end.value.code == 0, told.err
    for option in re.findall(r"--[a-z-]+", rest):
        assert option in told.out


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_readme_names_every_command(program: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        PROGRAMS[program](["--help"])
    there_are = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)
    readme = [found for found in map(_COMMAND.fullmatch, code(ROOT / "README.md")) if found]
    # `make run` is how the README starts everything
    named = {found[2] for found in readme if found[1] == program} | {"run"}

    assert set(there_are) == named


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_named_target_is_one_of_makes(document: Path):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {found[1] for found in map(_TARGET.match, code(document)) if found}

    assert named <= set(targets)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_named_file_exists(document: Path):
    assert [name for name in named_files(document) if not exists(name)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_leads_to_a_file(document: Path):
    links = _LINK.findall(document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_example_file_holds_every_setting_and_no_other():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)

    assert sorted(named) == sorted(name.upper() for name in AppSettings.model_fields)
