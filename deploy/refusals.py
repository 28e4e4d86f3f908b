"""Why something does not start. The command line says it in one line and ends with exit code 2."""


class NotConfigured(Exception):
    """A setting without which this cannot start; the message names it."""


class AlreadyRunning(Exception):
    """Another process works on the same data."""


class Damaged(Exception):
    """A file of the data folder cannot be read; the message says which, and what to do."""
