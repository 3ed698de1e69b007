import json
import logging

import pytest
import structlog

from crawler.log import LogFormat, configure_logging

SECRET = "not-to-be-seen"


@pytest.fixture(autouse=True)
def _as_before():
    yield
    logging.getLogger().handlers[:] = []
    structlog.reset_defaults()


def _fail() -> None:
    password = SECRET
    raise RuntimeError(f"no way in after {len(password)} tries")


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_is_logged_without_local_variables(
    form: LogFormat, capsys: pytest.CaptureFixture[str]
):
    configure_logging("INFO", form)

    for log in (structlog.get_logger("ours"), logging.getLogger("a.library")):
        try:
            _fail()
        except RuntimeError:
            log.exception("failed")

    told = capsys.readouterr().err
    assert told.count("no way in after 14 tries") == 2
    assert told.count("_fail") >= 2
    assert SECRET not in told


def test_json_logs_are_one_object_a_line_with_the_facts_as_keys(
    capsys: pytest.CaptureFixture[str],
):
    configure_logging("INFO", "json")

    structlog.get_logger("ours").info("blocks stored", first=7)
    logging.getLogger("a.library").warning("slow %s", "disk")

    ours, library = map(json.loads, capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["first"], ours["level"]) == ("blocks stored", 7, "info")
    assert (library["event"], library["logger"]) == ("slow disk", "a.library")
