from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import islice

import pytest
from sqlalchemy import Engine, func, insert, select

from crawler.check import check
from crawler.database import write_session
from crawler.derive.carried import contradicted, give_way
from crawler.derive.progress import derive_all
from crawler.legacy.load import import_older
from crawler.models.chain import TRANSFER
from crawler.models.decisions import APPROVAL
from crawler.models.feeds import PRICE, Price
from crawler.models.figures import ERA, ERA_SUPPLY
from crawler.models.legacy import LEGACY_BLOCK, LEGACY_TRANSFER, LegacyTransfer
from crawler.network import load_network
from crawler.parse.keys import account_hash
from crawler.sandbox.running import running
from crawler.staging import ImportFailed
from crawler.staging.errors import OlderDataError
from crawler.store import touch_eras
from tests.crawler.crawls import crawl_of, transfer_rows
from tests.crawler.legacy import older_database
from tests.crawler.legacy.older_database import CSPR, GENESIS, fill_server, made_up, write_dump
from tests.databases import dump, server_database

APPROVED = frozenset({1, 2, 5, 40})
ACCOUNT = account_hash("01" + "ab" * 32)


@pytest.fixture
def tables(chain) -> older_database.Tables:
    return older_database.of_chain(chain, approved=APPROVED)


@pytest.fixture(params=["sql", "sql.gz", pytest.param("server", marks=pytest.mark.mysql)])
def source(request, tables, tmp_path) -> Iterator[str]:
    """The older database, as a dump, as a packed one, and on its server."""
    if request.param != "server":
        yield str(write_dump(tmp_path / f"older.{request.param}", tables))
        return
    with server_database() as url:
        fill_server(url, tables)
        yield url


@pytest.fixture
def dumped(tables, tmp_path) -> str:
    return str(write_dump(tmp_path / "dumped.sql", tables))


def natives(chain):
    return [row for row in transfer_rows(chain) if row["kind"] == "native"]


def test_every_source_gives_the_same_rows(source, dumped, migrated_sqlite, engine, network):
    import_older(engine, network, source)
    if engine is not migrated_sqlite:
        import_older(migrated_sqlite, network, dumped)

    without = {"publication.published_at"}
    assert dump(engine, without=without) == dump(migrated_sqlite, without=without)
    assert dump(engine)["legacy_block"]


def test_blocks_transfers_and_eras_are_held_apart_in_whole_cspr(engine, network, chain, dumped):
    import_older(engine, network, dumped)
    rows = dump(engine)

    assert rows["block"] == rows["transfer"] == rows["era"] == []
    last = chain.blocks[chain.height]
    older = rows["legacy_block"][-1]
    assert (older["height"], older["hash"]) == (chain.height, last.hash.hex())
    assert [row["amount"] for row in rows["legacy_transfer"]] == [
        row["amount"] for row in natives(chain)
    ]
    assert rows["legacy_block"][0]["total_supply_cspr"] == 10**10
    assert rows["legacy_era"][0]["start"] == network.genesis_time


def test_accounts_schedule_prices_balances_and_peers_are_imported(engine, network, dumped):
    import_older(engine, network, dumped)
    rows = dump(engine)

    assert rows["known_account"] == [
        {
            "account_hash": ACCOUNT,
            "public_key": "01" + "ab" * 32,
            "name": "Exchange A",
            "comment": "it's\nhot",
        },
        {
            "account_hash": "cd" * 32,
            "public_key": None,  # that key is another account's
            "name": "Wrong key",
            "comment": None,
        },
    ]
    genesis = network.genesis_time.replace(microsecond=0)  # whole seconds there
    steps = [row for row in rows["unlock"] if row["schedule"] == 1]
    assert [(row["date"], row["amount"]) for row in steps] == [
        (genesis + timedelta(days=90), 252547901142857142857),
        (genesis + timedelta(days=91), 252547901143857142857),
    ]
    assert [(row["close"], row["rounded"]) for row in rows["price"]] == [(Decimal("0.1047"), True)]
    assert [row["balance"] for row in rows["balance"]] == [123456789012345]
    assert [(row["address"], row["latitude"]) for row in rows["peer"]] == [
        ("10.0.0.1", Decimal("35.62"))
    ]
    assert rows["derive_state"] == [
        {"id": 0, "depth_to": -1, "publication": 1, "supply_from": None}
    ]


def test_a_price_that_is_held_already_stays(engine, network, dumped):
    hour = network.genesis_time.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    figures = dict.fromkeys(("open", "high", "low", "close", "volume_cspr", "volume_usd"), 7)
    with write_session(engine) as session:
        session.add(Price(hour=hour, rounded=False, **figures))
    import_older(engine, network, dumped)

    with engine.connect() as connection:
        assert connection.execute(select(PRICE.close, PRICE.rounded)).all() == [(7, False)]


def test_a_transfer_that_is_there_twice_by_account_and_by_purse_is_approved_once(
    engine, network, chain, dumped
):
    import_older(engine, network, dumped)
    first = natives(chain)[0]
    with write_session(engine) as session:
        row = session.execute(select(*LEGACY_TRANSFER).limit(1)).one()._asdict()
        row |= {"id": 10_000, "sender": first["source"][: len("uref-") + 64], "approved": True}
        session.execute(insert(LegacyTransfer).values(row))
    with running(chain) as nodes:
        crawl_of(engine, network, nodes.urls).to_head()
    let_give_way(engine, network)

    with engine.connect() as connection:
        question = select(APPROVAL.height, APPROVAL.index).where(APPROVAL.publication == 1)
        assert len(connection.execute(question).all()) == len(APPROVED)


def test_approvals_go_over_to_the_crawled_transfers_and_older_rows_give_way(
    engine, network, chain, dumped
):
    import_older(engine, network, dumped)
    with running(chain) as nodes:
        crawl_of(engine, network, nodes.urls).to_head()
    let_give_way(engine, network)

    expected = [row for number, row in enumerate(natives(chain), 1) if number in APPROVED]
    with engine.connect() as connection:
        places = connection.execute(select(APPROVAL.height, APPROVAL.index)).all()
        newest = select(ERA_SUPPLY.transfers).where(ERA_SUPPLY.publication == 1)
        newest = newest.order_by(ERA_SUPPLY.era_id.desc()).limit(1)
        circulating = connection.execute(newest).scalar_one()
    assert sorted(places) == [(row["height"], row["index"]) for row in expected]
    assert circulating == sum(row["amount"] for row in expected)
    rows = dump(engine, "legacy_block", "legacy_transfer", "legacy_era")
    assert rows["legacy_block"] == rows["legacy_transfer"] == []
    assert len(rows["legacy_era"]) == 1  # the running one
    assert check(engine, network).faults == []


def test_what_the_chain_contradicts_stays_and_is_told(engine, network, chain, tables, tmp_path):
    wrong_block = list(tables["Block"][7])
    wrong_block[1] = "ab" * 32
    tables["Block"][7] = tuple(wrong_block)
    wrong_transfer = list(tables["Transfer"][0])
    wrong_transfer[11] = "1"
    tables["Transfer"][0] = tuple(wrong_transfer)
    import_older(engine, network, str(write_dump(tmp_path / "wrong.sql", tables)))
    with running(chain) as nodes:
        crawl_of(engine, network, nodes.urls).to_head()
    let_give_way(engine, network)

    with write_session(engine) as session:
        told = list(contradicted(session))
    assert told[0] == "block 7: the older platform had another hash"
    assert told[1].endswith("and its approval is not carried over")
    assert len(told) == 2


def test_a_transfer_that_is_there_twice_is_approved_once(engine, network, chain, tables, tmp_path):
    first = tables["Transfer"][0]
    double = (9999, *first[1:3], True, *first[4:])
    tables["Transfer"] = [(first[0], *first[1:3], False, *first[4:]), double]
    import_older(engine, network, str(write_dump(tmp_path / "double.sql", tables)))
    with running(chain) as nodes:
        crawl_of(engine, network, nodes.urls).to_head()
    let_give_way(engine, network)

    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(APPROVAL.height.table)).scalar()
        assert not connection.execute(select(LEGACY_TRANSFER.id)).all()


def let_give_way(engine: Engine, network) -> None:
    with write_session(engine) as session:
        eras = session.execute(select(ERA.id)).scalars().all()
        give_way(session, eras)
        touch_eras(session, eras)
    derive_all(engine, network)


def test_a_server_clock_that_was_not_utc_is_corrected(engine, network, chain, tmp_path):
    tables = older_database.of_chain(chain)
    ahead = timedelta(hours=2)
    for name, columns in {"Block": (18,), "Era": (5, 6), "Transfer": (1,)}.items():
        tables[name] = [
            tuple(
                value + ahead if number in columns and value is not None else value
                for number, value in enumerate(row)
            )
            for row in tables[name]
        ]
    import_older(engine, network, str(write_dump(tmp_path / "ahead.sql", tables)))

    assert dump(engine)["legacy_block"][0]["timestamp"] == network.genesis_time
    assert dump(engine)["legacy_era"][0]["start"] == network.genesis_time


def test_another_networks_data_is_refused(engine, dumped):
    before = dump(engine)

    with pytest.raises(OlderDataError, match="another network's data"):
        import_older(engine, load_network("casper"), dumped)
    assert dump(engine) == before


def test_a_database_that_holds_blocks_is_refused(filled_sqlite, network, dumped):
    with pytest.raises(ImportFailed, match="holds blocks already"):
        import_older(filled_sqlite, network, dumped)


HOSTILE = {
    "hash": ("Block", 1, "'; DROP TABLE block; --", "is no hash"),
    "number": ("Block", 5, "-1", "is no whole number"),
    "too large": ("Transfer", 11, "9" * 25 + "x", "is no whole number"),
    "time": ("Era", 5, "0000-00-00 00:00:00", "is no time"),
    "party": ("Transfer", 8, "account-hash-xyz", "is neither"),
    "null": ("Transfer", 4, None, "is missing"),
    "price": ("Price", 3, "NaN", "is not between"),
}


@pytest.mark.parametrize(
    ("table", "column", "value", "reason"), HOSTILE.values(), ids=HOSTILE.keys()
)
def test_a_value_that_does_not_fit_is_named_and_nothing_is_changed(
    table, column, value, reason, engine, network, tables, tmp_path
):
    row = list(tables[table][1])
    row[column] = value
    tables[table][1] = tuple(row)
    source = write_dump(tmp_path / "hostile.sql", tables)
    before = dump(engine)

    with pytest.raises(OlderDataError, match=reason) as refusal:
        import_older(engine, network, str(source))
    assert str(refusal.value).startswith(f"{table} row {row[0]}: ")
    assert "\n" not in str(refusal.value)
    assert dump(engine) == before


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_dump_that_is_cut_off_changes_nothing(share, engine, network, dumped, tmp_path):
    text = (tmp_path / "dumped.sql").read_text()
    (tmp_path / "dumped.sql").write_text(text[: int(share * len(text))])
    before = dump(engine)

    with pytest.raises(OlderDataError, match="cut off"):
        import_older(engine, network, dumped)
    assert dump(engine) == before


def test_a_dump_of_something_else_is_refused(engine, network, tmp_path):
    path = tmp_path / "other.sql"
    path.write_text("CREATE TABLE `wiki` (\n  `id` int\n);\nINSERT INTO `wiki` VALUES (1);\n")

    with pytest.raises(OlderDataError, match="none of the older platform's tables"):
        import_older(engine, network, str(path))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("postgresql://here/db", "not of the form"),
        ("mysql+pymysql://root@127.0.0.1:3306", "not of the form"),
        ("mysql+pymysql://root:secret@127.0.0.1:1/older", "Can't connect"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_line_without_its_password(
    source, reason, migrated_sqlite, network
):
    with pytest.raises(OlderDataError, match=reason) as refusal:
        import_older(migrated_sqlite, network, source)
    assert "\n" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_passwords_and_secrets_of_its_users_are_not_read(engine, network, dumped):
    read = import_older(engine, network, dumped)

    assert not {"User", "AdminLog", "Processing"} & set(read)


def test_a_hundred_thousand_blocks_are_imported(migrated_sqlite, tmp_path):
    network = load_network("casper")
    source = write_dump(tmp_path / "large.sql", made_up(100_000, GENESIS))
    read = import_older(migrated_sqlite, network, str(source))

    assert read["Block"] == read["Transfer"] == 100_000
    with migrated_sqlite.connect() as connection:
        count = func.count(LEGACY_BLOCK.height), func.max(LEGACY_BLOCK.height)
        assert connection.execute(select(*count)).one() == (100_000, 99_999)
        amounts = connection.execute(
            select(LEGACY_TRANSFER.amount).order_by(LEGACY_TRANSFER.height)
        ).scalars()
        assert list(islice(amounts, 3)) == [2500 * CSPR + height for height in range(3)]
        approved = select(func.count()).where(LEGACY_TRANSFER.approved)
        assert connection.execute(approved).scalar() == 10_000
        assert not connection.execute(select(TRANSFER.height).limit(1)).all()
