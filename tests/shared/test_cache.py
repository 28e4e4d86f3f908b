"""What was read is kept until it is forgotten or no longer serves."""

from shared.cache import Cache


class Book:
    """Something that changes, and how often it was read."""

    def __init__(self) -> None:
        self.pages = 1
        self.read = 0


async def pages(book: Book) -> int:
    book.read += 1
    return book.pages


async def twice_the_pages(book: Book) -> int:
    return 2 * await pages(book)


async def test_it_is_read_once() -> None:
    cache, book = Cache(), Book()

    assert [await cache.get(pages, book) for _ in range(3)] == [1, 1, 1]
    assert book.read == 1
    assert await cache.get(twice_the_pages, book) == 2, "each reading function has a value of its own"


async def test_what_is_forgotten_is_read_anew() -> None:
    cache, book = Cache(), Book()
    await cache.get(pages, book)
    book.pages = 5

    cache.forget(pages)

    assert await cache.get(pages, book) == 5


async def test_what_does_not_serve_is_read_anew_and_given_as_it_is() -> None:
    cache, book = Cache(), Book()
    await cache.get(pages, book)
    book.pages = 2

    assert await cache.get(pages, book, serves=lambda kept: kept > 2) == 2
    assert await cache.get(pages, book, serves=lambda kept: kept > 1) == 2
    assert book.read == 2
