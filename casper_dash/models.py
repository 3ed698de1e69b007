"""Every table of the panel: import this to fill the metadata, beside `crawler.models`."""

from casper_dash.audit import models as audit
from casper_dash.auth import models as auth
from casper_dash.mail import models as mail

__all__ = ["audit", "auth", "mail"]
