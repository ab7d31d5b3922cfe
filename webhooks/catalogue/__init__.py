"""Every message of the wire as a JSON Schema (2020-12) with examples: ``load()`` and ask.

``envelope.json`` is the envelope, ``common.json`` shared parts, ``words.json`` what fields are called in Chinese,
``v1/<type>.json`` the payload of one message type of major version 1. Each payload schema says in ``x-direction``
whether the message comes ``in``, goes ``out`` or ``both``, in ``x-from``/``x-to`` between whom, and in
``x-correlates-on`` which names find its case, best first, looked up in the envelope's ``correlation``, then in the
payload; ``x-answer`` is what comes back, ``x-decided-by`` what ends the matter where that is another message,
``x-clearance`` the confidentiality of the cases it may tell of.

Within a major version only optional fields are added, so any minor version is read with the newest schema of its major
and unknown payload fields are kept but not judged. Unknown envelope fields are refused: the envelope is ours.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

Schema = Mapping[str, Any]

MAX_PROBLEMS = 20
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_FORMATS = {"date": "a date YYYY-MM-DD", "date-time": "a time YYYY-MM-DDThh:mm:ss with Z or an offset"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document: where (JSON pointer, RFC 6901), what was expected, what was there."""

    pointer: str
    expected: str
    found: str

    def body(self) -> dict[str, str]:
        return {"pointer": self.pointer, "expected": self.expected, "found": self.found}


@dataclass(frozen=True)
class MessageType:
    """One message type: its newest version, between whom it travels and what finds its case."""

    name: str
    version: str
    title: str
    direction: str
    sender: str
    receiver: str
    correlates_on: tuple[str, ...]
    answer: str
    schema: Schema
    decided_by: str | None = None
    """The message that ends the matter; None: a receipt is all that follows."""
    clearance: str = "L2"
    """The highest confidentiality of a case that it may tell of: what is cleared for unpublished applications carries
    numbers and digests only."""

    @property
    def comes_in(self) -> bool:
        return self.direction != "out"

    @property
    def goes_out(self) -> bool:
        return self.direction != "in"


class Catalogue:
    """All message types, ready to validate. Built once by :func:`load`; never changes afterwards."""

    def __init__(self, envelope: Schema, common: Schema, payloads: Iterable[Schema]) -> None:
        self._envelope_schema = _inlined(envelope, common["$defs"])
        self._messages = {schema["x-type"]: _message_type(_inlined(schema, common["$defs"])) for schema in payloads}
        self._envelope = _validator(self._envelope_schema)
        self._payloads = {name: _validator(message.schema) for name, message in self._messages.items()}

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(self._messages)

    @property
    def correlation_names(self) -> Mapping[str, Schema]:
        """The names that messages are correlated by, each with its schema."""
        names: Mapping[str, Schema] = self._envelope_schema["properties"]["correlation"]["properties"]
        return names

    def message(self, type_: str) -> MessageType:
        """Raises ``KeyError`` for an unknown type."""
        return self._messages[type_]

    def validate_envelope(self, envelope: Any) -> list[Problem]:
        """Problems of everything but the payload's content; empty when there are none."""
        return _problems(self._envelope, envelope, "")

    def validate(self, type_: str, version: str, payload: Any) -> list[Problem]:
        """Problems of a payload, pointers relative to it; an unknown type or major version is one problem."""
        return [
            Problem(problem.pointer.removeprefix("/payload"), problem.expected, problem.found)
            for problem in self._validate(type_, version, payload)
        ]

    def validate_message(self, envelope: Schema) -> list[Problem]:
        """Problems of type, version, payload and correlation of a well-formed envelope."""
        problems = self._validate(envelope["type"], envelope["version"], envelope["payload"])
        if problems or self.correlation_key(envelope["type"], envelope) is not None:
            return problems
        names = " or ".join(self._messages[envelope["type"]].correlates_on)
        return [Problem("/correlation", f"{names}", "neither" if " or " in names else "nothing")]

    def correlation_key(self, type_: str, envelope: Schema) -> str | None:
        """The value that finds the case of this message: the first of ``x-correlates-on`` that is there."""
        message = self._messages.get(type_)
        for name in message.correlates_on if message else ():
            for place in (envelope.get("correlation"), envelope.get("payload")):
                value = place.get(name) if isinstance(place, Mapping) else None
                if isinstance(value, str) and value:
                    return value
        return None

    def example(self, type_: str) -> dict[str, Any]:
        """A whole valid message of this type: its first example in an envelope. Made anew on each call."""
        schema = self._messages[type_].schema
        envelope = self._envelope_schema["examples"][0] | {"type": type_, "version": schema["x-version"]}
        envelope |= {"sender": schema["x-example-sender"], "receiver": schema["x-example-receiver"]}
        envelope |= {"correlation": schema["x-example-correlation"], "payload": schema["examples"][0]}
        own: dict[str, Any] = json.loads(json.dumps(envelope))
        return own

    def openapi_webhooks(self) -> dict[str, Any]:
        """The ``webhooks`` section of an OpenAPI 3.1 document, self-contained."""
        return {name: {"post": self._operation(message)} for name, message in self._messages.items()}

    def _validate(self, type_: str, version: str, payload: Any) -> list[Problem]:
        message = self._messages.get(type_)
        if message is None:
            return [Problem("/type", "one of the message types of the catalogue", _shown(type_))]
        major = message.version.partition(".")[0]
        if version.partition(".")[0] != major:
            return [Problem("/version", f"version {major}.x", _shown(version))]
        return _problems(self._payloads[type_], payload, "/payload")

    def _operation(self, message: MessageType) -> dict[str, Any]:
        payload = {key: value for key, value in message.schema.items() if not key.startswith("x-example")}
        properties = self._envelope_schema["properties"] | {"type": {"const": message.name}, "payload": payload}
        schema = {**self._envelope_schema, "properties": properties}
        content = {"application/json": {"schema": schema, "example": self.example(message.name)}}
        headers = ("webhook-id", "webhook-timestamp", "webhook-signature")
        return {
            "operationId": message.name,
            "summary": f"{message.title}: {message.sender} → {message.receiver}",
            "parameters": [{"name": n, "in": "header", "required": True, "schema": _TEXT} for n in headers],
            "requestBody": {"required": True, "content": content},
            "responses": {"202": {"description": "Kept; the answer is a signed receipt."}} | _REFUSALS,
        }


_TEXT = {"type": "string"}
_REFUSALS = {
    "400": {"description": "Malformed headers or not strict JSON."},
    "401": {"description": "No valid signature, or outside ±300 s."},
    "403": {"description": "Address, sender, receiver or type not allowed."},
    "409": {"description": "The webhook-id was used for another body."},
    "413": {"description": "More than 256 kB."},
    "415": {"description": "Not application/json."},
    "422": {"description": "Not valid against this schema; problems name each place."},
    "429": {"description": "Too many requests; see Retry-After."},
    "503": {"description": "Nothing was kept; see Retry-After."},
}


@dataclass(frozen=True)
class Words:
    """What fields and codes are called: Chinese as written, English out of their own names."""

    fields: Mapping[str, str]
    codes: Mapping[str, str]
    messages: Mapping[str, str]
    """In English; the Chinese title is in the schema."""
    english: Mapping[str, str]
    """Fields whose own name says too little."""
    values: Mapping[str, str]
    """What a message may say in Chinese, in English."""

    def field(self, name: str, language: str = "zh") -> str:
        return self.fields.get(name, name) if language == "zh" else self.english.get(name) or _spoken(name)

    def code(self, value: Any, language: str = "zh") -> str:
        text = str(value)
        return self.codes.get(text, text) if language == "zh" else self.values.get(text) or (
            _spoken(text) if text.isascii() else text)


def _spoken(name: str) -> str:
    words = name.replace("_", " ").replace(".", ", ")
    return words[:1].upper() + words[1:]


def words() -> Words:
    """The words that come with this package."""
    found = _read(files(__package__) / "words.json")
    return Words(found["fields"], found["codes"], found["messages"], found["english"], found["values"])


def load() -> Catalogue:
    """The catalogue that comes with this package."""
    here = files(__package__)
    entries = [entry for entry in (here / "v1").iterdir() if entry.name.endswith(".json")]
    payloads = [_read(entry) for entry in sorted(entries, key=lambda entry: entry.name)]
    return Catalogue(_read(here / "envelope.json"), _read(here / "common.json"), payloads)


def _read(entry: Traversable) -> Schema:
    schema: Schema = json.loads(entry.read_text("utf-8"))
    return schema


def _inlined(node: Any, shared: Schema) -> Any:
    """The schema with every reference to ``common.json`` replaced by what it names: twice as fast to validate with."""
    if isinstance(node, list):
        return [_inlined(item, shared) for item in node]
    if not isinstance(node, Mapping):
        return node
    if "$ref" in node:
        return _inlined(shared[node["$ref"].rpartition("/")[2]], shared)
    return {key: _inlined(value, shared) for key, value in node.items() if key not in ("$id", "$schema")}


def _validator(schema: Schema) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=_FORMAT_CHECKER)


def _message_type(schema: Schema) -> MessageType:
    return MessageType(
        name=schema["x-type"],
        version=schema["x-version"],
        title=schema["title"],
        direction=schema["x-direction"],
        sender=schema["x-from"],
        receiver=schema["x-to"],
        correlates_on=tuple(schema["x-correlates-on"]),
        answer=schema["x-answer"],
        schema=schema,
        decided_by=_decided_by(schema),
        clearance=schema.get("x-clearance", "L2"),
    )


def _decided_by(schema: Schema) -> str | None:
    answer: str = schema["x-answer"]
    plain = "." not in answer  # "receipt", "none", "receipt + task"
    ends: str | None = schema.get("x-decided-by", None if plain else answer)
    return ends


def _problems(validator: Draft202012Validator, instance: Any, prefix: str) -> list[Problem]:
    errors = islice(validator.iter_errors(instance), 10 * MAX_PROBLEMS)  # a hostile body may hold 100,000
    found = dict.fromkeys(problem for error in errors for problem in _explain(error, prefix))
    return sorted(found, key=lambda problem: problem.pointer)[:MAX_PROBLEMS]


def _explain(error: ValidationError, prefix: str) -> list[Problem]:
    pointer = prefix + "".join(f"/{_escaped(part)}" for part in error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [Problem(f"{pointer}/{name}", "a value", "nothing") for name in missing]
    if error.validator == "additionalProperties":
        unknown = [name for name in error.instance if name not in error.schema["properties"]]
        return [Problem(f"{pointer}/{_escaped(n)}", "no such field", _shown(error.instance[n])) for n in unknown]
    return [Problem(pointer, _expected(error), _shown(error.instance))]


def _expected(error: ValidationError) -> str:
    rule = error.validator_value
    match error.validator:
        case "type":
            return " or ".join(_KINDS[kind] for kind in ([rule] if isinstance(rule, str) else rule))
        case "enum":
            return "one of " + ", ".join("null" if value is None else str(value) for value in rule)
        case "format":
            return _FORMATS[rule]
        case "pattern":
            return str(error.schema.get("description", f"text of the form {rule}"))
        case "minLength" | "minItems" | "minimum" | "minProperties":
            return f"at least {rule}" + _unit(error.validator)
        case "maxLength" | "maxItems" | "maximum" | "maxProperties":
            return f"at most {rule}" + _unit(error.validator)
        case _:
            return f"the value {json.dumps(rule, ensure_ascii=False)}"  # "const", the only other rule we use


def _unit(validator: str) -> str:
    return {"Length": " characters", "Items": " entries", "Properties": " fields"}.get(validator[3:], "")


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if _DATE.fullmatch(value):
        date.fromisoformat(value)
        return True
    return False


def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if _INSTANT.fullmatch(value):
        datetime.fromisoformat(value).astimezone(UTC)  # fails on what has no UTC instant, such as year 1 at +08:00
        return True
    return False


_FORMAT_CHECKER = FormatChecker(formats=())
_FORMAT_CHECKER.checks("date", raises=ValueError)(_is_date)
_FORMAT_CHECKER.checks("date-time", raises=(ValueError, OverflowError))(_is_instant)
