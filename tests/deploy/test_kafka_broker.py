"""Brokers of our own: they start, keep what they have, and go with whoever started them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.kafka.broker import DATA, BrokerFailed, KafkaBroker, data_of, java_and_maven_available
from deploy.kafka.libs import missing_tools
from deploy.kafka.node import FREE_PORTS, Node
from shared.bus.kafka_subscription import leave
from tests.architecture.source import ROOT
from tests.eventually import eventually
from tests.kafka import is_required

pytestmark = pytest.mark.kafka

OWNER = """
import sys, time
from pathlib import Path
from deploy.kafka.broker import KafkaBroker

broker = KafkaBroker(Path(sys.argv[1]))
broker.start()
print(broker.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    """KAFKA_BOOTSTRAP lends tests a broker, but not what it takes to start one."""
    if not java_and_maven_available():
        refuse = pytest.fail if is_required() else pytest.skip
        refuse(f"no broker of our own without {' and '.join(missing_tools())}")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    with KafkaBroker(tmp_path_factory.mktemp("kafka") / "data") as broker:
        yield broker


@contextmanager
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is nobody's broker."""
    process = subprocess.Popen(["sleep", "60"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def make_topic(broker: KafkaBroker, topic: str, *, partitions: int = 1) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    try:
        await client.create_topics([NewTopic(topic, partitions, 1)])
    finally:
        await client.close()


async def produce(broker: KafkaBroker, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value)


def member(broker: KafkaBroker, group: str, topic: str, name: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=group,
        group_instance_id=name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
        heartbeat_interval_ms=200,
    )


async def read_first(broker: KafkaBroker, topic: str, *, group: str) -> bytes:
    async with asyncio.timeout(30), member(broker, group, topic, "reader") as consumer:
        record = await consumer.getone()
    value: bytes = record.value
    return value


async def test_a_message_is_still_there_after_kill_9(broker: KafkaBroker) -> None:
    await make_topic(broker, "kept")
    await produce(broker, "kept", b"first")
    assert await read_first(broker, "kept", group="before") == b"first"
    address = broker.bootstrap

    broker.kill()
    assert broker.pid is None
    await asyncio.to_thread(broker.start)

    assert broker.bootstrap == address
    assert await read_first(broker, "kept", group="after") == b"first"


async def test_a_consumer_leaves_while_the_broker_is_away(broker: KafkaBroker) -> None:
    """aiokafka's own stop then raises CancelledError, which would end the subscription for good."""
    await make_topic(broker, "left")
    consumer = member(broker, "leavers", "left", "leaver")
    await consumer.start()
    try:
        assert await consumer.getmany(timeout_ms=500) == {}
        broker.kill()
        assert await consumer.getmany(timeout_ms=500) == {}

        await leave(consumer)
    finally:
        await asyncio.to_thread(broker.start)


async def test_a_second_member_of_a_group_takes_its_share(broker: KafkaBroker) -> None:
    await make_topic(broker, "shared", partitions=2)
    both = {TopicPartition("shared", 0), TopicPartition("shared", 1)}

    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(member(broker, "sharers", "shared", "first"))
        assert first.assignment() == both
        second = await stack.enter_async_context(member(broker, "sharers", "shared", "second"))
        await eventually(lambda: len(first.assignment()) == len(second.assignment()) == 1)

        assert first.assignment() | second.assignment() == both


async def test_a_mistyped_topic_is_an_error_and_not_a_new_topic(broker: KafkaBroker) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    try:
        (described,) = await client.describe_topics(["mistyped"])
        topics = await client.list_topics()
    finally:
        await client.close()

    assert described["error_code"] == UnknownTopicOrPartitionError.errno
    assert "mistyped" not in topics


def test_it_listens_on_loopback_only(broker: KafkaBroker) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(broker.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening == ["127.0.0.1", "127.0.0.1"]


def test_the_broker_has_a_voice(broker: KafkaBroker) -> None:
    """Kafka's own dependencies lack the bridge from SLF4J to a logging backend."""
    said = broker.log.read_text()

    assert "WARN" in said
    assert "SLF4J" not in said


def test_a_second_start_changes_nothing(broker: KafkaBroker) -> None:
    pid = broker.pid

    KafkaBroker(broker.data).start()

    assert broker.pid == pid


async def test_it_goes_with_its_owner_and_stays_when_told_to(broker: KafkaBroker, tmp_path: Path) -> None:
    neighbour = KafkaBroker(tmp_path)
    with owner_of_a_broker(tmp_path) as owner:
        pid = await asyncio.to_thread(told_pid, owner)
        assert neighbour.pid == pid
        owner.kill()
    await eventually(lambda: not psutil.pid_exists(pid))

    try:
        started = await asyncio.to_thread(command, tmp_path, "start")
        assert started.returncode == 0, started.stderr
        assert neighbour.bootstrap in started.stdout
        assert neighbour.pid is not None
        assert command(tmp_path, "status").returncode == 0

        stopped = await asyncio.to_thread(command, tmp_path, "stop")
        assert stopped.returncode == 0, stopped.stderr
        assert neighbour.pid is None
    finally:
        neighbour.kill()


def test_each_port_has_a_broker_of_its_own() -> None:
    assert data_of(9092) == DATA
    assert data_of(9192).name == "kafka-9192"
    for name in ("start", "stop", "status"):
        target = "kafka" if name == "start" else f"kafka-{name}"
        said = subprocess.run(
            ["make", "--dry-run", target, "KAFKA_PORT=9192"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        assert f"deploy.kafka.broker {name} --port 9192" in said


def owner_of_a_broker(data: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", OWNER, str(data)], cwd=ROOT, stdout=subprocess.PIPE)


def told_pid(owner: subprocess.Popen[bytes]) -> int:
    assert owner.stdout is not None
    return int(owner.stdout.readline())


def command(data: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "KAFKA_BOOTSTRAP"}
    return subprocess.run(
        [sys.executable, "-m", "deploy.kafka.broker", name, "--data", str(data)],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_another_process_with_the_number_of_an_old_broker_is_left_alone(tmp_path: Path) -> None:
    broker = KafkaBroker(tmp_path)
    with bystander() as process:
        (tmp_path / "broker.pid").write_text(str(process.pid))
        assert broker.pid is None

        broker.stop()

        assert process.poll() is None


def test_a_released_tether_kills_nobody() -> None:
    """The broker has ended by then, and its number may belong to another process."""
    with bystander() as process:
        tether = tie(process)
        tether.communicate(b".")
        assert (tether.returncode, process.poll()) == (0, None)


def test_a_tether_whose_owner_is_gone_kills_the_broker() -> None:
    with bystander() as process:
        tie(process).communicate()
        assert process.wait(10) == -signal.SIGKILL


def tie(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    program = str(ROOT / "deploy" / "kafka" / "tether.py")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", program, str(process.pid), str(os.getpid())], stdin=subprocess.PIPE
    )


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BrokerFailed, match=f"Port {port} of 127.0.0.1 is taken"):
            KafkaBroker(tmp_path / "data", port=port).start()


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    """Here the data belong to another node than the configuration names."""
    log = tmp_path / "log"
    log.mkdir()
    (log / "meta.properties").write_text("version=1\nnode.id=2\ncluster.id=another\n")
    began = time.monotonic()

    with pytest.raises(BrokerFailed, match=r"(?s)ended with status 1\..*node id 2"):
        KafkaBroker(tmp_path).start()

    assert time.monotonic() - began < 60
    assert not (tmp_path / "broker.pid").exists()


def test_ports_are_out_of_the_reach_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert max(FREE_PORTS) < lowest
    assert {Node.new(None).port for _ in range(20)} <= set(FREE_PORTS)


def test_a_broker_whose_port_was_taken_meanwhile_moves(broker: KafkaBroker, tmp_path: Path) -> None:
    """Ports are chosen before they are opened, so two brokers may choose the same."""
    taken = Node.read(broker.data / "node.json").port
    replace(Node.new(None), port=taken).write(tmp_path / "node.json")

    with KafkaBroker(tmp_path) as moved:
        assert moved.bootstrap != broker.bootstrap
        assert moved.pid != broker.pid


def test_no_cluster_looks_like_an_option() -> None:
    """Kafka's own tool reads a name with a dash in front as an option; one in 64 would have it."""
    assert not [node for node in (Node.new(20_000) for _ in range(1000)) if node.cluster.startswith("-")]
