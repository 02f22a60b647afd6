"""docker-compose.yml is true: every service's own command runs, with its compose environment, as a process here.

There is no Docker engine in the tests. The three servers are started by hand from the same settings that compose gives
their images (Kafka's image turns `KAFKA_X_Y` into the property `x.y`; PostgreSQL and SeaweedFS get their command), and
host names and ports are mapped to loopback. Our own services run exactly the command that compose names.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.storage import StoreSettings, open_store
from models.subjects import Listing
from streams.bus import open_bus
from streams.bus.topics import LEADS, LISTINGS, REGISTRY_CHANGES
from streams.settings import BusSettings
from tests.servers import kafka
from tests.servers.objects import S3Server
from tests.servers.ports import free_ports
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("jianzhen")
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")
SERVERS = {"kafka", "postgres", "objects"}

pytestmark = [pytest.mark.xdist_group("kafka"), pytest.mark.timeout(240)]


def services() -> dict[str, Any]:
    """The file as compose reads it, with every variable at its default."""
    text = DEFAULT.sub(r"\1", (ROOT / "docker-compose.yml").read_text("utf-8"))
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


OWN = {name: service for name, service in services().items() if name not in SERVERS}


@pytest.fixture(scope="module")
def environment(
    postgres_server: PostgresServer, s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What our services are given, with hosts mapped to the local servers."""
    broker = kafka.start(kafka_properties(services()["kafka"]["environment"]))
    database = postgres_server.create_database()
    composed: dict[str, str] = dict(next(iter(OWN.values()))["environment"])
    mapped = {
        "JIANZHEN_STORE__URL": database,
        "JIANZHEN_BUS__URL": composed["JIANZHEN_BUS__URL"].replace("kafka:9092", broker),
        "JIANZHEN_OBJECTS__URL": f"s3://{s3_server.bucket}",
        "JIANZHEN_OBJECTS__ENDPOINT": s3_server.endpoint,
        "JIANZHEN_OBJECTS__ACCESS_KEY": s3_server.access_key,
        "JIANZHEN_OBJECTS__SECRET_KEY": s3_server.secret_key,
    }
    assert set(mapped) <= set(composed), "the test maps a setting that compose does not give"
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path_factory.mktemp("home")), **composed, **mapped}


def kafka_properties(given: dict[str, str]) -> str:
    """The image's rule, and loopback in place of container hosts."""
    lines = (f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={value}" for name, value in given.items())
    text = "\n".join(lines)
    for container, local in {
        "kafka:9092": "127.0.0.1:{broker}",
        "0.0.0.0:9092": "127.0.0.1:{broker}",
        "kafka:9093": "127.0.0.1:{controller}",
        "0.0.0.0:9093": "127.0.0.1:{controller}",
        "/var/lib/kafka/data": "{folder}/kraft",
    }.items():
        text = text.replace(container, local)
    return text


def test_every_service_of_ours_shares_one_environment() -> None:
    environments = [service["environment"] for service in OWN.values()]
    assert all(each == environments[0] for each in environments)
    assert set(OWN) == {"prepare", "worker-1", "worker-2", "relay", "console"}


def test_the_object_stores_options_exist(tmp_path: Path) -> None:
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert weed is not None
    known = subprocess.run([weed, "help", "mini"], capture_output=True, text=True, check=False, cwd=tmp_path)
    verb, *options = services()["objects"]["command"]
    assert verb == "mini"
    text = known.stdout + known.stderr
    assert not [option for option in options if not re.search(rf"{re.escape(option.split('=')[0])}\b", text)]


def test_the_databases_settings_exist(postgres_server: PostgresServer) -> None:
    program, *options = services()["postgres"]["command"]
    assert program == "postgres"
    for setting in options[1::2]:
        postgres_server.execute(f"SELECT current_setting('{setting.split('=')[0]}')")


def test_the_scaled_shape_runs(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_ports(1)[0]
    run(environment, tmp_path, OWN["prepare"]["command"])
    run(environment, tmp_path, ["registry", "import", "--marks", str(marks_file(tmp_path))])
    with (
        started(environment, tmp_path, OWN["worker-1"]["command"]),
        started(environment, tmp_path, OWN["worker-2"]["command"]),
        started(environment, tmp_path, OWN["relay"]["command"]),
        started(environment, tmp_path, console_command(port)),
    ):
        publish(environment["JIANZHEN_BUS__URL"])
        assert stored(environment["JIANZHEN_STORE__URL"], 40)
        assert answers(f"http://127.0.0.1:{port}/readyz")
        assert told(environment)


def told(environment: dict[str, str]) -> bool:
    """Whether everything that the store had to tell was published: the change set and ten leads."""
    with closing(open_store(StoreSettings(url=environment["JIANZHEN_STORE__URL"]))) as store:
        published = until(lambda: store.outbox.waiting() == 0, 30)
    bus = open_bus(BusSettings(url=environment["JIANZHEN_BUS__URL"]))
    heard = bus.backlog(REGISTRY_CHANGES, group="others"), bus.backlog(LEADS, group="others")
    bus.close()
    return published and heard == (1, 10)


def console_command(port: int) -> list[str]:
    command = ["127.0.0.1" if word == "0.0.0.0" else word for word in OWN["console"]["command"]]  # noqa: S104
    return [str(port) if word == "8000" else word for word in command]


def run(environment: dict[str, str], folder: Path, command: list[str]) -> None:
    done = subprocess.run(
        [str(COMMAND), *command], env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class started:  # noqa: N801  reads as a sentence in a with statement
    """A service as a process of its own, ended by SIGTERM; its exit must be clean."""

    def __init__(self, environment: dict[str, str], folder: Path, command: list[str]) -> None:
        self.log = folder / f"{'-'.join(command[:3])}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(COMMAND), *command], env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT
            )

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        if exc[0] is None:
            assert code == 0, self.log.read_text("utf-8", "replace")


def marks_file(folder: Path) -> Path:
    path = folder / "marks.csv"
    path.write_text(
        "mark_id,text,holder,nice_classes,kind,aliases\nM1,白鹭泉,白鹭泉饮品有限公司,32,word,Egret Spring\n", "utf-8"
    )
    return path


def publish(url: str) -> None:
    """Forty listings, of which every fourth plays on the mark."""
    titles = ["白·鹭·泉 矿泉水500ml*24瓶", "纯棉毛巾三条装", "不锈钢汤锅", "竹制砧板"]
    bus = open_bus(BusSettings(url=url))
    bus.publish(
        LISTINGS,
        [Listing(listing_id=str(number), platform="集市", title=titles[number % 4]) for number in range(40)],
    )
    bus.close()


def stored(url: str, wanted: int) -> bool:
    """Whether that many screenings arrive in the store within a minute."""
    with closing(open_store(StoreSettings(url=url))) as store:
        return until(lambda: sum(store.screenings.outcomes("local").values()) == wanted, 60)


def answers(url: str) -> bool:
    def ready() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  loopback
                return bool(json.loads(answer.read()))
        except OSError:
            return False

    return until(ready, 30)


def until(holds: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False


def test_a_wrong_setting_in_compose_is_noticed(environment: dict[str, str], tmp_path: Path) -> None:
    """The negative control: with the bus at an address where nothing listens, `prepare` must not succeed."""
    wrong = {**environment, "JIANZHEN_BUS__URL": f"kafka://127.0.0.1:{free_ports(1)[0]}"}
    done = subprocess.run(
        [str(COMMAND), "prepare"], env=wrong, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 4, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
