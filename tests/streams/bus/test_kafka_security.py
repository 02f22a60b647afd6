"""Encryption and login against a real broker that takes nothing else; and what is said when they do not fit."""

import gc
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from models.errors import TransientFault
from streams.bus import open_bus
from streams.settings import BusSettings
from tests.servers import kafka
from tests.servers.certificates import Authority
from tests.streams.bus.contract import drain, numbered, text_topic, texts

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

USER, PASSWORD = "screening", "a long word for tests"
# One address that shows its certificate, asks for one, and takes logins by PLAIN and SCRAM; controllers speak inside.
LISTENERS = """
listeners=INSIDE://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=INSIDE://127.0.0.1:{broker}
inter.broker.listener.name=INSIDE
listener.security.protocol.map=CONTROLLER:PLAINTEXT,INSIDE:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.inside.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  user_USER="PASSWORD";
listener.name.inside.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="USER" password="PASSWORD";
listener.name.inside.ssl.client.auth=required
ssl.endpoint.identification.algorithm=
ssl.keystore.type=PEM
ssl.keystore.location=KEYSTORE
ssl.truststore.type=PEM
ssl.truststore.location=TRUSTSTORE
"""


@dataclass(frozen=True)
class Guarded:
    """A broker that takes TLS with a client's certificate and a login, and settings that fit it."""

    authority: Authority
    settings: BusSettings


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder)
    certificate, key = authority.sign("broker")
    keystore = folder / "broker-both.pem"
    keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
    listeners = LISTENERS.replace("USER", USER).replace("PASSWORD", PASSWORD)
    listeners = listeners.replace("KEYSTORE", str(keystore)).replace("TRUSTSTORE", str(authority.ca_file))
    plain = [line for line in kafka.PROPERTIES.splitlines() if "listener" not in line]
    own_certificate, own_key = authority.sign("worker")
    own = {"certificate_file": str(own_certificate), "key_file": str(own_key), "ca_file": str(authority.ca_file)}
    login = {"login": "scram-sha-512", "user": USER, "password": PASSWORD}
    answers = {"encryption": "tls", **own, **login}
    controllers = "\ncontroller.listener.names=CONTROLLER\n"
    address = kafka.start(
        "\n".join(plain) + controllers + listeners,
        format_options=["--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"],
        client=BusSettings.model_validate(answers),
    )
    fits = BusSettings.model_validate(
        {"url": f"kafka://{address}", "partitions": 3, "answer_timeout_s": 5.0, **answers}
    )
    return Guarded(authority, fits)


@pytest.mark.parametrize("login", ["scram-sha-512", "plain"])
def test_messages_pass_with_certificate_and_login(guarded: Guarded, login: str) -> None:
    bus = open_bus(guarded.settings.model_copy(update={"login": login}))
    topic = text_topic(f"test-{uuid.uuid4().hex}")
    bus.ensure([topic])
    bus.publish(topic, numbered(30))
    with bus.subscribe(topic, group="g", member="one") as member:
        assert sorted(map(int, texts(drain(member, 30)))) == list(range(30))
    assert bus.backlog(topic, group="g") == 0
    bus.close()


def test_a_wrong_password_lets_nobody_in_and_is_not_repeated(guarded: Guarded) -> None:
    wrong = {"password": SecretStr("another word"), "answer_timeout_s": 2.0}
    bus = open_bus(guarded.settings.model_copy(update=wrong))
    with pytest.raises(TransientFault, match=r"check bus\.encryption") as told:
        bus.ensure([text_topic("t")])
    assert "another word" not in str(told.value)


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("change", [{"ca_file": "stranger"}, {"encryption": "none"}, {"certificate_file": ""}])
def test_a_broker_that_cannot_be_trusted_or_does_not_trust_us_gets_nothing(
    guarded: Guarded, tmp_path: Path, change: dict[str, str]
) -> None:
    if "ca_file" in change:
        change = {"ca_file": str(Authority(tmp_path, "stranger").ca_file)}
    bus = open_bus(guarded.settings.model_copy(update={**change, "answer_timeout_s": 1.5}))
    with pytest.raises(TransientFault):
        bus.ensure([text_topic("t")])
    gc.collect()  # the client leaves the socket of a failed handshake to the collector, which complains of it


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"login": "scram-sha-512"}, "needs user and password"),
        ({"login": "plain", "user": "u", "password": "p"}, "sends the password as it is"),
        ({"certificate_file": "a.pem"}, "belong together"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        BusSettings.model_validate(given)
