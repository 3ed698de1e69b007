"""Keeps what browsers send out of Reflex's log lines: an event's headers hold its session."""

import logging

_LOGGER = "reflex_base.event.processor.event_processor"
_LONGEST = 300


class WithoutHeaders(logging.Filter):
    """Cuts a line that quotes an event off before the event's headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record; lets every one pass."""
        record.msg = record.getMessage().partition(", router_data=")[0][:_LONGEST]
        record.args = ()
        return True


def keep_headers_out_of_logs() -> None:
    """For the life of this process."""
    logging.getLogger(_LOGGER).addFilter(WithoutHeaders())
