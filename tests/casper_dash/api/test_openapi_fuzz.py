"""Whatever the OpenAPI document allows, and what it does not: no 5xx, no answer off its schema."""

import shutil

import httpx
import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import insert

from casper_dash.api.app import create_app
from casper_dash.api.document import document
from casper_dash.api.v1.events import PATH as EVENTS_PATH
from crawler.database import write_session
from crawler.network import load_network
from tests.casper_dash.api.clients import asking
from tests.casper_dash.api.rows import (
    ALICE,
    MORE_TABLES,
    era_validator,
    known_account,
    peer,
    peer_version,
    price,
    reward,
    transfer,
)
from tests.databases import engine_of
from tests.factories import (
    TABLES,
    VALIDATORS,
    block,
    crawl_state,
    derive_state,
    era,
    era_supply,
    running_era,
)

NETWORK = load_network("casper")
EXAMPLES = 40
ROWS = {
    "blocks": [block(height) for height in range(15)],
    "eras": [era(0), running_era(1, blocks=5)],
    "supplies": [era_supply(0), era_supply(1)],
    "crawl": [crawl_state(14)],
    "derive": [derive_state()],
    "transfers": [transfer(height) for height in range(15)],
    "accounts": [known_account(ALICE, public_key=VALIDATORS[0], name="Alice")],
    "rewards": [reward(0)],
    "prices": [price(hour) for hour in range(3)],
    "validators": [era_validator(1, VALIDATORS[0], 5)],
    "peer_versions": [peer_version(1)],
    "peers": [peer(1, "a:1", public_key=VALIDATORS[0])],
}

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# the events have no end; their own tests read them
schema = schemathesis.openapi.from_dict(document(NETWORK)).exclude(path=EVENTS_PATH)


@pytest.fixture(scope="module")
def ask(migrated_file, tmp_path_factory):
    """Sends one request; the application runs in a thread of its own."""
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("fuzz") / "chain.db")
    engine = engine_of(f"sqlite:///{file}")
    with write_session(engine) as session:
        for name, rows in ROWS.items():
            session.execute(insert((TABLES | MORE_TABLES)[name]), rows)
    client = asking(create_app(engine, NETWORK))
    with start_blocking_portal() as portal:

        def request(**options):
            return portal.call(lambda: client.request(**options))

        yield request
        portal.call(client.aclose)
    engine.dispose()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_is_answered_outside_the_document(case, ask):
    # whose answers lack fields, which no schema can say
    case.query.pop("fields", None)
    options = case.as_transport_kwargs(base_url="http://dash.test")
    options.pop("cookies", None)
    # it names what its own client unpacks, which is not the one that asks here
    options["headers"]["Accept-Encoding"] = "gzip"
    try:
        answer = ask(**{name: value for name, value in options.items() if value is not None})
    except (httpx.InvalidURL, UnicodeEncodeError, httpx.LocalProtocolError):
        return  # no client can send that

    assert answer.status_code < 500 or "retry-after" in answer.headers
    case.validate_response(answer, checks=CHECKS)
