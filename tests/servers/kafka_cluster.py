"""A cluster of Kafka brokers for tests, each of which can be killed and started again; and a cluster of one, likewise.

Three nodes keep three copies of everything, and take a message when two have it. Each is a JVM of 300 to 400 MB.
"""

import base64
import subprocess
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka.errors import KafkaError

from streams.bus.kafka.clients import Clients
from streams.settings import BusSettings
from tests.servers import kafka
from tests.servers.ports import free_ports
from tests.servers.require import missing

READY_S = 120.0
PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.bootstrap.servers={controllers}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/kraft
num.partitions=6
auto.create.topics.enable=false
default.replication.factor={copies}
min.insync.replicas={least}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=2
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={least}
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={least}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
"""


class KafkaCluster:
    """Brokers on loopback. Ends with its `with` block, or with this process."""

    def __init__(self, folder: Path, nodes: int) -> None:
        java = kafka.find_java()
        if java is None or not kafka.STAMP.exists():
            missing("Kafka", "no Java runtime, or its jars are absent (run python -m tests.servers.kafka fetch)")
        self._folder, self._nodes = folder, range(1, nodes + 1)
        ports = free_ports(2 * nodes)
        self._ports = dict(zip(self._nodes, ports[:nodes], strict=True))
        self._controllers = dict(zip(self._nodes, ports[nodes:], strict=True))
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        (folder / "log4j2.properties").write_text(kafka.LOGGING)
        logging = f"-Dlog4j2.configurationFile={folder}/log4j2.properties"
        self._java = [java, "-Xmx384m", logging, "-cp", f"{kafka.JARS}/*"]
        self._format()

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(f"127.0.0.1:{port}" for port in self._ports.values())

    def start(self, *nodes: int) -> None:
        """Start these nodes, or all, and wait until the cluster answers."""
        for node in nodes or self._nodes:
            with (self._folder / f"{node}.log").open("ab") as output:
                command = [*kafka.ending_with_us(), *self._java, "kafka.Kafka", str(self._properties(node))]
                self._running[node] = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        self._await_answer()

    def kill(self, node: int) -> None:
        """SIGKILL."""
        process = self._running.pop(node)
        process.kill()
        process.wait()

    def leader(self, topic: str, partition: int) -> int:
        """The node that leads the partition; -1 while there is none."""
        with Clients(self.servers, BusSettings()).admin() as admin:
            (told,) = admin.describe_topics([topic])
        return next(int(each["leader_id"]) for each in told["partitions"] if each["partition_index"] == partition)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for node in list(self._running):
            self.kill(node)

    def _properties(self, node: int) -> Path:
        return self._folder / f"{node}.properties"

    def _format(self) -> None:
        copies = len(self._nodes)
        places = {node: _short_id() for node in self._nodes}
        quorum = ",".join(f"127.0.0.1:{port}" for port in self._controllers.values())
        first = ",".join(f"{node}@127.0.0.1:{self._controllers[node]}:{places[node]}" for node in self._nodes)
        cluster = _short_id()
        for node in self._nodes:
            self._properties(node).write_text(
                PROPERTIES.format(
                    node=node,
                    controllers=quorum,
                    broker=self._ports[node],
                    controller=self._controllers[node],
                    folder=self._folder / str(node),
                    copies=copies,
                    least=min(2, copies),
                )
            )
            command = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties(node))]
            done = subprocess.run(
                [*self._java, *command, "--initial-controllers", first], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"Kafka's storage was not formatted:\n{done.stdout}{done.stderr}")

    def _await_answer(self) -> None:
        deadline = time.monotonic() + READY_S
        wanted = len(self._running)
        while time.monotonic() < deadline:
            try:
                with Clients(self.servers, BusSettings(answer_timeout_s=3)).admin() as admin:
                    if len(admin.describe_cluster()["brokers"]) >= wanted:
                        return
            except (KafkaError, OSError):
                pass
            time.sleep(0.2)
        raise RuntimeError(f"Kafka did not answer within {READY_S} s: see {self._folder}")


def _short_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
