"""A real Apache Kafka 4 broker without Docker: one node, loopback only.

    with KafkaBroker(Path("somewhere")) as broker:
        AIOKafkaProducer(bootstrap_servers=broker.bootstrap)

    python -m deploy.kafka.broker start | stop | status

The first form is for tests and measurements: free ports, and the broker dies with this process.
The second serves `make kafka`: port 9092 unless KAFKA_PORT says otherwise,
data under .data, a broker for each port, and the broker stays.

The folder holds `log` (Kafka's data), `node.json` (cluster and ports, chosen once),
`server.properties` (written at every start), `broker.pid`, `broker.log` and the log before it.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.kafka.libs import LIBS, ROOT, KafkaMissing, ensure_libs, java_and_maven_available
from deploy.kafka.node import HOST, Node, is_free

__all__ = [
    "BrokerFailed",
    "KafkaBroker",
    "KafkaMissing",
    "ensure_libs",
    "given_bootstrap",
    "java_and_maven_available",
]

DATA = ROOT / ".data" / "kafka"
PORT = 9092
"""Of `make kafka`; the controller takes the next one."""

START_PATIENCE = 90.0
"""Seconds until the broker must answer; about 5 on a quiet machine."""
STOP_PATIENCE = 30.0
LOOK_EVERY = 0.05
TRIES = 3
"""A free port may be taken by somebody else before the broker has it."""
SHOWN = 30
"""Lines of the broker's log in an error."""

JVM = (
    "-Xmx400m",
    # The quick compiler only and the plainest collector: the broker is up sooner and leaves more of
    # the processor to those who use it; on two cores their figures are better for it.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.net.preferIPv4Stack=true",
    f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}",
)


class BrokerFailed(Exception):
    """The broker did not come up; the text ends with the last lines of its log."""


class _PortTaken(BrokerFailed):
    """Somebody else had one of the broker's ports."""


def given_bootstrap() -> str | None:
    """The broker named by KAFKA_BOOTSTRAP, to be used instead of one of our own."""
    return os.environ.get("KAFKA_BOOTSTRAP") or None


class KafkaBroker:
    """The broker whose data lie in `data`, running or not.

    `start` may be called again after `stop`, `kill` or a crash: data, cluster and ports stay.
    With `survives` the broker outlives this process, else it is killed with it, however this
    process ends. Methods block; a coroutine calls them through `asyncio.to_thread`.
    """

    def __init__(self, data: Path, *, port: int | None = None, survives: bool = False) -> None:
        """`port` (and the one above it) is for new data only; None: two free ports."""
        self.data = data.resolve()
        self._port = port
        self._survives = survives
        self._child: subprocess.Popen[bytes] | None = None
        self._tether: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def bootstrap(self) -> str:
        """host:port for clients, once the broker has been started for the first time."""
        return self._node().bootstrap

    @property
    def log(self) -> Path:
        """What the broker said since its last start: warnings and errors."""
        return self.data / "broker.log"

    def start(self, patience: float = START_PATIENCE) -> None:
        """Start, and return when the broker answers and can coordinate groups.

        Nothing happens when it runs already. Raises KafkaMissing without Java, Maven or the jars,
        BrokerFailed when it does not answer within `patience` seconds.
        """
        if self.pid is not None:
            return
        ensure_libs()
        deadline = time.monotonic() + patience
        for _ in range(TRIES - 1):
            try:
                self._start_once(deadline)
            except _PortTaken:
                if not self._may_move():
                    raise
                self._forget_node()
            else:
                return
        self._start_once(deadline)

    def stop(self, patience: float = STOP_PATIENCE) -> None:
        """Let the broker shut down in order, or kill it after `patience` seconds."""
        self._end(signal.SIGTERM, patience)

    def kill(self) -> None:
        """Kill -9, as a crash would; the data stay."""
        self._end(signal.SIGKILL, STOP_PATIENCE)

    @property
    def pid(self) -> int | None:
        """The process of this broker, None when it does not run.

        A pid file alone proves nothing: the number may have gone to another process since. The
        process must be a Kafka whose command line names this folder.
        """
        process = self._process()
        return None if process is None else process.pid

    def _process(self) -> psutil.Process | None:
        if self._child is not None and self._child.poll() is None:
            return psutil.Process(self._child.pid)
        try:
            process = psutil.Process(int(self._pid_file.read_text()))
            command = process.cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return process if self._name_tag in command and "kafka.Kafka" in command else None

    @property
    def _pid_file(self) -> Path:
        return self.data / "broker.pid"

    @property
    def _name_tag(self) -> str:
        """Stands on the command line, so that the process is known again."""
        return f"-Dcrm.kafka.data={self.data}"

    def _node(self) -> Node:
        return Node.read(self.data / "node.json")

    def _may_move(self) -> bool:
        """Whether other ports may be chosen: nobody asked for these, and no client knows them."""
        return self._port is None and not self._has_served()

    def _has_served(self) -> bool:
        """A broker that never answered has no partitions but the one of its own metadata."""
        partitions = (self.data / "log").glob("*-[0-9]*")
        return any(partition.name != "__cluster_metadata-0" for partition in partitions)

    def _forget_node(self) -> None:
        shutil.rmtree(self.data / "log", ignore_errors=True)
        (self.data / "node.json").unlink()

    def _start_once(self, deadline: float) -> None:
        self._prepare()
        try:
            self._launch()
            self._wait_until_it_answers(deadline)
        except BaseException:
            self.kill()
            raise

    def _prepare(self) -> None:
        """Choose cluster and ports if the folder is new, write the configuration, format."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "tmp").mkdir(exist_ok=True)
        if not (self.data / "node.json").is_file():
            Node.new(self._port).write(self.data / "node.json")
        node = self._node()
        self._refuse_taken_ports(node)
        (self.data / "server.properties").write_text(node.configuration())
        if self.log.exists():
            self.log.replace(self.data / "broker.log.1")
        if not (self.data / "log" / "meta.properties").is_file():
            self._format(node)

    def _refuse_taken_ports(self, node: Node) -> None:
        for port in (node.port, node.controller_port):
            if not is_free(port):
                raise _PortTaken(
                    f"Port {port} of {HOST} is taken by another process. End that process, or"
                    f" remove {self.data} and choose another port."
                )

    def _format(self, node: Node) -> None:
        """Make the empty cluster; `meta.properties` is written last, so half a format is redone."""
        shutil.rmtree(self.data / "log", ignore_errors=True)
        told = subprocess.run(
            [
                *self._java(),
                *("kafka.tools.StorageTool", "format", "--standalone"),
                *("--cluster-id", node.cluster, "--config", "server.properties"),
            ],
            cwd=self.data,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=START_PATIENCE,
        )
        if told.returncode != 0:
            raise BrokerFailed(f"Kafka could not format {self.data / 'log'}:\n{told.stdout}")

    def _java(self, *options: str) -> list[str]:
        """What is unpacked for the JVM lies with the data, so a kill leaves nothing in /tmp."""
        classes = str(LIBS / "*")
        return ["java", *JVM, f"-Djava.io.tmpdir={self.data / 'tmp'}", *options, "-cp", classes]

    def _launch(self) -> None:
        """A session of its own: Ctrl-C at the terminal is for the owner, who then stops it."""
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                [*self._java(self._name_tag), "kafka.Kafka", "server.properties"],
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._pid_file.write_text(str(self._child.pid))
        if not self._survives:
            self._tether = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(Path(__file__).with_name("tether.py"))),
                    *(str(self._child.pid), str(os.getpid())),
                ],
                stdin=subprocess.PIPE,
                start_new_session=True,
            )

    def _wait_until_it_answers(self, deadline: float) -> None:
        node = self._node()
        while time.monotonic() < deadline:
            self._refuse_the_dead()
            if _listens(node) and asyncio.run(_serves(node)):
                return
            time.sleep(LOOK_EVERY)
        raise BrokerFailed(f"Kafka at {node.bootstrap} did not answer in time. {self._last_words()}")

    def _refuse_the_dead(self) -> None:
        if self._child is None or self._child.poll() is None:
            return
        words = self._last_words()
        if "Address already in use" in words:
            raise _PortTaken(f"Kafka found a port of {self.bootstrap} taken. {words}")
        raise BrokerFailed(f"Kafka ended with status {self._child.returncode}. {words}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-SHOWN:]
        return f"The end of {self.log}:\n" + ("\n".join(lines) or "(empty)")

    def _end(self, how: signal.Signals, patience: float) -> None:
        process = self._process()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(how)
                self._outlast(process, patience)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self._release_tether()
        self._pid_file.unlink(missing_ok=True)

    def _outlast(self, process: psutil.Process, patience: float) -> None:
        try:
            process.wait(patience)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait()

    def _release_tether(self) -> None:
        """Only once the broker has ended, and as soon as that: its number may be given away."""
        if self._tether is not None:
            self._tether.communicate(b".")
            self._tether = None


def _listens(node: Node) -> bool:
    try:
        socket.create_connection((HOST, node.port), timeout=1.0).close()
    except OSError:
        return False
    return True


async def _serves(node: Node) -> bool:
    """Whether the broker at the port is this one, leads its cluster and coordinates groups.

    Asking for a coordinator makes the topic of the offsets, so the first consumer need not wait.
    """
    client = AIOKafkaAdminClient(bootstrap_servers=node.bootstrap, request_timeout_ms=5000)
    try:
        await client.start()
        cluster = await client.describe_cluster()
        if cluster["cluster_id"] != node.cluster or not cluster["brokers"]:
            return False
        await client.find_coordinator("readiness")
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
    return True


def data_of(port: int) -> Path:
    """Where `make kafka` keeps the broker of a port."""
    return DATA if port == PORT else DATA.with_name(f"kafka-{port}")


def main(arguments: list[str] | None = None) -> int:
    """The commands behind `make kafka` and `make kafka-stop`; the exit status."""
    parser = argparse.ArgumentParser(prog="deploy.kafka.broker", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=("start", "stop", "status"))
    parser.add_argument("--data", type=Path, help="folder of the broker's data (by its port unless given)")
    parser.add_argument("--port", type=int, default=PORT, help="each has a broker of its own (default %(default)s)")
    chosen = parser.parse_args(arguments)
    broker = KafkaBroker(chosen.data or data_of(chosen.port), port=chosen.port, survives=True)
    commands = {"start": _start, "stop": _stop, "status": _status}
    return commands[chosen.command](broker)


def _start(broker: KafkaBroker) -> int:
    if given := given_bootstrap():
        print(f"KAFKA_BOOTSTRAP names a broker, {given}; none was started.")
        return 0
    try:
        broker.start()
    except (KafkaMissing, BrokerFailed) as reason:
        print(reason, file=sys.stderr)
        return 1
    print(f"Kafka answers at {broker.bootstrap} (CRM_KAFKA_BOOTSTRAP={broker.bootstrap}).")
    return 0


def _stop(broker: KafkaBroker) -> int:
    was_running = broker.pid is not None
    broker.stop()
    print("Kafka is stopped; its data stay." if was_running else "No Kafka of ours was running.")
    return 0


def _status(broker: KafkaBroker) -> int:
    """0 when it runs, 3 when it does not, as services do."""
    running = broker.pid is not None
    print(f"Kafka runs at {broker.bootstrap}." if running else "Kafka does not run.")
    return 0 if running else 3


if __name__ == "__main__":
    sys.exit(main())
