import socket

import pytest

from casper_dash import ports


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind((ports.HOST, 0))
        return probe.getsockname()[1]


def test_a_server_that_never_answers_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, unused_port: int
):
    monkeypatch.setattr(ports, "_PATIENCE_S", 0)

    with pytest.raises(ports.NoAnswer, match=rf"^nothing answers at 127.0.0.1:{unused_port}: .+$"):
        ports.await_answer(unused_port, lambda: None)


def test_waiting_looks_after_the_server_until_it_answers(unused_port: int):
    with socket.socket() as server:
        server.bind((ports.HOST, unused_port))
        ports.await_answer(unused_port, server.listen)
