"""The static checks accept the files as they are and name what is wrong in a broken one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import static_checks
from deploy.static_publiccode import publiccode_problems
from deploy.static_settings import setting_problems

CHECKED = (
    "docker-compose.yml",
    ".env.example",
    "publiccode.yml",
    "pyproject.toml",
    "requirements.lock",
    "README.md",
    "docs/beheer.md",
)

Edit = Callable[[str, str, str], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in CHECKED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(static_checks.ROOT / name, tmp_path / name)
    shutil.copytree(static_checks.ROOT / "deploy" / "images", tmp_path / "deploy" / "images")
    return tmp_path


@pytest.fixture
def edit(root: Path) -> Edit:
    def replace(name: str, old: str, new: str) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text, f"{name} no longer contains {old!r}"
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def test_the_files_of_the_repository_are_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert static_checks.main() == 0
    assert "in order" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '      test: ["CMD", "pg_isready"',
            '      x-test: ["CMD", "pg_isready"',
            "services/postgres: has no health check",
        ),
        ('  user: "10001:10001"\n', "", "services/intake: runs as root"),
        ("  read_only: true\n  user", "  user", "services/matcher: can write to its own image"),
        ("  pull_policy: build\n", "", "services/notifier: may run an old image"),
        ("  cap_drop: [ALL]\n", "", "services/capacity: keeps capabilities"),
        ("127.0.0.1:${MAIL_PORT:-1080}", "0.0.0.0:${MAIL_PORT:-1080}", "services/mail: publishes"),
        ("depends_on: *needs", "depends_on: [kafka]", "services/intake: waits for kafka without a condition"),
        ("condition: service_healthy", "condition: service_started", "waits for postgres to be started"),
        (
            "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?fill in .env, see .env.example}",
            "POSTGRES_PASSWORD: geheim",
            "services/postgres: environment/POSTGRES_PASSWORD holds a secret",
        ),
        (
            "intake:${INTAKE_DB_PASSWORD:?fill in .env, see .env.example}@",
            "intake:geheim@",
            "environment/LEERPLEK_INTAKE_DATABASE_URL holds an address with a password",
        ),
        ("${MATCHER_PORT:-8003}", "${MATCHER_POORT:-8003}", ".env.example: MATCHER_POORT is missing"),
        ("${MATCHER_PORT:-8003}", "8003", ".env.example: MATCHER_PORT is not used"),
        ("name: leerplek", 'version: "3"\nname: leerplek', "`version` is obsolete"),
        ("restart: unless-stopped", "restarts: unless-stopped", "restarts"),
        ("services:", "services: [", "not YAML"),
    ],
)
def test_a_broken_compose_file_is_refused(root: Path, edit: Edit, old: str, new: str, problem: str) -> None:
    edit("docker-compose.yml", old, new)
    assert problem in "\n".join(static_checks.compose_problems(root))


def test_a_service_without_health_check_in_its_image_is_refused(root: Path, edit: Edit) -> None:
    edit("deploy/images/intake.Dockerfile", "HEALTHCHECK --", "# HEALTHCHECK --")
    assert "docker-compose.yml: services/intake: has no health check" in static_checks.compose_problems(root)


def test_a_secret_in_the_example_is_refused(root: Path, edit: Edit) -> None:
    edit(".env.example", "INTAKE_DB_PASSWORD=", "INTAKE_DB_PASSWORD=geheim")
    assert ".env.example: INTAKE_DB_PASSWORD holds a value: a secret has no example" in list(
        static_checks.compose_problems(root)
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("USER 10001:10001", "USER root", "the last USER is not a number above 0"),
        ("/readyz", "/", "has no HEALTHCHECK on /readyz"),
        ("COPY shared shared", "COPY shared shared\nCOPY services services", "copies services, which intake"),
        ("COPY shared shared", "COPY . .", "copies ., which intake"),
        ('"services.intake"', '"services.matcher"', "does not start services.intake"),
        ("python:3.12-slim AS", "python AS", "DL3006"),
        ("WORKDIR /srv/leerplek", "WORKDIR /srv/other", "in more than its name"),
    ],
)
def test_a_broken_image_is_refused(root: Path, edit: Edit, old: str, new: str, problem: str) -> None:
    edit("deploy/images/intake.Dockerfile", old, new)
    assert problem in "\n".join(static_checks.image_problems(root))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NUMBA_CPU_NAME=generic", "NUMBA_CPU_NAME=haswell"),
        ("RUN python -m services.matcher.adapters.solver.compiled.loading", "RUN python -m compileall services"),
        ("USER 10001:10001\n", ""),
    ],
)
def test_an_image_of_the_matcher_without_its_compiled_search_is_refused(
    root: Path, edit: Edit, old: str, new: str
) -> None:
    edit("deploy/images/matcher.Dockerfile", old, new)
    found = "\n".join(static_checks.image_problems(root))
    assert "matcher.Dockerfile: does not compile the search for any processor before USER" in found


def test_a_pin_that_the_lock_does_not_have_is_refused(root: Path, edit: Edit) -> None:
    edit("deploy/images/requirements-notifier.txt", "aiosmtplib==", "aiosmtplib==0.")
    assert "run `make lock`" in "\n".join(static_checks.pin_problems(root))


def test_a_dependency_that_no_image_installs_is_refused(root: Path, edit: Edit) -> None:
    edit("pyproject.toml", "intake = [", 'intake = ["left-pad>=1",')
    assert list(static_checks.pin_problems(root)) == [
        "deploy/images/requirements-intake.txt: left-pad is missing: run `make lock`"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  license: EUPL-1.2", "  licence: EUPL-1.2", "legal: 'license' is a required property"),
        ("  license: EUPL-1.2", "  license: MIT", "legal/license is MIT, pyproject.toml says EUPL-1.2"),
        ("  nl:\n", "  de:\n", "description/nl is missing"),
        ("name: Leerplek", "name: [", "not YAML"),
        ("name: Leerplek", "naam: Leerplek", "'naam' was unexpected"),
        ("developmentStatus: development", "developmentStatus: beta", "url leads nowhere"),
        ("developmentStatus: development", "developmentStatus: alpha", "developmentStatus: 'alpha' is not one of"),
        ("https://repository", "repository", "url: 'repository.invalid/leerplek.git' does not match"),
        ("  - workflow-management", "  - planning", "categories/1: 'planning' is not one of"),
        ("  type: none", "  type: community", "maintenance: 'contacts' is a required property"),
        ('softwareVersion: "0.1.0"', 'softwareVersion: "0.0.9"', "softwareVersion is 0.0.9, pyproject.toml says 0.1.0"),
        ("  localisationReady: false", "  localisationReady: nee", "localisationReady: 'nee' is not of type 'boolean'"),
    ],
)
def test_a_broken_publiccode_file_is_refused(root: Path, edit: Edit, old: str, new: str, problem: str) -> None:
    edit("publiccode.yml", old, new)
    assert problem in "\n".join(publiccode_problems(root))


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        (
            "docker-compose.yml",
            "LEERPLEK_INTAKE_LOG_FORMAT",
            "LEERPLEK_INTAKE_LOGFORMAT",
            "docker-compose.yml: LEERPLEK_INTAKE_LOGFORMAT is no setting",
        ),
        (
            "docker-compose.yml",
            "LEERPLEK_MATCHER_KAFKA_BOOTSTRAP",
            "LEERPLEK_NOTIFIER_KAFKA_BOOTSTRAP",
            "services/matcher: LEERPLEK_MATCHER_KAFKA_BOOTSTRAP: is missing",
        ),
        (
            "docker-compose.yml",
            "      LEERPLEK_NOTIFIER_PUBLIC_URL: ${NOTIFIER_PUBLIC_URL:?fill in .env, see .env.example}\n",
            "",
            "services/notifier: LEERPLEK_NOTIFIER_PUBLIC_URL: is missing",
        ),
        (
            "docker-compose.yml",
            "      LEERPLEK_CAPACITY_MASTER_KEY_FILE: /run/secrets/capacity-master-key\n",
            "",
            "services/capacity: LEERPLEK_CAPACITY: Value error, MASTER_KEY_FILE is needed",
        ),
        (
            "docker-compose.yml",
            "LEERPLEK_INTAKE_MODE: production",
            "LEERPLEK_INTAKE_MODE: prod",
            "services/intake: LEERPLEK_INTAKE_MODE: Input should be",
        ),
        (
            ".env.example",
            "# Ports on",
            "# LEERPLEK_NOTIFIER_SMTP_HOSTS\n# Ports on",
            ".env.example: LEERPLEK_NOTIFIER_SMTP",
        ),
        (
            "README.md",
            "LEERPLEK_KAFKA_IMAGE",
            "LEERPLEK_KAFKA_IMAGES",
            "README.md: LEERPLEK_KAFKA_IMAGES is no setting",
        ),
        (
            "deploy/images/intake.Dockerfile",
            "LEERPLEK_INTAKE_HTTP_PORT",
            "LEERPLEK_INTAKE_PORT",
            "intake.Dockerfile: LEERPLEK_INTAKE_PORT is no setting",
        ),
        ("docs/beheer.md", "`MAIL_FROM`", "`MAIL_SENDER`", "docs/beheer.md: MAIL_SENDER is no setting"),
        ("docs/beheer.md", "`LEASE_S`", "`SMTP_HOST`", "docs/beheer.md: LEASE_S is missing under Instellingen"),
    ],
)
def test_a_name_that_no_service_reads_and_a_setting_that_one_misses_are_refused(
    root: Path, edit: Edit, name: str, old: str, new: str, problem: str
) -> None:
    edit(name, old, new)
    assert problem in "\n".join(setting_problems(root))


def test_every_problem_is_printed_and_the_exit_status_says_so(
    root: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("docker-compose.yml", "condition: service_healthy", "condition: service_started")
    edit("publiccode.yml", "  license: EUPL-1.2", "  licence: EUPL-1.2")
    assert static_checks.main(root) == 1
    printed = capsys.readouterr().err
    assert "to be healthy" in printed
    assert "publiccode.yml: legal: 'license' is a required property" in printed
