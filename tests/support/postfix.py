"""A real Postfix of a test's own: its own configuration, queue and ports, away from any that the machine runs."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.child_process import free_port

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Relay:
    """A running Postfix that takes mail from this machine on `port`."""

    port: int
    folder: Path

    def log(self) -> str:
        """What it has written down so far."""
        file = self.folder / "log" / "maillog"
        return file.read_text(errors="replace") if file.exists() else ""


@contextmanager
def running_postfix(routes: dict[str, int]) -> Iterator[Relay]:
    """A relay that hands each domain of `routes` to a port of this machine, and what was refused for now straight back."""
    if shutil.which("postfix") is None:
        pytest.skip("no Postfix on this machine: install postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only: run this test as root")
    folder = Path(tempfile.mkdtemp(prefix="leerplek-postfix-"))
    try:
        yield from _run(folder, routes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, routes: dict[str, int]) -> Iterator[Relay]:
    folder.chmod(0o755)
    config, owner = folder / "etc", pwd.getpwnam("postfix")
    for name in ("etc", "queue", "data", "log"):
        (folder / name).mkdir()
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    port = free_port()
    (config / "main.cf").write_text(_main(folder, routes))
    (config / "master.cf").write_text(_MASTER.format(port=port))
    command = ["postfix", "-c", str(config)]
    started = subprocess.run([*command, "start"], capture_output=True, text=True, check=False, timeout=60)
    if started.returncode:
        raise AssertionError(f"Postfix does not start: {started.stdout}{started.stderr}")
    try:
        yield Relay(port, folder)
    finally:
        subprocess.run([*command, "stop"], capture_output=True, check=False, timeout=60)


def _main(folder: Path, routes: dict[str, int]) -> str:
    transports = ", ".join(f"{{{domain} = smtp:[127.0.0.1]:{port}}}" for domain, port in routes.items())
    return f"""\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}/log
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
smtp_host_lookup = native
disable_dns_lookups = yes
transport_maps = inline:{{ {transports} }}
default_transport = error:no route in this test
maximal_queue_lifetime = 0
bounce_queue_lifetime = 1h
minimal_backoff_time = 1s
queue_run_delay = 1s
"""
