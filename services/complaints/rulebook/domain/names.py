"""Names of people, departments and products as they are compared (decision 30a)."""

from shared.texts import fold_identifier


def folded(name: str) -> str:
    """Half width, without spaces, in small letters."""
    return fold_identifier(name).replace(" ", "").casefold()
