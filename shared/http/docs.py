"""`/{service}/docs`: Swagger UI over the service's OpenAPI; its assets come from a package, nothing from elsewhere."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from shared.errors import NotFound

_ASSETS = Path(fastapi_offline.__file__).with_name("static")
_SCRIPT, _STYLE, _ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def add_docs(app: FastAPI, service: str) -> None:
    """Adds the page and its assets under `/{service}/docs`."""
    path = f"/{service}/docs"

    async def page(_: Request) -> Response:
        shown = get_swagger_ui_html(
            openapi_url=f"/{service}/openapi.json",
            title=app.title,
            swagger_js_url=f"{path}/{_SCRIPT}",
            swagger_css_url=f"{path}/{_STYLE}",
            swagger_favicon_url=f"{path}/{_ICON}",
        )
        shown.headers.update(_HEADERS)
        return shown

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in {_SCRIPT, _STYLE, _ICON}:
            raise NotFound("the documentation has no such part")
        return FileResponse(_ASSETS / name, headers={"Cache-Control": "max-age=86400"})

    app.add_route(path, page, include_in_schema=False)
    app.add_route(f"{path}/{{name}}", asset, include_in_schema=False)
