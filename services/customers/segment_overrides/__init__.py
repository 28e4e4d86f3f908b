"""Scores of segments that are said by hand, with a reason and until a day."""
