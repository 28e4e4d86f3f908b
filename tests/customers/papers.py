"""What stands on paper."""

import io

from pypdf import PdfReader


def page_text(document: bytes) -> str:
    """What the one page says, without spaces."""
    (page,) = PdfReader(io.BytesIO(document)).pages
    return "".join(page.extract_text().split())
