"""Labels: versions with their history; readers see the public ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from casper_dash.decisions.errors import Conflict, Refused
from casper_dash.decisions.labels import LabelValues, label_history, label_of, set_label
from casper_dash.decisions.labels_csv import import_labels, parse_labels, preview_labels
from crawler.models.chain import KNOWN_ACCOUNT, KnownAccount
from crawler.parse.keys import account_hash
from tests.casper_dash.decisions.curating import BO, COLD, HOT, VAULT, Desk
from tests.databases import dump
from tests.factories import digest

EXCHANGE_LABEL = LabelValues("An exchange", "hot wallet", "exchange", "its own page")


def shown(desk: Desk, account: str) -> tuple[str | None, str | None]:
    """Name and comment that readers see."""
    question = select(KNOWN_ACCOUNT.name, KNOWN_ACCOUNT.comment)
    question = question.where(KNOWN_ACCOUNT.account_hash == account)
    return tuple(desk.ask(lambda session: session.execute(question).one()))


def test_readers_see_a_public_label_and_its_history_is_kept(desk: Desk):
    desk.do(set_label, HOT, EXCHANGE_LABEL, desk.deed(BO, "asked them"), seen=0)
    assert shown(desk, HOT) == ("An exchange", "hot wallet")
    hidden = LabelValues("A suspicion", public=False)
    assert desk.do(set_label, HOT, hidden, desk.deed(), seen=1) == 2

    assert shown(desk, HOT) == (None, None)
    assert desk.ask(label_of, HOT).values == hidden
    history = desk.ask(label_history, HOT)
    assert [(row.version, row.name, row.by, row.reason) for row in history] == [
        (2, "A suspicion", "Ana", "because"),
        (1, "An exchange", "Bo", "asked them"),
    ]


def test_an_imported_name_is_the_label_until_it_is_edited(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    named = update(KnownAccount).where(KNOWN_ACCOUNT.account_hash == HOT).values(name="Older")
    desk.do(lambda session: session.execute(named))

    assert desk.ask(label_of, HOT).values == LabelValues("Older")
    assert desk.ask(label_of, HOT).version == 0


def test_a_label_that_somebody_changed_meanwhile_is_not_overwritten(desk: Desk):
    desk.do(set_label, HOT, EXCHANGE_LABEL, desk.deed(BO), seen=0)
    before = dump(desk.engine)

    with pytest.raises(Conflict, match="was named 'An exchange' by Bo"):
        desk.do(set_label, HOT, LabelValues("Mine"), desk.deed(), seen=0)
    assert dump(desk.engine) == before


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (LabelValues("x" * 33), "a name has at most 32"),
        (LabelValues(comment="x" * 256), "a comment has at most 255"),
        (LabelValues(kind="bank"), "a type is one of"),
        (LabelValues("a\x00b"), "control character"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(desk_on_sqlite: Desk, values, words):
    with pytest.raises(Refused, match=words):
        desk_on_sqlite.do(set_label, HOT, values, desk_on_sqlite.deed(), seen=0)


@pytest.mark.parametrize("account", [digest("nobody"), "", "xyz"])
def test_an_unknown_account_gets_no_label(desk_on_sqlite: Desk, account: str):
    with pytest.raises(Refused, match="account"):
        desk_on_sqlite.do(set_label, account, EXCHANGE_LABEL, desk_on_sqlite.deed(), seen=0)


# CSV


def test_a_file_is_previewed_and_then_imported_as_a_whole(desk: Desk):
    desk.do(set_label, HOT, LabelValues("Hot"), desk.deed(), seen=0)
    text = f"account,name,type,public\naccount-hash-{HOT},Hot,,yes\n{COLD},Cold,exchange,no\n"
    preview = desk.ask(preview_labels, text)
    assert [(line.line, line.changes) for line in preview.lines] == [(2, False), (3, True)]
    assert preview.errors == ()
    assert desk.do(import_labels, preview, desk.deed()) == 1

    assert desk.ask(label_of, COLD).values == LabelValues("Cold", kind="exchange", public=False)
    assert desk.ask(label_of, HOT).version == 1


def test_nothing_is_imported_when_one_label_was_changed_since_the_preview(desk: Desk):
    preview = desk.ask(preview_labels, f"account,name\n{VAULT},A vault\n{COLD},Cold\n")
    desk.do(set_label, COLD, LabelValues("Theirs"), desk.deed(BO), seen=0)
    before = dump(desk.engine)

    with pytest.raises(Conflict):
        desk.do(import_labels, preview, desk.deed())
    assert dump(desk.engine) == before


def test_every_wrong_line_is_told_and_nothing_is_imported(desk_on_sqlite: Desk):
    desk = desk_on_sqlite
    key = "01" + "ab" * 32
    text = f"""account,name,type,public
{key},Fine,,
{account_hash(key)},Again,,
xyz,Name,,
{HOT},{"x" * 33},,
{COLD},Cold,bank,
{VAULT},Vault,vault,perhaps
{VAULT},Vault"""
    preview = desk.ask(preview_labels, text)

    assert [line.line for line in preview.lines] == [2]
    assert [error.line for error in preview.errors] == [3, 4, 5, 6, 7, 8]
    with pytest.raises(Refused, match="line 3: the account is named twice"):
        desk.do(import_labels, preview, desk.deed())


@given(st.text(max_size=200))
def test_no_text_makes_the_parser_fail(text: str):
    parse_labels("account,name\n" + text)
    parse_labels(text)
