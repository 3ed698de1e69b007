"""Which database an import may go into."""

from sqlalchemy import Engine, select

from crawler.database import read_session
from crawler.models.chain import BLOCK
from crawler.models.decisions import PUBLICATION
from crawler.models.work import CRAWL_STATE
from crawler.network import Network
from crawler.staging.errors import ImportFailed


def refuse_used_database(engine: Engine, network: Network) -> None:
    """Raises ImportFailed unless the database is this network's and holds neither blocks nor
    decisions."""
    with read_session(engine) as session:
        held = session.execute(select(CRAWL_STATE.network)).scalar()
        if held is not None and held != network.name:
            raise ImportFailed(
                f"the database holds the network {held!r}, NETWORK names {network.name!r}"
            )
        if session.execute(select(BLOCK.height).limit(1)).first() is not None:
            raise ImportFailed("the database holds blocks already: import into an empty one")
        if session.execute(select(PUBLICATION.id).where(PUBLICATION.id > 0)).first() is not None:
            raise ImportFailed("the database holds publications already: import into an empty one")
