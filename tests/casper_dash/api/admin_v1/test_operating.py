"""Operators' and administrators' orders by program: what each leaves behind, and in the audit."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope
from crawler import orders
from crawler.database import read_session, write_session
from crawler.models.work import CrawlState, JobRun
from crawler.orders import CRAWL, Span
from tests.casper_dash.api.admin_v1.office import ADDRESS

pytestmark = pytest.mark.anyio
NODE = "http://node.example.org:7777/rpc"
RAN_AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
WHY = {"reason": "an incident"}
SPAN = {"first": 3, "last": 7}
LATER = "2026-11-24T13:00:00Z"

OPERATING = [
    ("/nodes/add", {"address": NODE, **WHY}, "node.add", f"node {NODE}"),
    ("/nodes/rest", {"url": NODE, "until": LATER, **WHY}, "node.rest", f"node {NODE}"),
    ("/nodes/ban", {"url": NODE, **WHY}, "node.ban", f"node {NODE}"),
    ("/nodes/test", {"url": NODE}, "node.test", f"node {NODE}"),
    ("/jobs/prices/run", {}, "job.run", "job prices"),
    ("/jobs/prices/pause", {}, "job.pause", "job prices"),
    ("/jobs/prices/resume", {}, "job.resume", "job prices"),
    ("/jobs/prices/cancel", {}, "job.cancel", "job prices"),
    ("/crawl/pause", WHY, "crawl.pause", "crawl"),
    ("/crawl/resume", WHY, "crawl.resume", "crawl"),
    ("/crawl/recrawl", SPAN | WHY, "recrawl.order", "blocks 3 to 7"),
    ("/crawl/recompute", SPAN | WHY, "recompute.order", "eras 3 to 7"),
    ("/crawl/repair", WHY, "repair.order", "job repair"),
]
ADMINISTERING = [
    ("role", WHY | {"role": "editor"}, "person.role"),
    ("deactivate", WHY, "person.deactivate"),
    ("send-reset", {}, "password.send_reset"),
    ("reset-second-factor", WHY, "second_factor.reset"),
    ("end-sessions", {}, "session.revoke_all"),
]


async def test_every_order_is_told_to_the_audit(office_on_sqlite):
    office = office_on_sqlite
    edi = office.token(Role.EDITOR, Scope.CURATE)
    for path, body, action, object in OPERATING:
        answer = await office.post(path, edi, body)
        entry = office.newest_entry()

        assert answer.status_code == 200, answer.text
        assert (entry.action, entry.object) == (action, object)
        assert (entry.actor_id, entry.address) == (edi.id, ADDRESS)
        assert entry.reason == body.get("reason", "")


@pytest.mark.parametrize(("deed", "body", "action"), ADMINISTERING)
async def test_what_is_done_to_a_person_is_told_to_the_audit(office_on_sqlite, deed, body, action):
    office = office_on_sqlite
    ada, vic = office.token(Role.ADMINISTRATOR, Scope.ADMINISTER), office.people[Role.VIEWER]
    answer = await office.post(f"/people/{vic.id}/{deed}", ada, body)
    entry = office.newest_entry()

    assert answer.status_code == 200, answer.text
    assert (entry.action, entry.object) == (action, f"person {vic.id}")
    assert (entry.actor_id, entry.address) == (ada.id, ADDRESS)


async def test_orders_reach_those_who_obey_them(office):
    edi = office.people[Role.EDITOR]
    await office.post("/crawl/pause", edi, WHY)
    await office.post("/crawl/recrawl", edi, SPAN | WHY)
    state = {"id": 0, "network": "casper-test", "crawl_from": 0, "planned_to": -1}
    with write_session(office.place.engine) as session:
        session.execute(insert(CrawlState).values(**state))
    with read_session(office.place.engine) as session:
        paused, wanted = orders.paused(session, CRAWL), orders.orders(session)["recrawl"]

    assert paused.by == "Edi"
    assert wanted.wanted
    state = (await office.get("/crawl", edi)).json()
    assert (state["state"], state["paused_by"]) == ("paused", "Edi")


async def test_an_order_that_would_take_anothers_place_is_a_conflict(office):
    edi = office.people[Role.EDITOR]
    await office.post("/crawl/recrawl", edi, SPAN | WHY)
    answer = await office.post("/crawl/recrawl", edi, WHY | {"first": 8, "last": 9})

    assert answer.status_code == 409
    assert "an order for 3 to 7 waits" in answer.json()["detail"]


@pytest.mark.parametrize("span", [{"first": 7, "last": 3}, {"first": 0, "last": 100_000}])
async def test_a_span_is_bounded(office_on_sqlite, span):
    answer = await office_on_sqlite.post(
        "/crawl/recompute", office_on_sqlite.people[Role.EDITOR], span | WHY
    )

    assert answer.status_code == 400


async def test_an_earlier_run_is_run_again_with_its_span(office):
    row = {"name": "recompute", "started_at": RAN_AT, "owner": "main", "first": 3, "last": 7}
    with write_session(office.place.engine) as session:
        session.execute(insert(JobRun).values(**row))
    edi = office.people[Role.EDITOR]
    (kept,) = (await office.get("/jobs/runs?job=recompute", edi)).json()["data"]
    again = await office.post("/jobs/recompute/run-again", edi, {"started_at": kept["started_at"]})
    other = await office.post("/jobs/prices/run-again", edi, {"started_at": kept["started_at"]})
    with write_session(office.place.engine) as session:
        begun = orders.started(session, "recompute")

    assert (again.status_code, other.status_code) == (200, 404)
    assert begun.span == Span(3, 7)


async def test_a_job_that_there_is_not_is_not_ordered(office_on_sqlite):
    edi = office_on_sqlite.people[Role.EDITOR]
    answer = await office_on_sqlite.post("/jobs/nonsense/run", edi, {})
    names = [row["name"] for row in (await office_on_sqlite.get("/jobs", edi)).json()["data"]]

    assert answer.status_code == 404
    assert names == ["prices", "recompute", "recrawl", "repair"]


async def test_an_order_about_a_node_is_listed_and_taken_back(office):
    edi = office.people[Role.EDITOR]
    secret = "https://node.example.org/rpc?api_key=s3cret"
    await office.post("/nodes/add", edi, {"address": secret, **WHY})
    listed = await office.get("/nodes/orders", edi)
    (row,) = listed.json()["data"]
    back = {"url": row["url"], "kind": "add"}
    first = await office.post("/nodes/take-back", edi, back)
    second = await office.post("/nodes/take-back", edi, back)

    assert "s3cret" not in listed.text + str(office.newest_entry())
    assert (first.status_code, second.status_code) == (200, 409)
    assert (await office.get("/nodes/orders", edi)).json()["data"] == []


async def test_an_address_that_is_none_is_refused(office_on_sqlite):
    answer = await office_on_sqlite.post(
        "/nodes/add", office_on_sqlite.people[Role.EDITOR], {"address": "ftp://x", **WHY}
    )

    assert answer.status_code == 400


async def test_somebody_is_invited_and_the_invitation_withdrawn(office):
    ada = office.people[Role.ADMINISTRATOR]
    wanted = {"email": "new@example.org", "name": "New", "role": "editor"}
    made = await office.post("/people/invite", ada, wanted)
    twice = await office.post("/people/invite", ada, wanted)
    person = made.json()["id"]
    resent = await office.post(f"/people/{person}/resend-invitation", ada, {})
    gone = await office.post(f"/people/{person}/cancel-invitation", ada, WHY)

    assert [each.status_code for each in (made, twice, resent, gone)] == [200, 409, 200, 200]
    states = {row["id"]: row["state"] for row in (await office.get("/people", ada)).json()["data"]}
    assert person not in states


async def test_the_last_administrator_stays(office):
    ada = office.people[Role.ADMINISTRATOR]
    answer = await office.post(f"/people/{ada.id}/deactivate", ada, WHY)

    assert answer.status_code == 409
    assert "last administrator" in answer.json()["detail"]


async def test_a_dismissed_persons_token_and_session_are_refused_at_once(office):
    ada, edi = office.people[Role.ADMINISTRATOR], office.people[Role.EDITOR]
    token = office.token(Role.EDITOR, Scope.READ)
    await office.post(f"/people/{edi.id}/deactivate", ada, WHY)

    assert (await office.get("/me", edi)).status_code == 401
    assert (await office.get("/me", token)).status_code == 401
    await office.post(f"/people/{edi.id}/reactivate", ada, WHY)
    assert (await office.get("/me", token)).status_code == 200


async def test_a_token_is_made_by_hand_used_and_revoked(office):
    edi, vic = office.people[Role.EDITOR], office.people[Role.VIEWER]
    until = (office.place.now() + timedelta(days=30)).isoformat()
    wanted = {"name": "nightly", "scopes": ["read"], "until": until}
    made = await office.post("/tokens/make", edi, wanted)
    above = await office.post("/tokens/make", vic, wanted | {"scopes": ["curate"]})
    token = type(edi)({"authorization": f"Bearer {made.json()['token']}"})
    (row,) = (await office.get("/tokens", edi)).json()["data"]
    of_another = await office.post(f"/tokens/{row['id']}/revoke", vic, {})
    used = await office.get("/me", token)
    await office.post(f"/tokens/{row['id']}/revoke", edi, {})

    assert (above.status_code, of_another.status_code, used.status_code) == (403, 403, 200)
    assert used.json()["scopes"] == "read"
    assert (await office.get("/me", token)).status_code == 401
    entry = office.newest_entry()
    # not the one at which the session began
    assert (entry.action, entry.actor_id, entry.address) == ("token.revoke", edi.id, ADDRESS)


async def test_a_session_is_ended_by_its_owner_alone_or_an_administrator(office):
    vic, edi = office.people[Role.VIEWER], office.people[Role.EDITOR]
    (row,) = (await office.get("/sessions", vic)).json()["data"]
    path = f"/sessions/{row['id']}/end"
    refused = await office.post(path, edi, {"person": vic.id})
    ended = await office.post(path, vic, {"person": vic.id})

    assert (refused.status_code, ended.status_code) == (403, 200)
    assert (await office.get("/me", vic)).status_code == 401
