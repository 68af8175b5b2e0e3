"""The broker that tests run on: the best of a ladder that this machine can offer, and why the better ones were not."""

import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, Protocol

from shared.child_process import ServerDidNotStartError
from shared.messaging.embedded_broker import BrokerBinaryMissingError, EmbeddedBroker
from shared.messaging.raw_requests import is_kafka_ready, kafka_request
from shared.testing import apache_kafka, kafka_container

INIT_PRODUCER_ID: Final = 22  # Kafka's number for the request behind an idempotent producer
STILL_LOADING: Final = 14  # a broker that has just started has no producer ids yet

BrokerKind = Literal["configured", "container", "apache", "embedded"]


class NoBrokerError(RuntimeError):
    """No rung of the ladder holds, or none that is good enough here."""


class BrokerHandle(Protocol):
    """What can be done to a broker that we started ourselves."""

    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """A broker that answers on `bootstrap`; only Apache Kafka has an idempotent producer. `skipped` holds one line for each better rung, with its reason."""

    kind: BrokerKind
    bootstrap: str
    description: str
    is_apache: bool
    handle: BrokerHandle | None = field(default=None, repr=False)
    skipped: tuple[str, ...] = ()

    @property
    def is_ours(self) -> bool:
        """True when we started it, so that a test may kill it."""
        return self.handle is not None

    def stop(self) -> None:
        """End it with all its data; a configured broker is left alone."""
        if self.handle is not None:
            self.handle.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self._own_handle().kill()

    def restart(self) -> None:
        """Start again after `kill`, on the same address: Apache Kafka with its data, the embedded broker empty."""
        self._own_handle().restart()

    def _own_handle(self) -> BrokerHandle:
        if self.handle is None:
            raise RuntimeError(f"{self.description} is not ours to kill")
        return self.handle


def start_kafka(log_dir: Path) -> RunningBroker:
    """Climb down the ladder: LEERPLEK_KAFKA, a container, Apache Kafka from Maven Central, the embedded broker.

    Raises `NoBrokerError` when the configured broker does not answer, and with CI=true when it is not Apache Kafka.
    """
    if address := os.environ.get("LEERPLEK_KAFKA"):
        return _configured(address)
    skipped: list[str] = []
    for rung in (_container, _apache):
        try:
            return replace(rung(log_dir), skipped=tuple(skipped))
        except (kafka_container.ContainerUnavailableError, apache_kafka.ApacheKafkaUnavailableError) as reason:
            skipped.append(f"{_NAMES[rung]}: {reason}")
        except ServerDidNotStartError as reason:
            skipped.append(f"{_NAMES[rung]}: {str(reason).splitlines()[0]}")
    if os.environ.get("CI", "").lower() == "true":
        raise NoBrokerError("CI=true asks for Apache Kafka, and it cannot be had: " + "; ".join(skipped))
    try:
        return replace(start_embedded(log_dir), skipped=tuple(skipped))
    except (BrokerBinaryMissingError, ServerDidNotStartError) as reason:
        raise NoBrokerError("no broker for the tests: " + "; ".join([*skipped, str(reason)])) from reason


def start_embedded(log_dir: Path) -> RunningBroker:
    """Start the embedded broker, whatever else there is."""
    broker = EmbeddedBroker(log_dir)
    broker.start()
    return RunningBroker("embedded", broker.bootstrap, "embedded broker (memory only)", False, broker)


def _configured(address: str) -> RunningBroker:
    if not is_kafka_ready(address):
        raise NoBrokerError(f"LEERPLEK_KAFKA names {address}, where no Kafka answers")
    return RunningBroker(
        "configured", address, f"the broker at {address} (LEERPLEK_KAFKA)", gives_producer_ids(address)
    )


def _container(log_dir: Path) -> RunningBroker:
    broker = kafka_container.start_kafka_container(log_dir)
    description = f"container {kafka_container.image_name()}"
    return RunningBroker("container", broker.bootstrap, description, True, broker)


def _apache(log_dir: Path) -> RunningBroker:
    broker = apache_kafka.start_apache_kafka(log_dir)
    description = f"Apache Kafka {apache_kafka.VERSION} from Maven Central"
    return RunningBroker("apache", broker.bootstrap, description, True, broker)


_NAMES: Final[dict[Callable[[Path], RunningBroker], str]] = {
    _container: "container",
    _apache: "Apache Kafka from Maven Central",
}


def gives_producer_ids(bootstrap: str, within_s: float = 10.0) -> bool:
    """True when the broker can serve an idempotent producer; one that cannot is taken not to be Apache Kafka."""
    without_transaction = struct.pack(">hi", -1, 60_000)
    deadline = time.monotonic() + within_s
    while True:
        answer = kafka_request(bootstrap, api=INIT_PRODUCER_ID, version=0, body=without_transaction)
        error = struct.unpack(">ihqh", answer)[1]
        if error != STILL_LOADING or time.monotonic() > deadline:
            return bool(error == 0)
        time.sleep(0.05)
