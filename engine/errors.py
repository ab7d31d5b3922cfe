"""One error tree for the whole engine.

The docstring of an error is its default message, with ``{named}`` places filled from the error's parameters. Errors
carry a stable ``code`` and parameters so that the edge can say the same in the reader's language; only
``engine.statuses`` and the edge know what a status code is.
"""

from collections.abc import Mapping
from typing import Any


class Phrase(str):
    """Words in an error's parameters: English by themselves, and the template with its parameters for the edge, which
    says them in the reader's language. A plain text is a template without places."""

    template: str
    params: Mapping[str, Any]

    def __new__(cls, template: str, **params: Any) -> "Phrase":
        phrase = super().__new__(cls, template.format_map(params))
        phrase.template, phrase.params = template, params
        return phrase


class KapokError(Exception):
    """Something went wrong: {reason}"""

    code = "error"
    audited = False
    """The runner has written into the audit trail that this was refused."""

    def __init__(self, message: str | None = None, **params: Any) -> None:
        self.params: Mapping[str, Any] = params
        super().__init__(message if message is not None else self._default(params))

    @classmethod
    def _default(cls, params: Mapping[str, Any]) -> str:
        template = " ".join((cls.__doc__ or "").split())
        return template.format_map(_Missing(params))

    @property
    def message(self) -> str:
        return str(self.args[0])


class _Missing(dict[str, Any]):
    """Leaves a place visible instead of failing when a parameter was not given."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class InvalidInput(KapokError):
    """Expected {expected}, but found {found} at {where}."""

    code = "invalid_input"


class Rejection(KapokError):
    """A lawful refusal of a command; nothing was changed."""

    code = "rejected"


class NotFound(Rejection):
    """Expected to find {noun} '{key}', but there is none that you may see."""

    code = "not_found"


class NotAllowed(Rejection):
    """Expected {actor} to have the right '{right}', but it is not given."""

    code = "not_allowed"


class Conflict(Rejection):
    """Expected to {action} {noun} '{key}', but it is in state '{state}'."""

    code = "conflict"


class IdempotencyConflict(Conflict):
    """Expected the idempotency key '{key}' to come with the same request as before, but the request differs."""

    code = "idempotency_conflict"


class Busy(Rejection):
    """Expected to lock {noun} '{key}' at once, but another command holds it; try again."""

    code = "busy"


class DeploymentRefused(Rejection):
    """Expected a deployable model, but found {count} problem(s)."""

    code = "deployment_refused"


class ConfigurationError(KapokError):
    """Expected setting {setting} to be {expected}, but it is {found}."""

    code = "configuration"


class InvariantBroken(KapokError):
    """The engine found its own state inconsistent: {reason}. Nothing was written."""

    code = "invariant_broken"
