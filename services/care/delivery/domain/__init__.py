"""The words that leave the house: which messages go, and what they say."""
