"""The application as granian's worker loads it: API and, where there is one, the front end."""

import os
from pathlib import Path
from typing import cast

from starlette.types import ASGIApp

from casper_dash.api.app import create_app
from casper_dash.api.operation import operation_of
from casper_dash.api.v0.nodes import NodeBalances
from casper_dash.front import front
from casper_dash.server import FRONT
from casper_dash.settings import AppSettings
from crawler.database import make_engine
from crawler.log import configure_logging
from crawler.network import load_network
from crawler.processes import end_with_parent
from crawler.settings import load_settings


def worker_app() -> ASGIApp:
    """Built once in each worker, from the environment that `server.serve` leaves."""
    end_with_parent()
    settings = load_settings(AppSettings)
    configure_logging(settings.log_level, settings.log_format)
    network = load_network(settings.network_name)
    urls = settings.rpc_nodes or network.rpc_nodes
    folder = os.environ[FRONT]
    app = create_app(
        make_engine(settings),
        network,
        front=front(Path(folder)) if folder else None,
        public_url=settings.api_url or settings.public_url,
        operation=operation_of(settings),
        nodes=NodeBalances(urls, chain=network.name) if urls else None,
    )
    return cast(ASGIApp, app)
