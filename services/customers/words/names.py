"""How names beside ids are described."""

from typing import Final

from shared.vocabulary import Vocabulary

VOCABULARY: Final = Vocabulary(
    words={
        "assignee_name": "what the directory calls who cares for it; null where it does not say",
        "brand_name": "what the brand is called; null of no brand",
        "competitor_name": "what the competitor is called; null where nobody knows which",
        "customer_name": "the store's trading name; null of a person, whose name `GET names` says",
        "region_name": "what the region is called; null where none is known",
    },
)
