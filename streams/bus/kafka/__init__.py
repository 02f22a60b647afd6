"""Apache Kafka behind the bus protocol, through kafka-python.

`clients` holds every setting that clients are built with, `upkeep` every setting of topics, `bus` publishes and creates
topics, `subscription` is one member of a group, `holdings` what that member holds, `sharing` and `joining` how the
group shares partitions, and `liveness` tells whether each partition moves.
"""

from streams.bus.kafka.bus import KafkaBus
from streams.bus.kafka.clients import CONSUMER, PRODUCER
from streams.bus.kafka.subscription import KafkaSubscription

__all__ = ["CONSUMER", "PRODUCER", "KafkaBus", "KafkaSubscription"]
