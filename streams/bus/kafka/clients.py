"""How Kafka clients are built: every setting whose default would lose, hide or hoard messages, and the way in.

Owns the tables `CONSUMER` and `PRODUCER`, encryption and login, and the translation of what clients raise into the
error tree. Raises `OSError` itself where nobody listens.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka import errors as kafka_errors

from models.errors import ConfigurationError, InputError, TransientFault
from streams.settings import BusSettings

CONSUMER: dict[str, Any] = {
    "enable_auto_commit": False,  # offsets move when the effect is stored, never by the clock
    "auto_offset_reset": "earliest",  # a new group begins with what is queued
    "isolation_level": "read_committed",
    "allow_auto_create_topics": False,  # a misspelt topic is an error
    "metadata_max_age_ms": 3_000,  # partitions added to a topic are taken up soon
    "request_timeout_ms": 30_000,
    "max_partition_fetch_bytes": 65_536,  # one partition's turn: the client hands all of it out before the next one's
    "fetch_max_bytes": 8_388_608,  # what one broker sends ahead of the handler at most
    "metrics_enabled": False,
}
PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,  # set, so that a contradicting setting raises instead of switching it off
    "retries": float("inf"),
    "max_in_flight_requests_per_connection": 5,
    "linger_ms": 20,
    "batch_size": 65_536,  # a turn is never less than one of these
    "max_request_size": 1_048_576,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}


@dataclass(frozen=True)
class Clients:
    """The cluster's addresses and the way in."""

    servers: tuple[str, ...]
    settings: BusSettings

    @property
    def where(self) -> str:
        return ",".join(self.servers)

    def options(self) -> dict[str, Any]:
        """How every client finds the cluster. Raises `OSError` at once when no server listens: a client that is built
        in vain leaves its thread and sockets behind."""
        _reach(self.servers, self.settings.answer_timeout_s)
        return {
            "bootstrap_servers": list(self.servers),
            "bootstrap_timeout_ms": round(self.settings.answer_timeout_s * 1000),
            **_way_in(self.settings),
        }

    def admin(self) -> KafkaAdminClient:
        return KafkaAdminClient(**self.options())


def _way_in(settings: BusSettings) -> dict[str, Any]:
    """Encryption and login, as the client names them. The name in the server's certificate is always checked."""
    encrypted, logged_in = settings.encryption == "tls", settings.login != "none"
    if not encrypted and not logged_in:
        return {}
    options: dict[str, Any] = {
        "security_protocol": ("SASL_" if logged_in else "") + ("SSL" if encrypted else "PLAINTEXT")
    }
    if encrypted:
        options |= {
            "ssl_check_hostname": True,
            "ssl_cafile": settings.ca_file or None,
            "ssl_certfile": settings.certificate_file or None,
            "ssl_keyfile": settings.key_file or None,
        }
    if logged_in:
        options |= {
            "sasl_mechanism": settings.login.upper(),
            "sasl_plain_username": settings.user,
            "sasl_plain_password": settings.password.get_secret_value(),
        }
    return options


def _reach(servers: Sequence[str], timeout_s: float) -> None:
    """Raise `OSError` unless one of the servers takes a connection."""
    refusals = []
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s).close()
        except OSError as error:
            refusals.append(f"{server}: {error}")
        else:
            return
    raise OSError("; ".join(refusals))


@contextmanager
def named_faults(where: str) -> Iterator[None]:
    """What the client raises, in the words of the error tree."""
    try:
        yield
    except kafka_errors.UnknownTopicOrPartitionError as error:
        raise ConfigurationError(f"Kafka: {error}", where=where, mend="create the topics first") from error
    except (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError) as error:
        raise InputError(f"Kafka refuses the message: {error}", where=where) from error
    except (kafka_errors.RetriableError, kafka_errors.UnknownError, OSError) as error:
        # Who listens and lets nobody in may be starting, or want another certificate or login: which, cannot be told.
        shut = isinstance(error, kafka_errors.KafkaTimeoutError) and "bootstrap" in str(error)
        mend = "should it stay so, check bus.encryption with its files, and bus.login, bus.user and bus.password"
        raise TransientFault(
            f"Kafka does not answer: {type(error).__name__}: {error}", where=where, mend=mend if shut else ""
        ) from error
    except (kafka_errors.AuthorizationError, kafka_errors.KafkaConfigurationError) as error:
        raise ConfigurationError(f"Kafka: {error}", where=where) from error
