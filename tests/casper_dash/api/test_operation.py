import pytest

from casper_dash.api.operation import operation_of
from casper_dash.settings import AppSettings
from crawler.settings import SettingsError, load_settings


def settings(**values):
    return load_settings(AppSettings, _env_file=None, **values)


def test_unless_an_operator_says_otherwise_the_source_alone_is_read():
    operation = operation_of(settings())

    assert (operation.replicas, operation.published_only) == ((), False)


def test_how_much_a_client_may_ask_and_who_is_one_are_settings():
    operation = operation_of(settings(api_requests_a_minute=7, trusted_proxies="10.0.0.0/8, ::1"))

    assert operation.requests_a_minute == 7
    assert operation.trusted_proxies == ("10.0.0.0/8", "::1")


def test_every_replica_that_is_named_has_an_engine(tmp_path):
    first, second = (f"sqlite:///{tmp_path / name}.db" for name in "ab")

    operation = operation_of(settings(database_replica_urls=f"{first}, {second}"))

    assert [str(engine.url) for engine in operation.replicas] == [first, second]


def test_in_production_a_supply_must_be_published():
    assert operation_of(settings(environment="production")).published_only


def test_a_replica_must_be_a_database():
    with pytest.raises(SettingsError, match=r"^DATABASE_REPLICA_URLS: "):
        settings(database_replica_urls="sqlite:///a.db,postgresql://b/c")


def test_the_token_of_metrics_is_taken_over_and_not_shown():
    operation = operation_of(settings(metrics_token="secret"))

    assert operation.metrics_token == "secret"
    assert "secret" not in repr(operation)
