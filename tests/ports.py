"""Ports for processes that are started, stopped and started again on the same one."""

import secrets

from deploy.kafka.node import FREE_PORTS, is_free


def free_port() -> int:
    """A port below those that outgoing connections are given: nobody takes it while its process is away."""
    while True:
        port = secrets.choice(FREE_PORTS)
        if is_free(port):
            return port
