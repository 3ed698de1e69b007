"""What is read: a public kind of resource, asked for by people who may."""

from dataclasses import dataclass

from casper_dash.api.admin_v1.caller import Need
from casper_dash.api.resource import Resource
from casper_dash.auth.roles import Role
from casper_dash.auth.tokens import Scope

PREFIX = "/api/admin/v1"
CACHE = "no-store"
"""What every row found says; the application sends no other."""
ANYBODY = Need(Role.VIEWER, Scope.READ)
ADMINISTRATORS = Need(Role.ADMINISTRATOR, Scope.ADMINISTER)


@dataclass(frozen=True)
class Reading:
    """A resource, and who may see it."""

    resource: Resource
    need: Need = ANYBODY


@dataclass(frozen=True)
class Everything:
    """A filter that restricts nothing."""
