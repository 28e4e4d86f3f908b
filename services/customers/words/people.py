"""How the fields of people of stores are described."""

from typing import Final

from shared.vocabulary import Vocabulary

VOCABULARY: Final = Vocabulary(
    words={
        "Person*.name": "the person's name; masked for those who need not see it",
        "Person*.decides": "whether they decide what the store buys",
        "Person*.pays": "whether they pay for it",
        "Person*.uses": "whether they use it",
        "occasion": "what it is the day of",
        "calendar": "by which calendar it comes again",
        "job": "what they are in the store",
        "means": "by which they would rather be reached; null where nobody said",
        "occupation": "what they do or did for a living; null where nobody said, or for who need not know",
        "income": "what they earn a month; null likewise",
        "education": "the highest school they have ended; null likewise",
        "managing": "how they manage, up to 4,000 characters; null likewise",
        "family": "what is known of their family, up to 4,000 characters; null likewise",
        "tastes": "what they like, up to 4,000 characters; null likewise",
        "left_on": "since when they are in the store no more; null: they are",
    },
)
