"""Letters: written with what causes them, sent over real SMTP, tried again, never injected into."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casper_dash.keys import Keys
from casper_dash.mail import outbox
from casper_dash.mail.letter import Letter, LetterError, letter_of
from casper_dash.mail.outbox import letters, post, read
from casper_dash.mail.sending import SendingFailed, send, send_due, sending
from casper_dash.settings import AppSettings
from crawler.database import read_session, transact, write_session
from tests.casper_dash.mail.servers import Kept, certificate, mail_server, signs_in
from tests.databases import dump

KEYS = Keys("k" * 32)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LINK = "https://dash.example.org/admin/reset#s3cr3t-token"


def letter(**values) -> Letter:
    given = {
        "recipient": "bo@example.org",
        "subject": "A new password",
        "paragraphs": ("Somebody asked for it.",),
        "link": LINK,
        "link_text": "Choose one",
        "closing": ("Else ignore this.",),
    }
    return Letter(**{**given, **values})


def settings_of(port: int, **values) -> AppSettings:
    given = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"}
    return AppSettings(_env_file=None, mail_from="dash@example.org", **{**given, **values})


def write(engine, **values) -> str:
    return transact(engine, lambda session: post(session, KEYS, letter(**values), NOW, DAY))


def state(engine) -> list[tuple[str, int, str | None]]:
    rows = dump(engine, "mail")["mail"]
    return [(row["state"], row["attempts"], row["error"]) for row in rows]


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_a_letter_is_sent_with_text_and_html_and_its_body_is_kept_no_longer(engine, kept):
    write(engine)
    with mail_server(kept) as port:
        assert send_due(engine, KEYS, settings_of(port), NOW) == 1
        assert send_due(engine, KEYS, settings_of(port), NOW) == 0

    [message] = kept.messages
    assert (message["from"], message["to"]) == ("dash@example.org", "bo@example.org")
    assert message["subject"] == "A new password"
    assert message["auto-submitted"] == "auto-generated"
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert text.split() == ["Somebody", "asked", "for", "it.", LINK, "Else", "ignore", "this."]
    assert f'<a href="{LINK}">Choose one</a>' in html
    assert state(engine) == [("sent", 1, None)]
    assert dump(engine, "mail")["mail"][0]["body"] is None


def test_the_outbox_holds_no_link_that_a_reader_of_the_database_could_use(engine):
    letter_id = write(engine)

    assert "s3cr3t" not in str(dump(engine))
    with read_session(engine) as session:
        assert read(session, KEYS, letter_id) == letter()


def test_a_letter_goes_with_the_deed_that_fails(engine):
    def deed():
        with write_session(engine) as session:
            post(session, KEYS, letter(), NOW, DAY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        deed()
    assert state(engine) == []


def test_without_a_server_letters_wait_in_the_outbox_until_they_expire(engine):
    write(engine)
    settings = settings_of(25, smtp_host="")
    assert send_due(engine, KEYS, settings, NOW) == 0
    assert state(engine) == [("waiting", 0, None)]
    assert send_due(engine, KEYS, settings_of(1), NOW + DAY) == 0
    with write_session(engine) as session:
        outbox.clear_away(session, NOW + DAY)

    assert state(engine) == [("expired", 0, None)]
    assert dump(engine, "mail")["mail"][0]["body"] is None


def test_a_server_that_is_away_is_tried_again_later_and_later(engine):
    write(engine)
    now, waits = NOW, []
    for _ in range(6):
        assert send_due(engine, KEYS, settings_of(1), now) == 0
        [row] = dump(engine, "mail")["mail"]
        waits.append((row["next_at"] - now).total_seconds())
        assert send_due(engine, KEYS, settings_of(1), now) == 0
        now = row["next_at"]

    assert waits == [10, 60, 300, 1800, 3600, 3600]
    assert state(engine) == [("waiting", 6, "[Errno 111] Connection refused")]


def test_a_server_that_comes_back_gets_the_letter(engine, kept):
    write(engine)
    send_due(engine, KEYS, settings_of(1), NOW)
    with mail_server(kept) as port:
        assert send_due(engine, KEYS, settings_of(port), NOW + timedelta(seconds=10)) == 1

    assert state(engine) == [("sent", 2, None)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 no such user", ("failed", 1, "550 5.1.1 no such user")),
        ("451 4.3.0 try later", ("waiting", 1, "451 4.3.0 try later")),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(engine, kept, answer, expected):
    kept.answer = answer
    write(engine)
    with mail_server(kept) as port:
        send_due(engine, KEYS, settings_of(port), NOW)

    assert state(engine) == [expected]


def test_a_letter_sealed_with_another_key_is_given_up(engine, kept):
    write(engine)
    with mail_server(kept) as port:
        assert send_due(engine, Keys("j" * 32), settings_of(port), NOW) == 0

    assert state(engine)[0][0] == "failed"


def test_of_senders_at_once_one_sends_a_letter(engine):
    for _ in range(5):
        write(engine)
    ready, claimed = threading.Barrier(3), []

    def claim() -> None:
        ready.wait()
        for _ in range(10):
            found = transact(engine, lambda session: outbox.claim(session, NOW))
            if found is not None:
                claimed.append(found[0])

    threads = [threading.Thread(target=claim) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(claimed) == len(set(claimed)) == 5


def test_a_sender_that_was_killed_leaves_the_letter_to_the_next(engine, kept):
    write(engine)
    assert transact(engine, lambda session: outbox.claim(session, NOW)) is not None
    with mail_server(kept) as port:
        assert send_due(engine, KEYS, settings_of(port), NOW + timedelta(seconds=119)) == 0
        assert send_due(engine, KEYS, settings_of(port), NOW + timedelta(seconds=120)) == 1


def test_letters_are_listed_newest_first_in_pages_and_old_ones_go(engine):
    for number in range(5):
        at = NOW + timedelta(seconds=number // 2)
        transact(
            engine,
            lambda session: post(session, KEYS, letter(subject=f"Number {number}"), at, DAY),  # noqa: B023
        )
    with read_session(engine) as session:
        first = letters(session, limit=2)
        rest = letters(session, before=(first[-1].created_at, first[-1].id))
    assert first[0].subject == "Number 4"
    assert sorted(each.subject for each in first + rest) == [f"Number {n}" for n in range(5)]
    with write_session(engine) as session:
        outbox.clear_away(session, NOW + timedelta(days=91))

    assert state(engine) == []


def test_letters_are_sent_by_themselves_while_the_server_runs(engine, kept):
    now = datetime.now(UTC)
    with mail_server(kept) as port, sending(engine, KEYS, settings_of(port), every_s=0.02):
        transact(engine, lambda session: post(session, KEYS, letter(), now, DAY))
        assert kept.came.wait(timeout=30)

    assert state(engine) == [("sent", 1, None)]


# What people wrote stays text.


@pytest.mark.parametrize(
    "recipient",
    ["", "bo", "bo@example.org\r\nBcc: all@example.org", "a@b, c@d", "Bo <bo@example.org>"],
)
def test_a_recipient_is_one_address(recipient):
    with pytest.raises(LetterError):
        letter(recipient=recipient)


@pytest.mark.parametrize("subject", ["", "x\r\nBcc: all@example.org", "x\ny", "x" * 201, "\x00"])
def test_a_subject_is_one_line(subject):
    with pytest.raises(LetterError):
        letter(subject=subject)


@given(st.text(), st.text(min_size=1))
def test_whatever_people_wrote_is_escaped(name, link):
    html = letter(paragraphs=(f"{name} invites you",), link=link).html()
    plain = letter(paragraphs=("Ana invites you",), link="x").html()

    assert [html.count(sign) for sign in '<>"'] == [plain.count(sign) for sign in '<>"']


@given(st.text(), st.text())
def test_a_letter_is_read_as_it_was_written(paragraph, link):
    written = letter(paragraphs=(paragraph,), link=link)

    assert letter_of(written.as_json()) == written


def test_a_paragraph_with_header_lines_stays_in_the_body(engine, kept):
    write(engine, paragraphs=("\r\n.\r\nBcc: all@example.org\r\n\r\nRCPT TO:<x@y.z>",))
    with mail_server(kept) as port:
        send_due(engine, KEYS, settings_of(port), NOW)

    assert kept.recipients == ["bo@example.org"]
    assert kept.messages[0]["bcc"] is None
    assert len(kept.messages) == 1


# TLS and signing in.


def test_starttls_and_a_password_over_a_verified_connection(kept, tmp_path, monkeypatch):
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    options = {"tls_context": context, "auth_required": True, "authenticator": signs_in}
    with mail_server(kept, require_starttls=True, **options) as port:
        settings = settings_of(port, smtp_tls="starttls", smtp_user="dash", smtp_password="hunter2")
        send(letter(), settings)

    assert kept.over_tls == [True]


@pytest.mark.parametrize("mode", ["starttls", "tls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_a_certificate_that_is_unknown_or_anothers_is_refused(
    kept, tmp_path, monkeypatch, mode, host
):
    trusted, context = certificate(tmp_path, host=host)
    if host != "127.0.0.1":
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    options = {"tls_context": context} if mode == "starttls" else {"ssl_context": context}
    with mail_server(kept, **options) as port, pytest.raises(SendingFailed, match="CERTIFICATE"):
        send(letter(), settings_of(port, smtp_tls=mode))

    assert kept.messages == []


def test_a_server_without_starttls_gets_nothing(kept):
    with mail_server(kept) as port, pytest.raises(SendingFailed, match="STARTTLS"):
        send(letter(), settings_of(port, smtp_tls="starttls"))

    assert kept.messages == []


def test_a_wrong_password_is_told_and_not_shown(kept, tmp_path, monkeypatch):
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    options = {"tls_context": context, "authenticator": signs_in}
    settings = {"smtp_tls": "starttls", "smtp_user": "dash", "smtp_password": "wrong-hunter3"}
    with mail_server(kept, **options) as port, pytest.raises(SendingFailed) as failed:
        send(letter(), settings_of(port, **settings))

    assert str(failed.value).startswith("535")
    assert "hunter3" not in str(failed.value)
