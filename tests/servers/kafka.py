"""A real Apache Kafka for tests: one KRaft node of its own JVM on loopback, started once per test process.

`python -m tests.servers.kafka fetch` brings the jars through Maven into `.servers/kafka/lib`; a test never downloads.
Mark tests with `pytest.mark.xdist_group("kafka")`, so that one process runs them all and one broker suffices.
"""

import atexit
import base64
import hashlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kafka.errors import KafkaError

from streams.bus.kafka.clients import Clients
from streams.settings import BusSettings
from tests.servers.require import missing

ROOT = Path(__file__).parents[2]
POM = Path(__file__).with_name("kafka-pom.xml")
JARS = ROOT / ".servers" / "kafka" / "lib"
STAMP = JARS.parent / "fetched"
READY_S = 60.0

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/kraft
num.partitions=6
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""
LOGGING = """\
rootLogger.level=info
rootLogger.appenderRef.console.ref=console
appender.console.name=console
appender.console.type=Console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %m (%c)%n
"""


def fetch() -> None:
    """Bring the jars that the pom names, unless exactly these are there. Needs Maven and a repository of artifacts."""
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise SystemExit("Maven (mvn) is not installed: it fetches Apache Kafka's jars")
    shutil.rmtree(JARS, ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    subprocess.run([maven, "-q", "-B", "-f", str(POM), *goal], check=True)
    STAMP.write_text(wanted)


@cache
def running() -> str:
    """The `host:port` of this process's broker, started at the first call; it ends with the process."""
    return start(PROPERTIES)


def start(properties: str, *, format_options: Sequence[str] = (), client: BusSettings | None = None) -> str:
    """Start a broker with these server properties, in which `{broker}`, `{controller}` and `{folder}` are filled in;
    returns its `host:port` once it answers a client of these settings. It ends with this process."""
    java = find_java()
    if java is None:
        missing("Kafka", "no Java runtime (install a Java 17 runtime)")
    if not STAMP.exists():
        missing("Kafka", "its jars are absent (run python -m tests.servers.kafka fetch)")
    folder = Path(tempfile.mkdtemp(prefix="kafka-"))
    broker, controller = _free_ports(2)
    settings = folder / "server.properties"
    settings.write_text(properties.format(broker=broker, controller=controller, folder=folder))
    (folder / "log4j2.properties").write_text(LOGGING)
    base = [java, f"-Dlog4j2.configurationFile={folder}/log4j2.properties", "-cp", f"{JARS}/*"]
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    format_storage = ["kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", str(settings)]
    format_storage += format_options
    formatted = subprocess.run([*base, *format_storage], check=False, capture_output=True, text=True)
    if formatted.returncode:
        raise RuntimeError(f"Kafka's storage was not formatted:\n{formatted.stdout}{formatted.stderr}")
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_ending_with_us(), *base[:1], "-Xmx512m", *base[1:], "kafka.Kafka", str(settings)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    atexit.register(_stop, process, folder)
    address = f"127.0.0.1:{broker}"
    _await_answer(address, process, log, client or BusSettings())
    return address


def find_java() -> str | None:
    """The Java runtime to use, if there is one."""
    installed = Path("/usr/lib/jvm/java-17-openjdk-amd64/bin/java")
    return str(installed) if installed.exists() else shutil.which("java")


def _ending_with_us() -> list[str]:
    """A prefix that has the kernel end the broker when this process is killed and can no longer do it itself."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _await_answer(address: str, process: "subprocess.Popen[bytes]", log: Path, client: BusSettings) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Kafka ended while starting:\n{log.read_text()[-2000:]}")
        if "Kafka Server started" in log.read_text():
            try:
                with Clients((address,), client).admin() as admin:
                    admin.list_topics()
                return
            except (KafkaError, OSError):
                pass
        time.sleep(0.1)
    raise RuntimeError(f"Kafka did not answer within {READY_S} s:\n{log.read_text()[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        raise SystemExit("usage: python -m tests.servers.kafka fetch")
    fetch()
