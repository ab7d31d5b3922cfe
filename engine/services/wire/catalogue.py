"""The catalogue of messages, loaded once, and what is asked of it in several places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.domain.forms import Problem as FieldProblem
from engine.errors import InvalidInput
from webhooks.catalogue import Problem, load, words

CATALOGUE, WORDS = load(), words()


class MessageRefused(InvalidInput):
    """Expected a message that fits its schema: {expected} at {where}, but found {found}."""

    code = "message_refused"


def require_valid(envelope: Mapping[str, Any], where: str = "") -> None:
    """Raises ``MessageRefused`` with the first problem in its words and all of them as ``problems`` by field."""
    problems = CATALOGUE.validate_envelope(envelope) or CATALOGUE.validate_message(envelope)
    if problems:
        first = problems[0]
        raise MessageRefused(
            expected=first.expected, found=first.found, where=" ".join(filter(None, (where, first.pointer or "/"))),
            problems=tuple(FieldProblem(_field(one), "message", {"expected": one.expected}) for one in problems))


def _field(problem: Problem) -> str:
    """A JSON pointer into the envelope as the dotted key of a form field: ``payload.parties[0].name``."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[1:]]
    text = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts)
    return text.removeprefix(".")


def title(kind: str, language: str = "zh") -> str:
    """What a message is called; its type when the catalogue does not know it."""
    if kind not in CATALOGUE.types:
        return kind
    return CATALOGUE.message(kind).title if language == "zh" else WORDS.messages[kind]


def fields(kind: str) -> Collection[str] | None:
    """What the schema of a message names; None when the catalogue does not know the message."""
    return CATALOGUE.message(kind).schema["properties"].keys() if kind in CATALOGUE.types else None


def decides(sent: str, came: str) -> bool:
    """Whether a message that came answers a message that was sent: its answer, or what ends the matter."""
    if sent not in CATALOGUE.types:
        return False
    message = CATALOGUE.message(sent)
    return came in (message.answer, message.decided_by)


def goal(sent: str) -> str:
    """What ends the matter of a message that was sent: ``received`` | ``accepted`` | ``decided``."""
    if sent not in CATALOGUE.types:
        return "received"
    message = CATALOGUE.message(sent)
    if message.decided_by is not None:
        return "decided"
    return "received" if message.answer == "none" else "accepted"
