"""What all tests share: databases, a clock that is moved by hand, the sizes of random tests, printed seeds."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from engine.clock import VirtualClock
from tests.support.postgres import Postgres

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "default", max_examples=50, deadline=None, print_blob=True, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile(
    "prove", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=SLOW_IS_FINE
)

BOTH_DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql),
]
DEFAULT_SEED = 20230307


class CompiledTemplates(BytecodeCache):
    """What Jinja made of each template: hundreds of applications of one test process need it only once."""

    def __init__(self) -> None:
        self._made: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._made:
            bucket.bytecode_from_string(self._made[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._made[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kapok")
    group.addoption("--prove", action="store_true", help="run the long sizes of random, crash and fuzz tests")
    group.addoption("--seed", type=int, default=DEFAULT_SEED, help="seed of random tests (default %(default)s)")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("prove" if config.getoption("--prove") else "default")


def pytest_report_header(config: pytest.Config) -> str:
    size = "prove" if config.getoption("--prove") else "default"
    return f"kapok: sizes {size}, --seed={config.getoption('--seed')}"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run. Printed, so that a failure shows how to repeat it."""
    value: int = request.config.getoption("--seed")
    print(f"repeat with: pytest '{request.node.nodeid}' --seed={value}")
    return value


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Random numbers that depend on the seed and the test's name only, never on the order of tests."""
    return random.Random(f"{seed}:{request.node.nodeid}")


@pytest.fixture(scope="session")
def scale(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """``scale(small, large)``: the number of rounds, small in ``make test`` and large in ``make prove``."""
    prove = request.config.getoption("--prove")
    return lambda small, large: large if prove else small


@pytest.fixture
def virtual_clock() -> VirtualClock:
    """A clock that stands at 2026-01-01T00:00:00Z until the test moves it."""
    return VirtualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this pytest process; started when first asked for, stopped at the end."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="module")
def postgresql_url(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database for one test module."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty SQLite database, as a file, for one test module."""
    return _sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="module", params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database for one test module: every test that uses it runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=BOTH_DATABASES)
def fresh_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database for one test alone, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield _sqlite(tmp_path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


def _sqlite(directory: Path) -> str:
    return f"sqlite:///{directory / 'kapok.db'}"
