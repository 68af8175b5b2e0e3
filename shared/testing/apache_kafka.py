"""Apache Kafka from Maven Central as a child process: one KRaft node in a temporary directory, for tests."""

import atexit
import base64
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.child_process import HOST, ServerProcess, free_port
from shared.messaging.raw_requests import is_kafka_ready

VERSION: Final = "4.1.0"
MINIMUM_JAVA: Final = 17
DOWNLOAD_LIMIT_S: Final = 300

# slf4j-simple: without a logging back end a broker that fails says nothing.
_POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>nl.leerplek</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""

# One node and small: a replication factor of 1, few internal partitions, groups form at once. The short sessions
# let a restarted broker take its own place again within two seconds instead of nine.
_SETTINGS: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
controlled.shutdown.enable=false
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.threads=1
log.index.size.max.bytes=1048576
num.io.threads=4
num.network.threads=2
"""


class ApacheKafkaUnavailableError(RuntimeError):
    """Apache Kafka cannot be had on this machine; the message says in one line what is missing."""


def java_command() -> str:
    """The path of a Java that is new enough, or `ApacheKafkaUnavailableError`."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    if java is None:
        raise ApacheKafkaUnavailableError("no java found")
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    version = re.search(r'version "(\d+)', answer.stderr)
    if version is None or int(version[1]) < MINIMUM_JAVA:
        said = (answer.stderr or answer.stdout).strip().splitlines()[:1]
        raise ApacheKafkaUnavailableError(f"Java {MINIMUM_JAVA} or later is needed; {java} says {said}")
    return java


def cache_directory() -> Path:
    """Where what tests fetch is kept, for this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "leerplek"


def kafka_jars() -> Path:
    """The directory with Kafka's jars, fetched once from Maven Central into the user's cache."""
    cache = cache_directory()
    jars = cache / f"kafka-{VERSION}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ApacheKafkaUnavailableError(f"no mvn found, and no jars in {jars}")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache) as fetching:
        _fetch(maven, Path(fetching))
        try:
            (Path(fetching) / "jars").rename(jars)  # whole or not at all
        except OSError:
            if not jars.is_dir():  # otherwise another test run was first
                raise
    return jars


def _fetch(maven: str, directory: Path) -> None:
    (directory / "pom.xml").write_text(_POM)
    goal = [maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars"]
    try:
        answer = subprocess.run(  # noqa: S603
            goal, cwd=directory, capture_output=True, text=True, timeout=DOWNLOAD_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise ApacheKafkaUnavailableError(f"Maven took longer than {DOWNLOAD_LIMIT_S} s") from problem
    if answer.returncode != 0:
        errors = [line for line in answer.stdout.splitlines() if line.startswith("[ERROR]")]
        raise ApacheKafkaUnavailableError(f"Maven could not fetch Kafka {VERSION}: {' '.join(errors[:1])[:300]}")


@dataclass(slots=True)
class ApacheKafka:
    """A running broker with its data; `kill` is a crash, `restart` comes back on the same port and data."""

    server: ServerProcess
    directory: Path

    @property
    def bootstrap(self) -> str:
        """`host:port` for Kafka clients."""
        return f"{HOST}:{self.server.port}"

    def kill(self) -> None:
        """End it as a crash would; what it acknowledged is in the operating system's hands."""
        self.server.kill()

    def restart(self) -> None:
        """Start again where it was killed; return when it takes requests."""
        self.server.start(within_s=60)

    def stop(self) -> None:
        """End it and remove its data; runs at the interpreter's exit too."""
        atexit.unregister(self.stop)
        self.server.kill()  # throw-away data: an orderly shutdown takes seconds and saves nothing
        shutil.rmtree(self.directory, ignore_errors=True)


def start_apache_kafka(log_dir: Path) -> ApacheKafka:
    """Start a new, empty Apache Kafka on free ports; raise `ApacheKafkaUnavailableError` where it cannot be had."""
    java, jars = java_command(), kafka_jars()
    directory = Path(tempfile.mkdtemp(prefix="leerplek-kafka-"))
    port, settings = free_port(), directory / "server.properties"
    text = _SETTINGS.format(host=HOST, port=port, controller=free_port(), data=directory / "data")
    settings.write_text(text)
    base = [java, "-Xmx320m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    base += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/*"]
    server = ServerProcess(
        name=f"Apache Kafka {VERSION}",
        argv=[*base, "kafka.Kafka", str(settings)],
        port=port,
        log_path=log_dir / "apache-kafka.log",
        is_ready=lambda: is_kafka_ready(f"{HOST}:{port}"),
        cwd=directory,
    )
    broker = ApacheKafka(server, directory)
    atexit.register(broker.stop)
    try:
        _format([*base, "kafka.tools.StorageTool"], settings)
        server.start(within_s=60)
    except BaseException:
        broker.stop()
        raise
    return broker


def _format(tool: list[str], settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
    answer = subprocess.run(  # noqa: S603
        [*tool, "format", "-t", cluster, "-c", str(settings)], capture_output=True, text=True, timeout=60, check=False
    )
    if answer.returncode != 0:
        raise RuntimeError(f"Kafka's storage could not be formatted: {answer.stdout[-500:]}{answer.stderr[-500:]}")
