"""A process with a stream in it, to be killed: it writes what it handled, and its offsets, to one SQLite file."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from services.matcher.entrypoints.stream import Stream, StreamSettings, build_stream
from shared.messaging.record import Partition, Record
from shared.messaging.watchdog import Progress

SCHEMA = """
create table if not exists handled (
    id integer primary key, batch integer, topic text, partition integer, offset integer, key blob, value blob, headers text
);
create table if not exists offsets (topic text, partition integer, next integer, primary key (topic, partition));
create table if not exists happened (id integer primary key, what text, at real, detail text);
"""


class Ledger:
    """What a worker handled and where it is to go on, in one database."""

    def __init__(self, path: Path, poison: bytes | None, pause_s: float) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + SCHEMA)
        self.poison = poison
        self.pause_s = pause_s
        self.progress = Progress("stream")
        self.assigned: frozenset[Partition] = frozenset()

    def note(self, what: str, detail: object = None) -> None:
        """Write down that something happened, and when."""
        row = (what, time.time(), json.dumps(detail))
        self.db.execute("insert into happened (what, at, detail) values (?, ?, ?)", row)

    async def next_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        if frozenset(partitions) != self.assigned:
            self.assigned = frozenset(partitions)
            self.note("assigned", sorted((p.topic, p.number) for p in partitions))
        rows = self.db.execute("select topic, partition, next from offsets").fetchall()
        stored = {Partition(topic, number): offset for topic, number, offset in rows}
        return {partition: stored[partition] for partition in partitions if partition in stored}

    async def on_batch(self, records: Sequence[Record]) -> None:
        """Write the batch and its offsets in one transaction; a batch with the poison in it raises half-way."""
        self.note("begun", len(records))
        self.db.execute("begin immediate")
        batch = self.db.execute("select coalesce(max(batch), 0) + 1 from handled").fetchone()[0]
        try:
            for record in records:
                self._write(batch, record)
                if self.poison is not None and record.value == self.poison:
                    raise ValueError("the handler does not understand this record")
            await asyncio.sleep(self.pause_s)
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")
        self.progress.moved()

    def _write(self, batch: int, record: Record) -> None:
        where = (record.partition.topic, record.partition.number)
        headers = json.dumps({name: value.hex() for name, value in record.headers.items()})
        self.db.execute(
            "insert into handled (batch, topic, partition, offset, key, value, headers) values (?, ?, ?, ?, ?, ?, ?)",
            (batch, *where, record.offset, record.key, record.value, headers),
        )
        self.db.execute("insert or replace into offsets values (?, ?, ?)", (*where, record.offset + 1))


async def watch(stream: Stream, ledger: Ledger) -> None:
    """Note when the stream becomes ready, or a spare one, or neither; and what lag it reports."""
    was = (False, False)
    while True:
        await asyncio.sleep(0.05)
        now = (stream.is_ready, stream.is_spare)  # one may become spare too fast to be seen unready in between
        if now != was:
            is_ready, is_spare = was = now
            ledger.note("ready" if is_ready else "not ready", {"pid": os.getpid(), "spare": is_spare})
        if stream.is_ready:
            lag = {f"{p.topic}/{p.number}": at for p, at in stream.lag().items()}
            ledger.db.execute("delete from happened where what = 'lag'")
            ledger.progress.lag = sum(end - position for position, end in lag.values())
            ledger.note("lag", {"lag": lag, "stalled_s": ledger.progress.stalled_for_s()})


async def main(options: dict[str, object]) -> None:
    """Run a stream until SIGTERM."""
    poison = options["poison"]
    ledger = Ledger(
        Path(str(options["ledger"])), str(poison).encode() if poison else None, float(str(options["pause_s"]))
    )
    ledger.note("started")
    settings = StreamSettings(
        app_id=str(options["app_id"]),
        bootstrap=str(options["bootstrap"]),
        instance_id=str(options["instance_id"]) if options["instance_id"] else None,
        topics=tuple(str(options["topics"]).split(",")),
        session_timeout_s=float(str(options["session_timeout_s"])),
        fetch_wait_s=float(str(options["fetch_wait_s"])),
        stop_timeout_s=float(str(options["stop_timeout_s"])),
        batch_size=int(str(options["batch_size"])),
    )
    stream = build_stream(settings, ledger.next_offsets, ledger.on_batch)
    running = asyncio.ensure_future(stream.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    watching = asyncio.ensure_future(watch(stream, ledger))
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        watching.cancel()
        ledger.note("stopped")


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
