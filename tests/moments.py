"""The one form of moments, looked for in whatever is sent."""

import re

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d|)")


def one_form(text: str) -> str:
    """The text; fails on a moment in it that is not in UTC with Z."""
    others = {found[0] for found in _MOMENT.finditer(text) if found["zone"] != "Z"}
    assert not others, f"moments in another form: {sorted(others)[:5]}"
    return text
