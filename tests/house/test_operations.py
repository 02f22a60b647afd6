"""The commands that docs/operations.md shows to other teams, run as they stand there against the real servers."""

import re
import shlex
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from models.findings import Observation
from models.moments import now
from models.storage import StoreSettings, migrate, open_store
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.screening import Screener
from streams.screening.contexts import build_context
from streams.settings import BusSettings
from tests.servers import kafka
from tests.servers.require import missing
from tests.streams.screening.workbench import NOON, REGISTRY, WordDetector, listings

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


def shown(name: str) -> list[str]:
    """The commands under that mark."""
    found = re.search(rf"<!-- run by a test: {name} -->\n```\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found.group(1).strip().splitlines()


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_kafka_s_own_console_consumer_reads_the_topic() -> None:
    address = kafka.running()
    with closing(open_bus(BusSettings(url=f"kafka://{address}", partitions=1))) as bus:
        bus.ensure([LISTINGS])
        published = listings(6)
        bus.publish(LISTINGS, published)
    java = kafka.find_java()
    assert java is not None
    program, *arguments = shlex.split(shown("kafka")[0].replace("KAFKA", address))
    assert program == "kafka-console-consumer.sh"
    command = [java, "-cp", f"{kafka.JARS}/*", "org.apache.kafka.tools.consumer.ConsoleConsumer", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    lines = [line.partition("\t") for line in done.stdout.splitlines() if "\t" in line]
    assert len(lines) == 3, done.stdout + done.stderr
    for key, _, body in lines:
        assert LISTINGS.decode(body.encode()).key.token == key


def test_psql_reads_the_store(postgres_url: str) -> None:
    fill(postgres_url)
    said = []
    for command in shown("psql"):
        done = subprocess.run(
            ["sh", "-c", command.replace("STORE", shlex.quote(postgres_url))],
            capture_output=True,
            text=True,
            check=False,
        )
        if "not found" in done.stderr:
            missing("psql", "not installed (apt-get install postgresql-client)")
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert "白鹭购" in said[0]
    assert "no-match" in said[1]


def fill(url: str) -> None:
    """A few leads and others."""
    settings = StoreSettings(url=url)
    migrate(settings)
    context = build_context(REGISTRY, as_of=NOON)
    observations = [Observation(subject=each) for each in listings(40)]
    with closing(open_store(settings)) as store:
        store.screenings.record(Screener((WordDetector(),)).screen(observations, context, at=now()))
