from casper_dash.api.v0.allowance import Allowance
from tests.casper_dash.api.conftest import Clock


def allowance(clock):
    return Allowance(burst=2, per_s=0.5, clients_at_once=2, now=lambda: clock.now.timestamp())


def test_a_burst_is_granted_and_then_the_time_to_wait_is_told():
    asked = allowance(Clock())

    assert [asked.take("1.2.3.4") for _ in range(3)] == [0, 0, 2]


def test_what_was_used_comes_back_with_time_and_no_more():
    clock = Clock()
    asked = allowance(clock)
    for _ in range(2):
        asked.take("1.2.3.4")

    clock.pass_time(3600)

    assert [asked.take("1.2.3.4") for _ in range(3)] == [0, 0, 2]


def test_a_refused_question_costs_nothing():
    clock = Clock()
    asked = allowance(clock)
    for _ in range(50):
        asked.take("1.2.3.4")

    clock.pass_time(2)

    assert asked.take("1.2.3.4") == 0


def test_clients_are_told_apart_until_all_together_have_had_their_share():
    asked = allowance(Clock())

    assert [asked.take(f"1.2.3.{number}") for number in range(5)] == [0, 0, 0, 0, 1]


def test_addresses_of_one_ipv6_customer_are_one_client():
    asked = allowance(Clock())

    assert [asked.take(f"2001:db8::{number}") for number in range(3)] == [0, 0, 2]
    assert asked.take("2001:db8:0:1::1") == 0
