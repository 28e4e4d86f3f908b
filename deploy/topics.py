"""The Kafka topics: facts are kept for ever, directory and contacts are compacted (decisions 1 and 7)."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.contracts import care, complaints, customers, responsibility
from shared.contracts.confirmations import REPORTING

PARTITIONS = 6
HOUR = "3600000"

_ALWAYS = {"message.timestamp.type": "LogAppendTime"}
_FACTS = {**_ALWAYS, "retention.ms": "-1", "retention.bytes": "-1"}
_COMPACTED = {**_ALWAYS, "cleanup.policy": "compact"}
TOPICS: dict[str, dict[str, str]] = {
    customers.FACTS: _FACTS,
    complaints.FACTS: _FACTS,
    responsibility.RESPONSIBILITY: _FACTS,
    care.FACTS: _FACTS,
    REPORTING: _FACTS,
    customers.DIRECTORY: _COMPACTED,
    customers.CONTACTS: {**_COMPACTED, "max.compaction.lag.ms": HOUR, "delete.retention.ms": HOUR},
}


async def ensure_topics(bootstrap: str, *, replication: int = 1) -> None:
    """Creates the topics that are missing; leaves those that exist as they are. Raises KafkaError without a broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        present = set(await admin.list_topics())
        missing = [
            NewTopic(name, PARTITIONS, replication, topic_configs=configs)
            for name, configs in TOPICS.items()
            if name not in present
        ]
        if missing:
            answer = await admin.create_topics(missing)
            for _, code, *_ in answer.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):
                    raise for_code(code)
    finally:
        await admin.close()
