"""E-mail addresses as people write them."""

import re

_WRITTEN = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]+\.[^@\s.\x00-\x1f\x7f]+")


def mail_address(text: str) -> str:
    """The address itself, however long; raises ValueError for what is none."""
    if _WRITTEN.fullmatch(text):
        return text
    raise ValueError("write an e-mail address, such as name@example.com")
