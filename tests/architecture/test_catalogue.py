"""`docs/errors.md` says what the error classes say, and a slug means one thing."""

from deploy.development import catalogue
from shared.errors import Conflict, Stale


class Another(Conflict):
    """Gives a slug of `shared` another meaning."""

    slug = "stale"


def test_the_page_is_current() -> None:
    page = catalogue.PAGE.read_text(encoding="utf-8")

    assert page == catalogue.page(catalogue.all_errors()), "run: make catalogue"


def test_a_slug_means_the_same_everywhere() -> None:
    assert catalogue.contradictions(catalogue.all_errors()) == {}


def test_a_slug_that_means_two_things_is_seen() -> None:
    assert catalogue.contradictions([Stale, Another])["stale"] == [
        "412 It has changed since it was read (shared)",
        "409 The present state does not allow it (tests)",
    ]


def test_what_a_class_says_of_itself_is_told() -> None:
    assert "| `stale` | 412 | It has changed since it was read | shared |" in catalogue.page([Stale])
    assert "| `stale` | 409 | The present state does not allow it. Gives a slug of" in catalogue.page([Another])


def test_what_has_no_class_is_told_too() -> None:
    assert "| `internal` | 500 |" in catalogue.page([])
