"""The process of the mail server: `python -m deploy.launcher.smtp_sink --port … --directory …`."""

import argparse
import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from deploy.launcher.smtp_sink import KeepEachMail

HOST = "127.0.0.1"
MAX_SIZE = 10_485_760


async def serve(directory: Path, port: int) -> None:
    """Takes mail until SIGTERM."""
    from aiosmtpd.smtp import SMTP

    keeper = KeepEachMail(directory)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=MAX_SIZE, enable_SMTPUTF8=True, hostname="leerplek-demo"), HOST, port
    )
    async with server:
        await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the sink."""
    options = argparse.ArgumentParser(prog="python -m deploy.launcher.smtp_sink", description=__doc__)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--directory", type=Path, required=True)
    chosen = options.parse_args(arguments)
    chosen.directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(chosen.directory, chosen.port))


if __name__ == "__main__":
    main()
