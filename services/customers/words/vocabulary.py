"""How customers is described, with the fields of its groups of capabilities."""

from typing import Final

from services.customers.words import files, names, people, sales, service

VOCABULARY: Final = (
    service.VOCABULARY.with_(files.VOCABULARY).with_(people.VOCABULARY).with_(sales.VOCABULARY).with_(names.VOCABULARY)
)
