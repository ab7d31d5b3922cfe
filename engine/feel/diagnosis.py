"""Why an expression is not FEEL, or why its value is null: a code with parameters, said in Chinese or English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel.messages import KINDS, MESSAGES


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a part of an expression became null. ``line`` and ``column`` count from 1 and point at that part."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    line: int = 1
    column: int = 1

    @property
    def message(self) -> str:
        """The English text, without the place."""
        return describe(self, "en")


class FeelError(Exception):
    """Whatever this package raises on purpose: a stable ``code`` and its parameters."""

    def __init__(self, code: str, params: Mapping[str, Any] | None = None, line: int = 1, column: int = 1) -> None:
        self.code = code
        self.params: Mapping[str, Any] = params or {}
        self.line = line
        self.column = column
        super().__init__(describe(self, "en"))

    @property
    def message(self) -> str:
        """The English text, without the place."""
        return str(self.args[0])


class FeelSyntaxError(FeelError):
    """The text is not FEEL. ``expected`` names what could have stood there, if that is known."""

    @property
    def expected(self) -> str | None:
        expected = self.params.get("expected")
        return None if expected is None else str(expected)


class FeelLimitExceeded(FeelError):  # noqa: N818 - the name other rooms import
    """The evaluation went over one of its ``Limits``; there is no value."""


class Failure(Exception):  # noqa: N818 - control flow inside the package, never seen outside
    """Raised by a built-in to become null with a diagnosis at the place of its call."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


_LANGUAGES = ("zh", "en")


def describe(problem: FeelError | Diagnosis, language: str = "zh") -> str:
    """One sentence about the problem in ``language`` ("zh" or "en"), without its place. A parameter that is itself a
    problem is said in the same language."""
    index = 0 if language.startswith("zh") else 1
    template = MESSAGES.get(problem.code, (problem.code, problem.code))[index]
    params = {name: _say(value, index) for name, value in problem.params.items()}
    return template.format_map(_Visible(params))


def _say(value: Any, index: int) -> str:
    if isinstance(value, (Diagnosis, FeelError)):
        return describe(value, _LANGUAGES[index])
    text = str(value)
    return KINDS[text][index] if text in KINDS else text


class _Visible(dict[str, str]):
    """Leaves a place visible instead of failing when its parameter was not given."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
