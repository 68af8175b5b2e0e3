"""Single requests to a Kafka broker, without a client: to know whether it answers."""

import socket
import struct
from typing import Final

METADATA: Final = 3  # Kafka's number for the request that lists brokers and topics


def kafka_request(bootstrap: str, *, api: int, version: int, body: bytes, within_s: float = 2.0) -> bytes:
    """One raw request to the broker at `host:port`, without a client; returns the answer after its correlation id."""
    host, _, port = bootstrap.rpartition(":")
    client = b"leerplek"
    message = struct.pack(">hhih", api, version, 1, len(client)) + client + body
    with socket.create_connection((host, int(port)), timeout=within_s) as link, link.makefile("rb") as answers:
        link.sendall(struct.pack(">i", len(message)) + message)
        size = answers.read(4)
        answer = answers.read(struct.unpack(">i", size)[0]) if len(size) == 4 else b""
    if len(answer) < 4:
        raise ConnectionError(f"{bootstrap} closed the connection in mid-answer")
    return answer[4:]


def is_kafka_ready(bootstrap: str) -> bool:
    """True when a broker at `host:port` says that at least one broker can take topics."""
    try:
        answer = kafka_request(bootstrap, api=METADATA, version=1, body=struct.pack(">i", 0))
    except OSError:
        return False
    return len(answer) >= 4 and bool(struct.unpack(">i", answer[:4])[0] >= 1)
