"""E-mail addresses as people write them."""

import re

_ATOM = r"[^@\s\x00-\x1f\x7f()<>,;:\\\"\[\].]+"
"""Nothing that separates or encloses addresses in a header: a list would be read where one is meant."""
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_WRITTEN = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")


def mail_address(text: str) -> str:
    """The address itself, however long; raises ValueError for what is none."""
    if _WRITTEN.fullmatch(text):
        return text
    raise ValueError("write an e-mail address, such as name@example.com")
