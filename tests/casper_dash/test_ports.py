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


def test_ports_that_are_kept_are_nobody_elses_while_no_server_has_them_yet():
    among = range(23000, 23040)

    with ports.kept_ports(3, among) as first, ports.kept_ports(3, among) as second:
        assert {first, first + 1, first + 2}.isdisjoint({second, second + 1, second + 2})
    with ports.kept_ports(3, among) as again:
        assert again == first


def test_no_free_port_is_told_in_one_line():
    among = range(23100, 23104)

    with (
        ports.kept_ports(3, among),
        pytest.raises(ports.NoFreePort, match=r"^no 3 free ports from 23100 to 23103$"),
        ports.kept_ports(3, among),
    ):
        pass
