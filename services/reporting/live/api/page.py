"""GET /ops: the page that shows the live stream to whoever brings a token. It loads nothing from elsewhere."""

import base64
import hashlib
import re
from pathlib import Path

from starlette.responses import HTMLResponse, RedirectResponse

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


def _allowed(element: str) -> str:
    """The hash by which the browser knows the page's own script or style."""
    found = re.search(f"<{element}>(.*?)</{element}>", PAGE, re.DOTALL)
    content = found[1] if found else ""
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; connect-src 'self'; script-src {_allowed('script')}; "
    f"style-src {_allowed('style')}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@routes.get("/", include_in_schema=False)
async def lead_to_ops_page() -> RedirectResponse:
    """The same with a slash: by a path alone, so that no Host header says where it leads."""
    return RedirectResponse("/ops", 308)


@routes.api_route("", methods=["GET", "HEAD"], include_in_schema=False)
async def read_ops_page() -> HTMLResponse:
    """The page itself holds no data: it asks the live stream with the token that is typed into it."""
    return HTMLResponse(PAGE, headers=_HEADERS)
