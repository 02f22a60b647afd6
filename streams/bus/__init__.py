"""Topics and the buses that carry them: an embedded durable log, and Apache Kafka."""

from streams.bus.opening import create_topics, open_bus, open_publisher
from streams.bus.protocol import Bus, Delivery, Place, Subscription, Topic

__all__ = ["Bus", "Delivery", "Place", "Subscription", "Topic", "create_topics", "open_bus", "open_publisher"]
