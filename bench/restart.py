"""From a kill -9 of the matcher to the first event that it handles after it."""

import time

from bench.latency import answered
from bench.results import Measured
from bench.stack import Broker, planned_region
from simulator import requests
from simulator.play import until_quiet

STUDENTS = 300
ROUNDS = 5
TAKES = "2 min"


async def measure(broker: Broker) -> list[Measured]:
    """Kills the matcher, registers a student at once, and waits for their place."""
    seconds = []
    async with planned_region(broker, STUDENTS) as stage:
        world = stage.cast.world
        for _ in range(ROUNDS):
            needs = world.another_student()
            killed = time.monotonic()
            stage.stack.kill("matcher")
            accepted = await stage.client.send(requests.registration(world.region, needs))
            seconds.append(await answered(stage, str(accepted.body["id"]), 0) - killed)
            await stage.stack.until_ready("matcher")
            await until_quiet(stage.client, world.region)
    return [Measured("matcher: kill -9 to first event handled", broker.name, seconds)]
