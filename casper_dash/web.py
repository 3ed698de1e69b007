"""The application as granian's worker loads it: API and, where there are any, pages and panel."""

import os
from functools import partial
from pathlib import Path
from typing import cast

from starlette.types import ASGIApp

from casper_dash.api.admin_v1.app import below, create_admin_api
from casper_dash.api.app import create_app
from casper_dash.api.operation import operation_of
from casper_dash.api.v0.nodes import NodeBalances
from casper_dash.auth.place import place_of
from casper_dash.auth.routes import auth_app_of
from casper_dash.front import front
from casper_dash.panel import Panel, beside, load_backend
from casper_dash.server import FRONT, PANEL
from casper_dash.settings import AppSettings
from crawler.database import make_engine, make_reading_engine
from crawler.jobs import jobs
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
    folder, panel_folder = os.environ[FRONT], os.environ[PANEL]
    engine = make_engine(settings)
    app = create_app(
        make_reading_engine(settings),
        network,
        front=front(Path(folder)) if folder else None,
        public_url=settings.api_url or settings.public_url,
        operation=operation_of(settings),
        nodes=NodeBalances(urls, engine, chain=network.name) if urls else None,
    )
    if not panel_folder:
        return cast(ASGIApp, app)
    place = place_of(engine, settings)
    panel = Panel(Path(panel_folder), auth_app_of(place), partial(load_backend, settings))
    names = [job.name for job in jobs(engine, network, settings)]
    return below(create_admin_api(place, network, names), beside(app, panel))
