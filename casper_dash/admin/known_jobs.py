"""The jobs of this release by name, for the panel: what may be run, and how often it runs."""

from functools import cache

from casper_dash.admin.database import engine
from casper_dash.admin.state import Mistake
from casper_dash.settings import AppSettings
from crawler.jobs import jobs
from crawler.network import load_network
from crawler.settings import load_settings


@cache
def intervals() -> dict[str, float | None]:
    """Job name → seconds from one run to the next; None: it runs when it is ordered."""
    settings = load_settings(AppSettings)
    known = jobs(engine(), load_network(settings.network_name), settings)
    return {job.name: job.every_s for job in known}


def known_job(name: str) -> str:
    """The name, if it is a job's: a browser can name anything. Raises Mistake."""
    if name not in intervals():
        raise Mistake(f"There is no job {str(name)[:50]!r}.")
    return name
