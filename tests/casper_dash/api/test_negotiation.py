import pytest

from casper_dash.api.negotiation import acceptable, accepted_coding

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
    ("accept_encoding", "chosen"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("br, GZIP;q=0.1", "gzip"),
        ("zstd;q=0, gzip;q=0.1", "gzip"),
        ("*", "gzip"),
        ("*, gzip;q=0", "zstd"),
        ("*, gzip;q=0, zstd;q=0", None),
        ("*;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
def test_the_best_liked_encoding_is_chosen(accept_encoding, chosen):
    assert accepted_coding(accept_encoding, ("zstd", "gzip")) == chosen
