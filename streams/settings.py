"""Settings of the buses and of the screening worker. `jianzhen.settings` composes them; nothing here reads the
environment. Picture and fetch settings live beside their own code."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from models.values import Value

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._-]+$")]
Seconds = Annotated[float, Field(gt=0)]
Login = Literal["none", "plain", "scram-sha-256", "scram-sha-512"]


class BusSettings(Value):
    """Which bus carries the topics, and how patient consumer groups are with their members."""

    url: str = Field(
        default="sqlite:///.jianzhen/bus.sqlite",
        description="sqlite:///relative/path or sqlite:////absolute/path for the embedded log; "
        "kafka://host:port,host:port for Apache Kafka",
    )
    partitions: int = Field(
        default=6,
        ge=1,
        le=1024,
        description="partitions of a topic when it is created; at most so many workers share it",
    )
    replication: int = Field(default=1, ge=1, le=9, description="copies of each partition that Kafka keeps")
    session_timeout_s: Seconds = Field(
        default=15.0,
        description="a member that was silent for so long is taken for dead; Kafka brokers accept 6 to 1800",
    )
    heartbeat_interval_s: Seconds = Field(default=3.0, description="how often a member says that it lives")
    handling_limit_s: Seconds = Field(
        default=300.0, description="a member that does not come back for messages for so long loses its partitions"
    )

    answer_timeout_s: Seconds = Field(
        default=10.0, description="how long to wait for a server's answer before it counts as away"
    )
    stall_after_s: Seconds = Field(
        default=30.0,
        description="Kafka: a partition that has messages waiting and did not move for so long is reported and taken "
        "up anew",
    )
    unfinished_limit: int = Field(
        default=20_000, ge=1, description="messages given to one member and not finished; at this many it gets no more"
    )
    encryption: Literal["none", "tls"] = Field(default="none", description="Kafka: whether connections are encrypted")
    ca_file: str = Field(
        default="", description="Kafka: PEM file of the authority that signed its certificate; empty: the system's"
    )
    certificate_file: str = Field(
        default="", description="Kafka: PEM file of this client's own certificate; empty: none is shown"
    )
    key_file: str = Field(default="", description="Kafka: PEM file of that certificate's key")
    login: Login = Field(default="none", description="Kafka: none, plain, scram-sha-256 or scram-sha-512")
    user: str = Field(default="", description="Kafka: name to log in with")
    password: SecretStr = Field(default=SecretStr(""), description="Kafka: password to log in with")
    spool: str = Field(
        default="",
        description="file that keeps what is published while Kafka is away; empty: publishing fails instead",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.heartbeat_interval_s * 2 > self.session_timeout_s:
            raise ValueError("heartbeat_interval_s must be at most half of session_timeout_s")
        if self.login != "none" and not (self.user and self.password.get_secret_value()):
            raise ValueError("login needs user and password")
        if self.login == "plain" and self.encryption == "none":
            raise ValueError("login = plain sends the password as it is: set encryption = tls, or log in by scram")
        if bool(self.certificate_file) != bool(self.key_file):
            raise ValueError("certificate_file and key_file belong together")
        return self


class WorkerSettings(Value):
    """How a screening worker takes its messages."""

    group: Name = Field(default="screening", description="consumer group; groups do not see each other's progress")
    member: Name = Field(
        default="worker-1", description="this worker's name, unique in its group and the same after a restart"
    )
    batch: int = Field(default=256, ge=1, le=5000, description="most subjects screened and stored at once")
    poll_timeout_s: Seconds = Field(default=1.0, description="how long to wait for messages before looking around")
    retry_first_s: Seconds = Field(default=0.2, description="pause before the first retry after a transient fault")
    retry_longest_s: Seconds = Field(default=30.0, description="pauses double up to this")
    index_folder: str = Field(
        default=".jianzhen/indexes", description="where built indexes are kept and shared by workers; empty: in memory"
    )
    price_model: str = Field(
        default="", description="file that `jianzhen price train` wrote: a second opinion on prices; empty: none"
    )


class RelaySettings(Value):
    """How a relay publishes what waits in the outbox."""

    batch: int = Field(default=500, ge=1, le=5000, description="most messages claimed and published at once")
    idle_s: Seconds = Field(default=0.5, description="how long to wait when nothing was there to publish")
    claim_s: Seconds = Field(
        default=60.0, description="what a relay claimed and has not published after so long may be taken by another"
    )
    retry_longest_s: Seconds = Field(default=30.0, description="pauses while a server is away double up to this")
    kept_hours: float = Field(
        default=24.0, ge=0, description="how long sent messages stay in the outbox to be looked at"
    )
