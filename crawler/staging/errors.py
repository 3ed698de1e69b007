"""What stops an import.

ImportFailed         nothing was changed; the message is one line that says why
  OlderDataError     the older platform's data cannot be read          → mend or dump again
"""


class ImportFailed(Exception):
    """An import stopped, and the database is as it was."""


class OlderDataError(ImportFailed):
    """The older platform's data is not as expected; names table, row and column where it can."""
