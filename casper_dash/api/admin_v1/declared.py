"""Everything that this API has."""

from collections.abc import Sequence

from casper_dash.api.admin_v1 import (
    crawl,
    deciding,
    draft,
    jobs,
    labels,
    nodes,
    own,
    people,
    proposals,
    review,
    schedules,
    trail,
)
from casper_dash.api.admin_v1.action import Action
from casper_dash.api.admin_v1.reading import Reading
from casper_dash.auth.place import Place
from crawler.network import Network


def readings(place: Place, network: Network, names: Sequence[str]) -> tuple[Reading, ...]:
    """What is read; `names` are those of the jobs."""
    return (
        *own.readings(place),
        *review.READINGS,
        *draft.READINGS,
        *schedules.readings(network),
        *labels.READINGS,
        *proposals.readings(network),
        *people.READINGS,
        *trail.READINGS,
        *nodes.readings(place),
        *jobs.readings(names),
        *crawl.readings(place),
    )


def actions(names: Sequence[str]) -> tuple[Action, ...]:
    """What is done; `names` are those of the jobs."""
    return (
        *own.ACTIONS,
        *deciding.ACTIONS,
        *schedules.ACTIONS,
        *labels.ACTIONS,
        *proposals.ACTIONS,
        *people.ACTIONS,
        *nodes.ACTIONS,
        *jobs.actions(names),
        *crawl.ACTIONS,
    )
