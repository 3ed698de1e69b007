"""Curators' work by program: from a decision to what readers see, and back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope
from crawler.database import read_session
from crawler.models.figures import DERIVE_STATE
from tests.casper_dash.api.admin_v1.office import ADDRESS
from tests.casper_dash.decisions.curating import EXCHANGE, PLACES
from tests.factories import CSPR, GENESIS

pytestmark = pytest.mark.anyio


@pytest.fixture
def edi(office):
    """An editor's token."""
    return office.token(Role.EDITOR, Scope.READ, Scope.CURATE)


def decision(*places, version=0, decision="approve", reason="counted by hand"):
    seen = [{"height": height, "index": index, "version": version} for height, index in places]
    return {"transfers": seen, "decision": decision, "reason": reason}


async def done(office, by, path, body=None, status=200):
    answer = await office.post(path, by, body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def proposed(office, by):
    answer = await done(office, by, "/proposals/make", {"reason": "month's end"})
    return answer["proposal"]


async def published(office, by, number):
    """Until the proposal's own path says that it has ended."""
    await done(office, by, f"/proposals/{number}/publish", {}, status=202)
    for _ in range(1000):
        row = (await office.get(f"/proposals/{number}", by)).json()
        if row["state"] != "working":
            return row
    raise AssertionError(row)


def readers_see(office):
    with read_session(office.place.engine) as session:
        return session.execute(select(DERIVE_STATE.publication)).scalar_one()


async def test_a_program_decides_proposes_publishes_and_puts_back(office, edi):
    await done(office, edi, "/draft/decide", decision(*PLACES[:2]))
    draft = (await office.get("/draft", edi)).json()
    effects = (await office.get("/draft/effects", edi)).json()
    row = await published(office, edi, await proposed(office, edi))

    assert (draft["approve"], draft["moves"]) == (2, str(3 * CSPR))
    assert effects["moves"] == str(3 * CSPR)
    assert all(check["passed"] for check in effects["checks"] if check["blocking"])
    assert (row["state"], row["publication"], row["done"]) == ("published", 1, row["total"])
    assert readers_see(office) == 1
    seen = (await office.get("/transfers/5-0", edi)).json()
    assert seen["published"]["decision"] == "approve"
    assert seen["publications"][0]["decided_by"] == "Edi (token nightly)"

    back = await done(office, edi, "/publications/0/restore", {"reason": "a mistake"})
    assert (await published(office, edi, back["proposal"]))["restores"] == 0
    assert (await office.get("/transfers/5-0", edi)).json()["published"] is None


async def test_who_was_slower_is_told_who_changed_it_and_when(office, edi):
    await done(office, edi, "/draft/decide", decision((5, 0)))
    at = (await office.get("/draft/steps", edi)).json()["data"][0]["at"]
    ada = office.people[Role.ADMINISTRATOR]
    answer = await office.post("/draft/decide", ada, decision((5, 0), decision="reject"))

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    (change,) = answer.json()["changes"]
    assert change == {
        "object": "transfer 5/0",
        "what": "was approved in step 1",
        "by": "Edi (token nightly)",
        "at": at,
    }


async def test_a_step_is_undone_and_its_author_told(office, edi):
    step = await done(office, edi, "/draft/decide", decision(*PLACES[:3]))
    undone = await done(office, edi, "/draft/undo", {"step": step["step"], "reason": "too early"})
    again = await office.post("/draft/undo", edi, {"step": step["step"], "reason": "once more"})

    assert undone["transfers"] == 3
    assert (await office.get("/draft/staged", edi)).json()["data"] == []
    assert again.status_code == 409


async def test_all_that_a_filter_matches_is_decided_if_it_is_what_was_shown(office, edi):
    shown = (await office.get("/selection?depth=1", edi)).json()
    names = ("transfers", "amount", "mark")
    wanted = {name: shown[name] for name in names} | {"filter": {"depths": [1]}}
    wanted |= {"decision": "reject", "reason": "internal"}
    await done(office, edi, "/draft/decide", decision((5, 0)))
    late = await office.post("/draft/decide-matching", edi, wanted)
    anew = (await office.get("/selection?depth=1", edi)).json()
    step = await done(office, edi, "/draft/decide-matching", wanted | {"mark": anew["mark"]})

    assert late.status_code == 409
    assert step["transfers"] == shown["transfers"] == 3


async def test_a_comment_stands_under_its_transfer(office, edi):
    await done(office, edi, "/transfers/5-0/comment", {"text": "asked the exchange"})
    found = (await office.get("/transfers/5-0", edi)).json()

    assert [line["text"] for line in found["talk"]] == ["asked the exchange"]
    assert (await office.post("/transfers/6-0/comment", edi, {"text": "?"})).status_code == 400


async def test_a_schedule_is_saved_staged_and_put_away(office, edi):
    steps = [
        {"date": (GENESIS + timedelta(days=day)).isoformat(), "amount": str(10 * CSPR)}
        for day in (1, 2)
    ]
    body = {"steps": steps, "reason": "the board's letter"}
    number = (await done(office, edi, "/schedules/save", body))["number"]
    stale = await office.post("/schedules/save", edi, body)
    await done(office, edi, f"/schedules/{number}/stage", {"reason": "agreed"})
    staged = (await office.get("/draft", edi)).json()
    await done(office, edi, f"/schedules/{number}/unstage", {"reason": "not yet"})
    await done(office, edi, f"/schedules/{number}/discard", {"reason": "not at all"})
    kept = (await office.get(f"/schedules/{number}", edi)).json()

    assert stale.status_code == 409
    assert (staged["draft_schedule"], staged["schedule_staged"]) == (number, True)
    assert [step["amount"] for step in kept["steps"]] == [str(10 * CSPR)] * 2
    assert kept["locked"] == str(80 * CSPR)
    assert (await office.get("/draft", edi)).json()["draft_schedule"] is None


async def test_a_label_is_set_once_a_version(office, edi):
    named = {"version": 0, "reason": "their site says so", "name": "Big Exchange"}
    await done(office, edi, f"/labels/{EXCHANGE}/set", named)
    again = await office.post(f"/labels/{EXCHANGE}/set", edi, named | {"name": "Other"})
    file = f"account,name,public\n{EXCHANGE},Hidden,no\n"
    count = await done(office, edi, "/labels/import", {"csv": file, "reason": "a list"})
    wrong = await office.post("/labels/import", edi, {"csv": "account\nnobody\n", "reason": "x"})
    found = (await office.get(f"/labels/{EXCHANGE}", edi)).json()

    assert (again.status_code, again.json()["changes"][0]["by"]) == (409, "Edi (token nightly)")
    assert count == {"changed": 1}
    assert (wrong.status_code, "line 2" in wrong.json()["detail"]) == (400, True)
    assert [each["name"] for each in found["history"]] == ["Hidden", "Big Exchange"]
    assert found["public"] is False
    listed = (await office.get("/labels?name=Hidden", edi)).json()["data"]
    assert [row["account_hash"] for row in listed] == [EXCHANGE]


async def test_a_second_person_confirms_where_one_is_needed(office, edi):
    settings = office.place.settings
    settings.publish_needs_second = True
    await done(office, edi, "/draft/decide", decision((5, 0)))
    number = (await done(office, edi, "/proposals/make", {"reason": "r"}))["proposal"]
    early = await office.post(f"/proposals/{number}/publish", edi, {})
    own = await office.post(f"/proposals/{number}/confirm", edi, {"reason": "r"})
    ada = office.people[Role.ADMINISTRATOR]
    confirmed = await done(office, ada, f"/proposals/{number}/confirm", {"reason": "looked"})

    assert (early.status_code, own.status_code) == (400, 400)
    assert confirmed == {"proposal": number, "state": "approved"}
    withdrawn = await done(office, edi, f"/proposals/{number}/withdraw", {"reason": "not now"})
    assert withdrawn["state"] == "withdrawn"


async def test_what_is_published_already_is_a_conflict(office, edi):
    await done(office, edi, "/draft/decide", decision((5, 0)))
    row = await published(office, edi, await proposed(office, edi))
    again = await office.post(f"/proposals/{row['number']}/publish", edi, {})

    assert again.status_code == 409
    assert again.json()["changes"][0]["what"] == "is published now"


async def test_a_decision_is_audited_with_who_asked_and_from_where(office, edi):
    await done(office, edi, "/draft/decide", decision((5, 0)))
    entry = office.newest_entry()
    told = (await office.get("/audit?object=step&limit=1", edi)).json()["data"][0]

    assert (entry.action, entry.reason) == ("transfers.approve", "counted by hand")
    assert (entry.actor_id, entry.actor_name) == (edi.id, "Edi (token nightly)")
    assert entry.address == ADDRESS
    assert told["after"] == {"transfers": ["5/0"]}


async def test_nothing_is_left_of_what_was_refused(office, edi):
    before = office.newest_entry().number
    answer = await office.post("/draft/decide", edi, decision((5, 0), (6, 0)))

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "there is no native transfer 6/0",
    )
    assert office.newest_entry().number == before
    assert (await office.get("/draft", edi)).json()["last_batch"] == 0
