"""`python -m bench [latency|restart|demo]`: without a name, all of them."""

import argparse
import asyncio
from collections.abc import Sequence

from bench import demo, latency, restart
from bench.results import Measured, keep, show
from bench.stack import Broker, brokers

ON_BROKERS = {"latency": latency.measure, "restart": restart.measure}
NAMES = (*ON_BROKERS, "demo")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints and keeps the figures."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="|".join(NAMES))
    wanted = options.parse_args(arguments).names or NAMES
    for name in wanted:
        if name == "demo":
            _tell(name, asyncio.run(demo.measure()))
            continue
        with brokers() as found:
            _tell(name, asyncio.run(_on_each(name, found)))


async def _on_each(name: str, found: Sequence[Broker]) -> list[Measured]:
    return [each for broker in found for each in await ON_BROKERS[name](broker)]


def _tell(name: str, measured: Sequence[Measured]) -> None:
    show(measured)
    print(keep(name, measured))


if __name__ == "__main__":
    main()
