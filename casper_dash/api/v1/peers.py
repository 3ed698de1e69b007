"""/api/v1/peers"""

from sqlmodel import Session

from casper_dash.api.kinds import DECIMAL, PUBLIC_KEY, TEXT, TIME, WHOLE, Field, searched
from casper_dash.api.resource import Listing, Resource, Rows
from casper_dash.api.v1.place import COORDINATES, TOWN
from casper_dash.queries.paging import Page
from casper_dash.queries.peers import peers


def _select(session: Session, _wanted: None, page: Page) -> Rows:
    # a page that goes on stays in the refresh of the first one
    version = None if page.start is None else page.start[0]
    return Rows(peers(session, version, page))


PEERS = Resource(
    name="peer",
    path="/api/v1/peers",
    description="A node of the network, as the newest whole refresh saw it.",
    fields=(
        Field("version", WHOLE, "The number of the refresh."),
        Field("refreshed_at", TIME, "When that was."),
        Field("address", searched(100), "Host and port."),
        Field("public_key", PUBLIC_KEY, "Its public key, if told.", nullable=True),
        Field("node_version", TEXT, "The version that it runs.", nullable=True),
        Field("role", TEXT, "Its role.", nullable=True),
        *TOWN,
        Field("postal", TEXT, "Postal code.", nullable=True),
        Field("timezone", TEXT, "Time zone.", nullable=True),
        Field("organisation", TEXT, "Who runs the network that it is in.", nullable=True),
        *COORDINATES,
        Field("performance", DECIMAL, "As its source measures it.", nullable=True),
    ),
    listing=Listing(
        summary="Places of nodes",
        parameters=(),
        filter=lambda: None,
        select=_select,
        key=("version", "address"),
    ),
)
