"""Making rule tables: from the shipped file, from an approved change, from what a case froze.

Invariants, checked here: every rule has a basis with evidence marks (a text read, b known but not re-read, c local),
versions of one key never overlap, and every key and ladder that a rule refers to exists.
"""

import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from engine.domain.audit_chain import canonical_json
from engine.domain.deadline_rules import (
    Basis,
    ExtensionPolicy,
    Limit,
    Parameter,
    RuleTable,
    RuleVersion,
    Suspension,
    Variant,
)
from engine.domain.delivery import RULES as DELIVERY_RULES
from engine.domain.escalation import read_ladder
from engine.domain.period_request import UNITS, Length, Unit, parse_day, parse_profile, parse_unit
from engine.domain.period_texts import Text
from engine.domain.table_reader import TableReader
from engine.domain.working_hours import USUAL, WorkingHours
from engine.errors import InvalidInput, Phrase

MARKS = frozenset("abc")
DEFAULT_LADDER = "default"
DAYS = ("effective_from", "effective_to")
HOURS = "working_hours"


def shipped_rules() -> RuleTable:
    """The rule table that comes with the product (``bpmn/deadlines.toml``)."""
    return _shipped()


@cache
def _shipped() -> RuleTable:
    return parse_rules(resources.files("bpmn").joinpath("deadlines.toml").read_text("utf-8"), "deadlines.toml")


def parse_rules(text: str, source: str) -> RuleTable:
    """Read a rule table (TOML; ``docs/periods.md`` describes it).

    Raises ``InvalidInput`` saying file, rule, key and what was expected.
    """
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(expected="a TOML rule table", found=str(error), where=source) from error
    table = TableReader(content, source)
    table.only("rule", "parameters", "ladders")
    ladders = {reader.name: read_ladder(reader) for reader in table.named_tables("ladders")}
    versions: dict[str, list[RuleVersion]] = {}
    for reader in table.tables("rule"):
        rule = _read_rule(reader)
        versions.setdefault(rule.key, []).append(rule)
    ordered = {key: _in_order(key, found, source) for key, found in versions.items()}
    _check_references(ordered, ladders, source)
    parameters = {reader.name: _read_parameter(reader) for reader in table.named_tables("parameters")}
    return RuleTable(ordered, parameters, ladders, _digest(content), _hours(parameters, source))


def _hours(parameters: Mapping[str, Parameter], source: str) -> WorkingHours:
    if HOURS not in parameters:
        return USUAL
    return WorkingHours.parse(str(parameters[HOURS].value), Phrase("{source}: {key}", source=source, key=HOURS))


def read_rule(content: Mapping[str, Any], source: str) -> RuleVersion:
    """One version from plain JSON values, as it is archived or proposed; days as ISO text. Raises ``InvalidInput``."""
    days = {key: parse_day(content[key], f"{source}, {key}") for key in DAYS if isinstance(content.get(key), str)}
    return _read_rule(TableReader({**content, **days}, source))


def changed(table: RuleTable, key: str, versions: Sequence[RuleVersion], source: str) -> RuleTable:
    """The table with all versions of one key replaced. Raises ``InvalidInput`` for what no table may hold."""
    for rule in versions:
        if rule.key != key:
            raise InvalidInput(expected=Phrase("versions of {key} alone", key=key), found=rule.key, where=source)
    content = [key, [rule.version for rule in versions], table.version]
    new = {**table.versions, key: _in_order(key, list(versions), source)}
    _check_references(new, table.ladders, source)
    return replace(table, versions=new, version=_digest(content))


def succeeded(versions: Sequence[RuleVersion], on: date, count: int, article: str, mark: str) -> list[dict[str, Any]]:
    """The contents of all versions with one more: the newest with another length from a day on, by its own article."""
    if versions[-1].variants:
        raise InvalidInput(expected="a rule of one length; one with variants is written out in full",
                           found=Phrase("{count} variants", count=len(versions[-1].variants)), where=versions[-1].key)
    plain = [{name: value.isoformat() if isinstance(value, date) else value for name, value in one.content.items()}
             for one in versions]
    plain[-1]["effective_to"] = (on - timedelta(days=1)).isoformat()
    new = {name: value for name, value in plain[-1].items() if name not in DAYS}
    return [*plain, {**new, "length": count, "effective_from": on.isoformat(),
                     "basis": [{"article": article, "mark": mark}]}]


def _digest(content: Any) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _in_order(key: str, found: list[RuleVersion], source: str) -> tuple[RuleVersion, ...]:
    ordered = sorted(found, key=lambda one: one.effective_from or date.min)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if (earlier.effective_to or date.max) >= (later.effective_from or date.min):
            shown = Phrase("{later} on or before {earlier}", later=later.effective_from or Phrase("no beginning"),
                           earlier=earlier.effective_to or Phrase("no end"))
            expected = Phrase("versions that do not overlap ({articles})", articles=later.articles)
            raise InvalidInput(expected=expected, found=shown, where=Phrase("{source}: {key}", source=source, key=key))
    return tuple(ordered)


def _check_references(versions: Mapping[str, tuple[RuleVersion, ...]], ladders: Collection[str], source: str) -> None:
    for key, found in versions.items():
        for rule in found:
            if rule.ladder not in ladders:
                raise InvalidInput(expected="a ladder of the table",
                                   found=rule.ladder, where=Phrase("{source}: {key}", source=source, key=key))
            for named in rule.refers_to():
                if named not in versions or named == key:
                    raise InvalidInput(expected="another key of the table",
                                       found=named, where=Phrase("{source}: {key}", source=source, key=key))


def _read_rule(reader: TableReader) -> RuleVersion:
    key = reader.text("key")
    reader = reader.at(key)
    reader.only(
        "key", "name", "profile", "unit", "length", "starts", "on_expiry", "basis", "delivery", "internal",
        "told", "extension", "suspension", "interruptible", "end_minus_one", "variants", "factors", "named_in", "also",
        "also_profiles",
        "limits", "ladder", "restore", "effective_from", "effective_to",
    )
    profile, unit = parse_profile(reader.text("profile"), reader.place("profile")), _unit(reader, reader.text("unit"))
    basis = _basis(reader)
    count = reader.count("length", optional=True)
    variants = tuple(_read_variant(one, unit, basis) for one in reader.tables("variants", optional=True))
    named_in = reader.text("named_in", "") or None
    for used in {unit, *(variant.unit for variant in variants)} - UNITS[profile]:
        counted = Phrase("a unit that the profile {profile} counts in", profile=profile.value)
        raise reader.unexpected("unit", counted, used.value)
    if (count and variants) or not (count or variants or named_in):
        raise reader.unexpected("length", "either a length or variants that give it", "both" if variants else "neither")
    return RuleVersion(
        key=key, name=reader.texts("name"), profile=profile, unit=unit, count=count, starts=reader.texts("starts"),
        on_expiry=reader.texts("on_expiry"), basis=basis, delivery=reader.choice("delivery", DELIVERY_RULES, "none"),
        internal=reader.flag("internal"), told=reader.flag("told") or not reader.flag("internal"),
        extension=_extension(reader), suspension=_suspension(reader),
        interruptible=reader.flag("interruptible"), end_minus_one=reader.flag("end_minus_one"), variants=variants,
        factors=_factors(reader), named_in=named_in, also=reader.words("also"),
        also_profiles=tuple(parse_profile(one, reader.place("also_profiles")) for one in reader.words("also_profiles")),
        limits=tuple(_limit(one) for one in reader.tables("limits", optional=True)),
        ladder=reader.text("ladder", DEFAULT_LADDER), restore=reader.text("restore", "") or None,
        **_validity(reader), version=_digest(reader.content),
        content=MappingProxyType(dict(reader.content)),
    )


def _unit(reader: TableReader, text: str) -> Unit:
    return parse_unit(text, reader.place("unit"))


def _validity(reader: TableReader) -> dict[str, Any]:
    first, last = reader.day("effective_from"), reader.day("effective_to")
    if first and last and last < first:
        raise reader.unexpected("effective_to", Phrase("a day on or after {first}", first=first), last)
    return {"effective_from": first, "effective_to": last}


def _basis(reader: TableReader) -> tuple[Basis, ...]:
    basis = []
    for one in reader.tables("basis"):
        one.only("article", "mark")
        basis.append(Basis(one.text("article"), one.choice("mark", MARKS)))
    return tuple(basis)


def _read_variant(reader: TableReader, unit: Unit, basis: tuple[Basis, ...]) -> Variant:
    reader.only("when", "length", "unit", "basis")
    own_unit = _unit(reader, reader.text("unit", unit.value))
    own_basis = _basis(reader) if "basis" in reader.content else basis
    when = {name: tuple(v) if isinstance(v, list) else (v,) for name, v in reader.mapping("when").items()}
    return Variant(when, reader.count("length") or 0, own_unit, own_basis)


def _extension(reader: TableReader) -> ExtensionPolicy:
    found = reader.table("extension")
    if found is None:
        return ExtensionPolicy(False, "")
    found.only("allowed", "article", "most", "unit", "condition")
    most = found.count("most", optional=True)
    length = None if most is None else Length(most, _unit(found, found.text("unit")))
    condition = found.texts("condition") if "condition" in found.content else Text("", "")
    return ExtensionPolicy(found.flag("allowed"), found.text("article"), length, condition)


def _suspension(reader: TableReader) -> Suspension | None:
    found = reader.table("suspension")
    if found is None:
        return None
    found.only("reasons", "article")
    return Suspension(found.texts("reasons"), found.text("article"))


def _factors(reader: TableReader) -> Mapping[str, Fraction]:
    factors = {name: reader.fraction("factors", value) for name, value in reader.mapping("factors").items()}
    return MappingProxyType(factors)


def _limit(reader: TableReader) -> Limit:
    reader.only("key", "from", "take")
    return Limit(reader.text("key"), reader.text("from"), reader.choice("take", ("earlier", "later")))


def _read_parameter(reader: TableReader) -> Parameter:
    reader.only("value", "name", "basis", "on_expiry")
    value = reader.content.get("value")
    if not isinstance(value, int | bool | str | Decimal):
        raise reader.unexpected("value", "a number, true, false or a text", value)
    on_expiry = reader.texts("on_expiry") if "on_expiry" in reader.content else Text("", "")
    return Parameter(reader.name, value, reader.texts("name"), _basis(reader), on_expiry)
