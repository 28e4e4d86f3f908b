"""GET /ops: the page that shows the live stream to whoever brings a token. It loads nothing from elsewhere."""

import re
from pathlib import Path

from starlette.responses import HTMLResponse, RedirectResponse

from shared.http.pages import page, strict_headers
from shared.http.routing import router

routes = router("/ops", "live")


def _page() -> str:
    """The page as one document: its style and scripts stand where it names their files."""
    folder = Path(__file__).parents[1] / "page"
    document = folder.joinpath("page.html").read_text(encoding="utf-8")
    for part in ("style.css", "texts.js", "page.js"):
        document = document.replace(f"/* {part} */", folder.joinpath(part).read_text(encoding="utf-8"))
    return document


PAGE = _page()


def _content(element: str) -> str:
    """The page's own script or style."""
    found = re.search(f"<{element}>(.*?)</{element}>", PAGE, re.DOTALL)
    return found[1] if found else ""


_HEADERS = strict_headers(script=_content("script"), style=_content("style"), connects=True, cached="no-cache")


@routes.get("/", include_in_schema=False)
async def lead_to_ops_page() -> RedirectResponse:
    """The same with a slash: by a path alone, so that no Host header says where it leads."""
    return RedirectResponse("/ops", 308)


@routes.api_route("", methods=["GET", "HEAD"], include_in_schema=False)
async def read_ops_page() -> HTMLResponse:
    """The page itself holds no data: it asks the live stream with the token that is typed into it."""
    return page(PAGE, _HEADERS)
