"""Whatever the document of the admin's API allows, and what it does not: no 5xx, no answer off
its schema."""

import shutil
from types import SimpleNamespace

import httpx
import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from casper_dash.api.admin_v1.declared import actions, readings
from casper_dash.api.admin_v1.document import document
from casper_dash.auth.place import Place
from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope
from casper_dash.keys import Keys
from casper_dash.settings import AppSettings
from tests.casper_dash.api.admin_v1.office import JOBS, Office
from tests.casper_dash.api.clients import asking
from tests.casper_dash.auth.browsing import SECRET, Clock
from tests.casper_dash.decisions.curating import fill, network_with
from tests.databases import engine_of

EXAMPLES = 3
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
NETWORK = network_with()
# declaring needs no more of a place than its clock
_NOWHERE = SimpleNamespace(now=Clock())
schema = schemathesis.openapi.from_dict(document(readings(_NOWHERE, NETWORK, JOBS), actions(JOBS)))


@pytest.fixture(scope="module")
def ask(migrated_file, tmp_path_factory):
    """Sends one request of an administrator's program."""
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("fuzz") / "chain.db")
    engine = engine_of(f"sqlite:///{file}")
    fill(engine, NETWORK)
    own = AppSettings(_env_file=None, secret_key=SECRET, admin_url="https://dash.example.org/admin")
    office = Office(Place(engine, Keys(SECRET), own, Clock()), NETWORK)
    badge = office.token(Role.ADMINISTRATOR, *Scope)
    client = asking(office.app)
    with start_blocking_portal() as portal:

        def request(headers, **options):
            sent = {**headers, **badge.headers}
            return portal.call(lambda: client.request(headers=sent, **options))

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
def test_no_request_of_the_admins_is_answered_outside_the_document(case, ask):
    # whose answers lack fields, which no schema can say
    (case.query or {}).pop("fields", None)
    options = case.as_transport_kwargs(base_url="http://dash.test")
    options.pop("cookies", None)
    if "data" in options:  # as its own client names a body
        options["content"] = options.pop("data")
    try:
        answer = ask(**{name: value for name, value in options.items() if value is not None})
    except (httpx.InvalidURL, UnicodeEncodeError, httpx.LocalProtocolError):
        return  # no client can send that

    assert answer.status_code < 500 or "retry-after" in answer.headers
    case.validate_response(answer, checks=CHECKS)
