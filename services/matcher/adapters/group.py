"""Who reads a partition now, as the broker tells."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from shared.errors import TransientError


async def has_reader(bootstrap: str, group: str, number: int) -> bool:
    """Whether a member of the group holds this partition of any topic; raises TransientError when Kafka does not tell."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        (answer,) = await admin.describe_consumer_groups([group])
        members = answer.to_object()["groups"][0]["members"]
        held = [ConsumerProtocolMemberAssignment.decode(one["member_assignment"]) for one in members]
    except (KafkaError, OSError, ValueError) as problem:
        raise TransientError(f"kafka: {problem!r}") from problem
    finally:
        await admin.close()
    return any(number in numbers for one in held for _, numbers in one.assignment)
