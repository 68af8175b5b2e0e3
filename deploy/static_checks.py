"""Checks the papers, the images and the compose file without starting anything: `python -m deploy.static_checks`."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from deploy.static_publiccode import publiccode_problems
from deploy.static_settings import setting_problems
from shared.contracts.services import SERVICES

ROOT = Path(__file__).resolve().parents[1]

_REFERENCE = re.compile(r"\$\{(\w+)")
_SECRET_NAME = re.compile(r"(PASSWORD|SECRET|TOKEN|KEY)$")
_ADDRESS_WITH_PASSWORD = re.compile(r"://[^/@\s:]*:(?!\$\{)[^/@\s]+@")
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==\S+", re.MULTILINE)
_COMPILED = re.compile(
    r"^# Only this service has compiled code.*\n"
    r"ENV NUMBA_CPU_NAME=generic \\\n    NUMBA_CACHE_DIR=(/\S+)\n"
    r"RUN python -m services\.matcher\.adapters\.solver\.compiled\.loading \\\n && chmod -R a\+rX \S+\n"
    r"(?=USER )",
    re.MULTILINE,
)


def main(root: Path = ROOT) -> int:
    """Print every problem, one a line, and return 1 when there is one."""
    checks: tuple[Callable[[Path], Iterator[str]], ...] = (
        compose_problems,
        image_problems,
        pin_problems,
        publiccode_problems,
        setting_problems,
    )
    problems = [problem for check in checks for problem in check(root)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("Deployment files: compose file, images, pins, settings and publiccode.yml are in order.")
    return 1 if problems else 0


def compose_problems(root: Path) -> Iterator[str]:
    """The compose file fits its schema, every container is fenced in, and .env.example names every variable."""
    path = root / "docker-compose.yml"
    text = path.read_text(encoding="utf-8")
    try:
        compose = _yaml(text)
    except YAMLError as error:
        yield f"{path.name}: not YAML: {error}"
        return
    for mistake in _compose_validator().iter_errors(compose):
        yield f"{path.name}: {'/'.join(map(str, mistake.absolute_path)) or '(top)'}: {mistake.message}"
    if "version" in compose:
        yield f"{path.name}: `version` is obsolete, leave it out"
    for name, service in compose.get("services", {}).items():
        for problem in container_problems(service, root):
            yield f"{path.name}: services/{name}: {problem}"
    example = (root / ".env.example").read_text(encoding="utf-8")
    yield from environment_problems(text, example)


def container_problems(service: Mapping[str, Any], root: Path) -> Iterator[str]:
    """One container has a health check, no rights, ports on loopback only, and waits for others by condition."""
    test = service.get("healthcheck", {}).get("test")
    if test in (None, "NONE", ["NONE"]) and not _image_has_health_check(service, root):
        yield "has no health check"
    if str(service.get("user", "root")).split(":")[0] in {"root", "0"}:
        yield "runs as root: give it a `user`"
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities: `cap_drop: [ALL]` is missing"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain rights: `no-new-privileges:true` is missing from `security_opt`"
    if "build" in service and service.get("read_only") is not True:
        yield "can write to its own image: `read_only: true` is missing"
    if "build" in service and service.get("pull_policy") != "build":
        yield "may run an old image or a stranger's: `pull_policy: build` is missing"
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"publishes {port!r} outside loopback: start it with 127.0.0.1:"
    yield from _waiting_problems(service.get("depends_on", {}))
    yield from _secret_problems(service.get("environment", {}))


def environment_problems(compose_text: str, example_text: str) -> Iterator[str]:
    """Compose and .env.example name the same variables, and the example holds no secret."""
    used = set(_REFERENCE.findall(compose_text))
    given = dict(re.findall(r"^(\w+)=(.*)$", example_text, re.MULTILINE))
    for name in sorted(used - given.keys()):
        yield f".env.example: {name} is missing, docker-compose.yml uses it"
    for name in sorted(given.keys() - used):
        yield f".env.example: {name} is not used in docker-compose.yml"
    for name, value in given.items():
        if value and _SECRET_NAME.search(name):
            yield f".env.example: {name} holds a value: a secret has no example"


def image_problems(root: Path) -> Iterator[str]:
    """Each service has an image that passes hadolint and holds that service only; the four are alike."""
    seen: dict[str, str] = {}
    for service in SERVICES:
        path = root / "deploy" / "images" / f"{service}.Dockerfile"
        if not path.is_file():
            yield f"deploy/images/{path.name}: missing"
            continue
        text = path.read_text(encoding="utf-8")
        for problem in dockerfile_problems(text, service):
            yield f"deploy/images/{path.name}: {problem}"
        yield from _hadolint(path)
        if service == "matcher":
            if not _COMPILED.search(text):
                yield f"deploy/images/{path.name}: does not compile the search for any processor before USER"
            text = _COMPILED.sub("", text)
        seen[service] = text.replace(service, "SERVICE").replace(service.upper(), "SERVICE")
    for name, text in seen.items():
        if text != next(iter(seen.values())):
            yield f"deploy/images/{name}.Dockerfile: differs from {next(iter(seen))}.Dockerfile in more than its name"


def dockerfile_problems(text: str, service: str) -> Iterator[str]:
    """The image runs as a numbered user without rights, checks its health, and copies what its service needs."""
    users = re.findall(r"^USER\s+(\S+)", text, re.MULTILINE)
    if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
        yield "the last USER is not a number above 0"
    if not re.search(r"^HEALTHCHECK\b(?:.*\\\n)*.*/readyz", text, re.MULTILINE):
        yield "has no HEALTHCHECK on /readyz"
    if f'CMD ["python", "-m", "services.{service}"]' not in text:
        yield f"does not start services.{service}"
    needed = {
        "LICENSE",
        "services/__init__.py",
        f"services/{service}",
        "shared",
        f"deploy/images/requirements-{service}.txt",
    }
    for arguments in re.findall(r"^(?:COPY|ADD)\s+(?!--from)(.+)$", text, re.MULTILINE):
        for source in arguments.split()[:-1]:
            if source not in needed:
                yield f"copies {source}, which {service} does not need"


def pin_problems(root: Path) -> Iterator[str]:
    """What an image installs is what requirements.lock pins, and all that the service asks for."""
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    locked = {match.group() for match in _PIN.finditer(lock)}
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for service in SERVICES:
        path = root / "deploy" / "images" / f"requirements-{service}.txt"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for match in _PIN.finditer(text):
            if match.group() not in locked:
                yield f"deploy/images/{path.name}: {match.group()} is not in requirements.lock: run `make lock`"
        wanted = project["dependencies"] + project["optional-dependencies"][service]
        for name in sorted({_name(requirement) for requirement in wanted} - set(_PIN.findall(text))):
            yield f"deploy/images/{path.name}: {name} is missing: run `make lock`"


def _waiting_problems(depends_on: Any) -> Iterator[str]:
    if isinstance(depends_on, list):
        yield f"waits for {', '.join(depends_on)} without a condition"
        return
    for name, how in depends_on.items():
        if how.get("condition") not in {"service_healthy", "service_completed_successfully"}:
            yield f"waits for {name} to be started, not to be healthy"


def _secret_problems(environment: Any) -> Iterator[str]:
    pairs = environment.items() if isinstance(environment, dict) else (e.partition("=")[::2] for e in environment)
    for name, value in pairs:
        literal = str(value or "")
        if _SECRET_NAME.search(name) and literal and not literal.startswith("${"):
            yield f"environment/{name} holds a secret: refer to a variable of .env"
        if _ADDRESS_WITH_PASSWORD.search(literal):
            yield f"environment/{name} holds an address with a password: refer to a variable of .env"


def _image_has_health_check(service: Mapping[str, Any], root: Path) -> bool:
    build = service.get("build")
    dockerfile = root / build.get("dockerfile", "Dockerfile") if isinstance(build, dict) else None
    if dockerfile is None or not dockerfile.is_file():
        return False
    return re.search(r"^HEALTHCHECK\b(?! NONE)", dockerfile.read_text(encoding="utf-8"), re.MULTILINE) is not None


def _compose_validator() -> Any:
    # The schema travels with check-jsonschema. Only the file is used: importing the package needs click 8.4 or
    # newer, and faust-streaming holds click below that.
    spec = importlib.util.find_spec("check_jsonschema")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("check-jsonschema is not installed: run `make setup`")
    path = Path(spec.submodule_search_locations[0]) / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def _hadolint(path: Path) -> Iterator[str]:
    command = [str(Path(sys.executable).parent / "hadolint"), "--no-color", "--format", "gnu", path.name]
    try:
        run = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    except FileNotFoundError:
        yield "hadolint is not installed: run `make setup`"
        return
    if run.returncode:
        yield from (run.stdout + run.stderr).splitlines()


def _yaml(text: str) -> Any:
    return YAML(typ="safe").load(text)


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


if __name__ == "__main__":
    sys.exit(main())
