"""Exits with 0 when the address given as the only argument answers 200: a container's health check."""

import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

PATIENCE = 3.0
"""Seconds."""


def is_healthy(url: str) -> bool:
    """Whether `url` (http, with a port) answers 200 in time."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=PATIENCE)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_healthy(sys.argv[1]) else 1)
