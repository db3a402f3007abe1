"""The Dash app on top of the API's FastAPI: one origin, pages under ``/``, the API under ``/api``."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, html
from dash.fingerprint import check_fingerprint
from fastapi import FastAPI

import frontend.pages
from frontend.keeping import Keeping
from frontend.page import Page
from frontend.shell import CONTENT, LOCATION, shell

ASSETS = Path(__file__).parent / "assets"


def mount_pages(api: FastAPI) -> Dash:
    """Put the pages onto an API.

    Args:
        api: The FastAPI app; its routes must be registered before the first request.

    Returns:
        The Dash app, of which ``api`` is the server.
    """
    pages = find_pages()
    app = Dash(
        "frontend",
        server=api,  # type: ignore[arg-type]  # Dash's own annotation knows Flask only
        title="Foldscape",
        update_title="",
        assets_folder=str(ASSETS),
        suppress_callback_exceptions=True,
    )
    app.index_string = index_string(ASSETS)
    app.layout = shell(pages)
    _route(app, pages)
    for page in pages:
        if page.callbacks is not None:
            page.callbacks(app)
    # Dash does this at the first request to "/" or to itself; a visitor who begins elsewhere would get no assets.
    app._setup_server()  # type: ignore[no-untyped-call]
    api.add_middleware(Keeping)
    return app


def has_file(app: Dash, package: str, file: str) -> bool:
    """Whether Dash serves a file of one of its packages, with or without the fingerprint in its name."""
    return check_fingerprint(file)[0] in app.registered_paths.get(package, ())  # type: ignore[no-untyped-call]


def find_pages() -> list[Page]:
    """Collect the ``PAGE`` of every module in ``frontend.pages``, in the order of the top bar."""
    names = [module.name for module in pkgutil.iter_modules(frontend.pages.__path__)]
    modules = [importlib.import_module(f"frontend.pages.{name}") for name in names]
    return sorted((module.PAGE for module in modules), key=lambda page: (page.order is None, page.order or 0))


def _route(app: Dash, pages: list[Page]) -> None:
    @app.callback(Output(CONTENT, "children"), Input(LOCATION, "pathname"))
    async def show(pathname: Any) -> Any:
        where = pathname if isinstance(pathname, str) else "/"
        for page in pages:
            parts = page.match(where)
            if parts is not None:
                return page.layout(**parts)
        return html.Div(
            [html.H1("Nothing lives here"), html.P(f"No page has the address {where[:200]}.")], className="lost"
        )


def index_string(assets: Path) -> str:
    """Write the HTML around the app.

    Dash loads each module of the assets with its time in the query; the import map gives imports between modules
    the same address, so that each is fetched once and never stale.

    Args:
        assets: Folder of the assets.

    Returns:
        A template for ``Dash.index_string``.
    """
    modules = sorted(assets.rglob("*.mjs"))
    addresses = [f"/assets/{module.relative_to(assets).as_posix()}" for module in modules]
    times = [module.stat().st_mtime for module in modules]
    imports = {address: f"{address}?m={time}" for address, time in zip(addresses, times, strict=True)}
    return INDEX.replace("{imports}", json.dumps({"imports": imports}))


INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" href="/assets/mark.svg">
<script type="importmap">{imports}</script>
<script>document.documentElement.dataset.mantineColorScheme =
  localStorage.getItem("mantine-color-scheme-value") ||
  (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");</script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
