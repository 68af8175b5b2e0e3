"""A certified OpenID Connect provider as a child process, for tests: npm's `oidc-provider`, fetched once into the user's cache."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from shared.child_process import HOST, ServerProcess, free_port
from shared.testing.apache_kafka import cache_directory

VERSION: Final = "8.8.1"
MINIMUM_NODE: Final = 18
FETCH_LIMIT_S: Final = 180
SERVER: Final = Path(__file__).with_name("server.mjs")


class ProviderUnavailableError(RuntimeError):
    """The provider cannot be had on this machine; the message says in one line what is missing."""


class OidcProvider:
    """A running provider; `issuer` is its address."""

    def __init__(
        self, log_dir: Path, clients: Sequence[Mapping[str, Any]], people: Mapping[str, Mapping[str, object]]
    ) -> None:
        """`people` are the claims of each login; raises ProviderUnavailableError where it cannot be had."""
        node, modules, port = _node(), _modules(), free_port()
        self.issuer = f"http://{HOST}:{port}"
        told = {"issuer": self.issuer, "port": port, "clients": clients, "people": people}
        self._server = ServerProcess(
            name=f"oidc-provider {VERSION}",
            argv=[node, str(SERVER), str(modules), json.dumps(told)],
            port=port,
            log_path=log_dir / "oidc-provider.log",
            is_ready=self._answers,
            environment={"NODE_ENV": "test"},
        )

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._server.start(within_s=30)

    def stop(self) -> None:
        """Ends it."""
        self._server.kill()

    def _answers(self) -> bool:
        try:
            found = httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return False
        return found.status_code == httpx.codes.OK


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise ProviderUnavailableError("no node found")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout  # noqa: S603
    if not version.startswith("v") or int(version[1:].split(".")[0]) < MINIMUM_NODE:
        raise ProviderUnavailableError(f"Node {MINIMUM_NODE} or later is needed; {node} says {version.strip()}")
    return node


def _modules() -> Path:
    """The folder in which the provider is installed."""
    installed = cache_directory() / f"oidc-provider-{VERSION}"
    if installed.is_dir():
        return installed
    npm = shutil.which("npm")
    if npm is None:
        raise ProviderUnavailableError(f"no npm found, and nothing in {installed}")
    installed.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=installed.parent) as fetching:
        (Path(fetching) / "package.json").write_text('{"private": true}')
        command = [
            npm,
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            f"oidc-provider@{VERSION}",
        ]
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=fetching, capture_output=True, text=True, timeout=FETCH_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise ProviderUnavailableError(f"npm took longer than {FETCH_LIMIT_S} s") from late
        if done.returncode != 0:
            raise ProviderUnavailableError(f"npm could not fetch oidc-provider: {done.stderr.strip()[:300]}")
        try:
            Path(fetching).rename(installed)  # whole or not at all
        except OSError:
            if not installed.is_dir():  # otherwise another test run was first
                raise
        else:
            Path(fetching).mkdir()  # for the clean-up
    return installed
