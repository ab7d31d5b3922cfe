"""Every test of the kernel runs twice: straight, and with the case saved and loaded between all steps."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.definition.model import Decision, Definition
from engine.execution import Environment
from tests.execution.case import Case, define


@pytest.fixture(params=["straight", "reloaded"])
def reload(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "reloaded")


@pytest.fixture
def given(reload: bool) -> Callable[..., Case]:
    """A case of a drawn file (or a ready definition) that is not started yet."""

    def make(content: bytes | Definition, process: str = "p", env: Environment | None = None,
             decisions: dict[str, Decision] | None = None) -> Case:
        definition = content if isinstance(content, Definition) else define(content, process, decisions)
        return Case(definition, reload=reload, env=env)

    return make


@pytest.fixture
def play(given: Callable[..., Case]) -> Callable[..., Case]:
    """A case of a drawn file, started by its none start event."""

    def start(content: bytes | Definition, variables: dict[str, Any] | None = None, **options: Any) -> Case:
        return given(content, **options).start(variables)

    return start
