"""What functions of people and letters work with, in this process."""

from functools import cache

from casper_dash.admin.database import engine
from casper_dash.auth.place import Place, place_of
from casper_dash.settings import AppSettings
from crawler.settings import load_settings


@cache
def place() -> Place:
    """The database, the keys and the panel's address, as the settings say."""
    return place_of(engine(), load_settings(AppSettings))
