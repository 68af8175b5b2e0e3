"""Apache Kafka from a container image, when a Docker engine can really start one, for tests."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.child_process import HOST, free_port
from shared.messaging.raw_requests import is_kafka_ready

DEFAULT_IMAGE: Final = "apache/kafka:4.1.0"
DEFAULT_ENGINE: Final = "unix:///var/run/docker.sock"
START_LIMIT_S: Final = 90

# Waits for the end of its standard input, which comes when the tests end in whatever way, and removes the container.
_REAPER: Final = """
import sys
import docker
from docker.errors import APIError
sys.stdin.read()
try:
    docker.from_env().containers.get(sys.argv[1]).remove(force=True, v=True)
except APIError:
    pass
"""


class ContainerUnavailableError(RuntimeError):
    """No container could be started; the message says in one line why."""


@dataclass(slots=True)
class KafkaContainer:
    """A running broker in a container; `kill` is a crash, `restart` comes back on the same port and data."""

    container: Any  # testcontainers' DockerContainer, which has no types that hold
    reaper: subprocess.Popen[bytes]
    bootstrap: str

    def kill(self) -> None:
        """End it as a crash would."""
        self.container.get_wrapped_container().kill()

    def restart(self) -> None:
        """Start again where it was killed; return when it takes requests."""
        self.container.get_wrapped_container().start()
        _wait_for(self.bootstrap, self.container)

    def stop(self) -> None:
        """Remove the container and its data."""
        try:
            self.container.stop()
        finally:
            self.reaper.communicate()


def image_name() -> str:
    """The image to run: `LEERPLEK_KAFKA_IMAGE`, or Apache's own."""
    return os.environ.get("LEERPLEK_KAFKA_IMAGE") or DEFAULT_IMAGE


def start_kafka_container(log_dir: Path) -> KafkaContainer:
    """Start a new, empty broker in a container; raise `ContainerUnavailableError` where that cannot be done."""
    from docker.errors import DockerException  # type: ignore[import-untyped]  # slow to import, and seldom needed
    from testcontainers.core.config import testcontainers_config

    testcontainers_config.ryuk_disabled = True  # its own image may not be there; the reaper below does this work
    image, broker = image_name(), None
    try:
        _have_image(image)
        broker = _start(image)
        _wait_for(broker.bootstrap, broker.container)
    except BaseException as problem:
        if broker is not None:
            _keep_log(broker.container, log_dir)
            broker.stop()
        if isinstance(problem, DockerException):
            raise ContainerUnavailableError(_first_line(problem)) from problem
        raise
    return broker


def _have_image(image: str) -> None:
    """An engine that answers is not enough: without a registry there is nothing to start."""
    from docker.errors import DockerException, ImageNotFound
    from testcontainers.core.docker_client import DockerClient, get_docker_host

    _connect(get_docker_host() or DEFAULT_ENGINE)
    try:
        engine = DockerClient(timeout=120).client
        engine.ping()
    except DockerException as problem:
        raise ContainerUnavailableError(f"no Docker engine ({_first_line(problem)})") from problem
    try:
        engine.images.get(image)
    except ImageNotFound:
        try:
            engine.images.pull(image)
        except DockerException as problem:
            raise ContainerUnavailableError(f"cannot pull {image} ({_first_line(problem)})") from problem
    finally:
        engine.close()


def _connect(engine: str) -> None:
    """Ask at the door first: the client library leaves its socket open when nobody listens."""
    if engine.startswith("unix://"):
        try:
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(engine.removeprefix("unix://"))
        except OSError as problem:
            raise ContainerUnavailableError(f"no Docker engine ({engine}: {problem.strerror})") from problem


def _start(image: str) -> KafkaContainer:
    from testcontainers.core.container import DockerContainer

    port = free_port()  # fixed beforehand, because the broker must know the address it tells its clients
    container = DockerContainer(image).with_bind_ports(9092, port)
    host = container.get_docker_client().host()
    bootstrap = f"{HOST if host == 'localhost' else host}:{port}"
    for name, value in _environment(bootstrap).items():
        container.with_env(name, value)
    container.start()
    reaper = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", _REAPER, container.get_container_id()], stdin=subprocess.PIPE, start_new_session=True
    )
    return KafkaContainer(container, reaper, bootstrap)


def _environment(advertised: str) -> dict[str, str]:
    settings = {
        "node.id": "1",
        "process.roles": "broker,controller",
        "listeners": "PLAINTEXT://:9092,BROKER://:9094,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://{advertised},BROKER://localhost:9094",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,BROKER:PLAINTEXT",
        "controller.quorum.voters": "1@localhost:9093",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "broker.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": "2000",
        "auto.create.topics.enable": "false",
    }
    named = {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in settings.items()}
    return named | {"KAFKA_HEAP_OPTS": "-Xmx320m -Xms64m"}


def _wait_for(bootstrap: str, container: Any) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not is_kafka_ready(bootstrap):
        wrapped = container.get_wrapped_container()
        wrapped.reload()
        if wrapped.status in {"exited", "dead"}:
            raise ContainerUnavailableError(f"{container.image} ended: {_last_line(wrapped.logs())}")
        if time.monotonic() > deadline:
            raise ContainerUnavailableError(f"{container.image} did not answer on {bootstrap} in {START_LIMIT_S} s")
        time.sleep(0.1)


def _keep_log(container: Any, log_dir: Path) -> None:
    from docker.errors import DockerException

    log_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(DockerException):
        (log_dir / "kafka-container.log").write_bytes(container.get_wrapped_container().logs())


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:160]


def _last_line(log: bytes) -> str:
    return (log.decode(errors="replace").strip().splitlines() or ["without a word"])[-1][:160]
