"""From an event accepted over HTTP to the placement on Kafka, one event after another."""

from bench.results import Measured
from bench.stack import Broker, Stage, planned_region
from simulator import requests
from simulator.client import Request

STUDENTS = 300
ROUNDS = 75
"""Two events each: enough for a p99 to say something, and done on both brokers within 100 s."""
TAKES = "100 s"
WITHIN_S = 30.0


async def measure(broker: Broker) -> list[Measured]:
    """Registers and withdraws so many students, and waits for the plan's answer to each."""
    registered, withdrawn = [], []
    async with planned_region(broker, STUDENTS) as stage:
        world = stage.cast.world
        for _ in range(ROUNDS):
            needs = world.another_student()
            student, seconds = await register(stage, requests.registration(world.region, needs))
            registered.append(seconds)
            before = stage.watcher.sequence(student)
            accepted = await stage.client.send(requests.withdrawal(student))
            withdrawn.append(await answered(stage, student, before) - accepted.at)
    return [
        Measured("registration to placement", broker.name, [max(0.0, each) for each in registered]),
        Measured("withdrawal to placement", broker.name, [max(0.0, each) for each in withdrawn]),
    ]


async def register(stage: Stage, request: Request) -> tuple[str, float]:
    """Registers a student and gives their number, and the seconds from accepted to planned."""
    accepted = await stage.client.send(request)
    student = str(accepted.body["id"])
    return student, await answered(stage, student, 0) - accepted.at


async def answered(stage: Stage, student: str, before: int) -> float:
    """When the first word about a student after that one arrived."""
    await stage.watcher.until(lambda: stage.watcher.first_after(student, before) is not None, WITHIN_S, student)
    at = stage.watcher.first_after(student, before)
    assert at is not None
    return at
