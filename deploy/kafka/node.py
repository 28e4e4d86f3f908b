"""What one broker's folder says about it: its cluster, its ports, its configuration.

Ports and cluster are chosen once and stay with the data, so that a broker that is started again is
found by the clients that knew it.
"""

import base64
import json
import secrets
import socket
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"

FREE_PORTS = range(20_000, 32_000)
"""Below the ports the kernel gives to outgoing connections: a client that tries again and again
to reach a stopped broker on a port of that range can end up connected to itself."""

CONFIGURATION = """\
process.roles=broker,controller
node.id=1
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller_port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={host}:{controller_port}
# In the folder the broker runs in.
log.dirs=log

# One node holds everything once.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# A mistyped topic is an error, not a new topic.
auto.create.topics.enable=false

# Quick to start and to group.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=2
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000

# After a kill the controller believes the dead broker alive for this long (default 9 s) and lets
# the new one wait.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=250

# Small: the cleaner alone would take 128 MB of the heap.
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
background.threads=2
"""


@dataclass(frozen=True)
class Node:
    """One broker, which is its own controller."""

    cluster: str
    """Kafka's identifier of the cluster: 16 random bytes, base64."""
    port: int
    controller_port: int

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    @classmethod
    def new(cls, port: int | None) -> Self:
        """A node of a new cluster at `port` (and the one above it), or at two free ports."""
        cluster = _new_cluster()
        if port is not None:
            return cls(cluster, port, port + 1)
        return cls(cluster, *_two_free_ports())

    @classmethod
    def read(cls, file: Path) -> Self:
        return cls(**json.loads(file.read_text()))

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    def configuration(self) -> str:
        """The text of server.properties."""
        return CONFIGURATION.format(host=HOST, port=self.port, controller_port=self.controller_port)


def _new_cluster() -> str:
    """As Kafka chooses one itself: never with a dash in front, which its tools take for an option."""
    while (cluster := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return cluster


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the broker itself asks: a port is free while only old, closed connections remember it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _two_free_ports() -> tuple[int, int]:
    """At random, so that brokers that start at the same moment hardly ever choose the same."""
    while True:
        first = secrets.choice(FREE_PORTS)
        second = secrets.choice(FREE_PORTS)
        if first != second and is_free(first) and is_free(second):
            return first, second
