"""A certified OpenID Connect provider as a child process, for tests: npm's `oidc-provider`, fetched once into the user's cache."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from shared.child_process import HOST, ServerProcess, free_port
from shared.testing.npm import NotFetchedError, npm_package

VERSION: Final = "8.8.1"
MINIMUM_NODE: Final = 18
SERVER: Final = Path(__file__).with_name("server.mjs")


class OidcProvider:
    """A running provider; `issuer` is its address."""

    def __init__(
        self, log_dir: Path, clients: Sequence[Mapping[str, Any]], people: Mapping[str, Mapping[str, object]]
    ) -> None:
        """`people` are the claims of each login; raises NotFetchedError where it cannot be had."""
        node, modules, port = _node(), npm_package("oidc-provider", VERSION), free_port()
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
        raise NotFetchedError("no node found")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout  # noqa: S603
    if not version.startswith("v") or int(version[1:].split(".")[0]) < MINIMUM_NODE:
        raise NotFetchedError(f"Node {MINIMUM_NODE} or later is needed; {node} says {version.strip()}")
    return node
