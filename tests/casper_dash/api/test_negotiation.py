import pytest

from casper_dash.api.negotiation import acceptable, takes_gzip

OFFERED = ("application/json", "text/csv")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=0.4, application/json;q=0.4", "application/json"),
        ("*/*;q=0.1, text/csv", "text/csv"),
        ("*/*, application/json;q=0", "text/csv"),
        ("image/png", None),
        ("text/csv;q=nonsense", None),
        (";;,,", None),
    ],
)
def test_the_best_liked_form_is_chosen(accept, chosen):
    assert acceptable(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    ("accept_encoding", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.1", True),
        ("*", True),
        ("*, gzip;q=0", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_taken_where_it_is_named(accept_encoding, taken):
    assert takes_gzip(accept_encoding) is taken
