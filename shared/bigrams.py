"""Sealed text is searched by keyed hashes of its bigrams; a hit is verified after unsealing (decision 20).

Pairs of neighbouring characters, because two-character words are usual in Chinese (decision 31) and English is found by
them as well. What cannot be read back is no text: the hash is cut to 64 bits, and different bigrams may share one.
"""

import unicodedata
from collections.abc import Callable, Iterable
from itertools import pairwise


def folded(text: str) -> str:
    """A text as it is searched: compatibility forms, case and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def bigrams_of(text: str) -> set[str]:
    """Its pairs of neighbouring characters."""
    return {first + second for first, second in pairwise(folded(text))}


def hashes_of(digest: Callable[[bytes], bytes], texts: Iterable[str]) -> list[int]:
    """The hashes of the bigrams of texts by a keyed digest (`Vault.digest`), each once: signed, of 64 bits."""
    found: set[str] = set().union(*map(bigrams_of, texts))
    return sorted(_hash(digest, each) for each in found)


def _hash(digest: Callable[[bytes], bytes], bigram: str) -> int:
    return int.from_bytes(digest(f"bigram:{bigram}".encode())[:8], signed=True)
