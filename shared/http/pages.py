"""Pages for people without a login: what they load is in them, and nobody stands around them.

The browser runs and shows nothing but the page's own script and style, known by their hashes; forms go to the page's
own origin alone; no address of a page is told to whoever a link leads to; nobody frames it.
"""

import base64
import hashlib
from typing import Final

from starlette.responses import HTMLResponse

_NOBODY_ELSE: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def own(content: str) -> str:
    """How a policy names a script or a style that stands in the page: by its hash."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


def strict_headers(
    *, script: str = "", style: str = "", connects: bool = False, posts: bool = False, cached: str = "no-store"
) -> dict[str, str]:
    """The headers of a page: `script` and `style` are the contents of its elements; whether it asks its own origin
    (`connects`) and has forms (`posts`)."""
    policy = [
        "default-src 'none'",
        *(["connect-src 'self'"] if connects else []),
        *([f"script-src {own(script)}"] if script else []),
        *([f"style-src {own(style)}"] if style else []),
        "base-uri 'none'",
        "form-action 'self'" if posts else "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    return {"Content-Security-Policy": "; ".join(policy), **_NOBODY_ELSE, "Cache-Control": cached}


def page(html: str, headers: dict[str, str], status: int = 200) -> HTMLResponse:
    """A page with its strict headers."""
    return HTMLResponse(html, status, headers)
