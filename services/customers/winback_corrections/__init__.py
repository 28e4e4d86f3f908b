"""Putting right what was said to have come of a win-back case; a dismissal by one is taken back so, too."""
