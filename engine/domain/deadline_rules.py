"""The rule table: how long each deadline is, from when, by which article, and what its expiry means.

No period stands in a diagram or in code; a diagram names a key and this table (``bpmn/deadlines.toml``) answers. A key
may have several dated versions; the one in force at the start event governs a case for good. Invariants, checked on
loading: every rule has a basis with evidence marks (a text read, b known but not re-read, c local), versions of one key
never overlap, and every key that a rule refers to exists.
"""

import hashlib
import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from engine.domain.audit_chain import canonical_json
from engine.domain.delivery import RULES as DELIVERY_RULES
from engine.domain.escalation import Ladder, read_ladder
from engine.domain.period_request import UNITS, Length, Profile, Unit, parse_profile, parse_unit
from engine.domain.period_texts import Text
from engine.domain.table_reader import TableReader
from engine.errors import InvalidInput

Found = TypeVar("Found")
MARKS = frozenset("abc")
DEFAULT_LADDER = "default"
NO_VARIABLES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Basis:
    """An article and how well it is known: a confirmed, b to be verified, c local rule."""

    article: str
    mark: str


@dataclass(frozen=True)
class ExtensionPolicy:
    """Whether a deadline can be extended: ``most`` in one go (None: as the parties agree), on which condition."""

    allowed: bool
    article: str
    most: Length | None = None
    condition: Text = Text("", "")


@dataclass(frozen=True)
class Suspension:
    """What stops the clock, and by which article."""

    reasons: Text
    article: str


@dataclass(frozen=True)
class Variant:
    """Another length (or basis) when every named variable has one of the given values; naming none fits always."""

    when: Mapping[str, tuple[Any, ...]]
    count: int
    unit: Unit
    basis: tuple[Basis, ...]


@dataclass(frozen=True)
class Limit:
    """A second limit on the same act: the key ``key`` counted from the day in the variable ``start``."""

    key: str
    start: str
    take: str


@dataclass(frozen=True, kw_only=True)
class RuleVersion:
    """One dated version of a key as the table holds it; its length may still depend on the case."""

    key: str
    name: Text
    profile: Profile
    unit: Unit
    count: int | None
    starts: Text
    on_expiry: Text
    basis: tuple[Basis, ...]
    delivery: str
    internal: bool
    extension: ExtensionPolicy
    suspension: Suspension | None
    interruptible: bool
    end_minus_one: bool
    variants: tuple[Variant, ...]
    factors: Mapping[str, Fraction]
    named_in: str | None
    also: tuple[str, ...]
    also_profiles: tuple[Profile, ...]
    limits: tuple[Limit, ...]
    ladder: str
    effective_from: date | None
    effective_to: date | None
    version: str

    def in_force(self, on: date) -> bool:
        return (self.effective_from or date.min) <= on <= (self.effective_to or date.max)


@dataclass(frozen=True, kw_only=True)
class Rule(RuleVersion):
    """A version with the length that a particular case gets."""

    length: Length


@dataclass(frozen=True)
class Parameter:
    """A plain figure of the table that is not a period."""

    key: str
    value: int | bool | str | Decimal
    name: Text
    basis: tuple[Basis, ...]
    on_expiry: Text = Text("", "")


@dataclass(frozen=True)
class RuleTable:
    """All rules by key, their versions oldest first. ``version`` is the digest of the content."""

    versions: Mapping[str, tuple[RuleVersion, ...]]
    parameters: Mapping[str, Parameter]
    ladders: Mapping[str, Ladder]
    version: str = field(compare=False)

    def rule(self, key: str, on: date, variables: Mapping[str, Any] = NO_VARIABLES) -> Rule:
        """The rule in force on a day, with its length for these case variables.

        Raises ``InvalidInput`` for an unknown key, when no version is in force on that day, or when a variable that
        decides the length is missing or unknown.
        """
        found = next((one for one in self.versions_of(key) if one.in_force(on)), None)
        if found is None:
            expected = "a day on which a version of the rule is in force"
            raise InvalidInput(expected=expected, found=on.isoformat(), where=f"deadline rule {key}")
        return _resolved(found, variables)

    def versions_of(self, key: str) -> tuple[RuleVersion, ...]:
        """Every dated version of a key, oldest first. An unknown key raises ``InvalidInput``."""
        return _found(self.versions, key, "deadline rule")

    def ladder(self, rule: RuleVersion) -> Ladder:
        """The escalation ladder of a rule."""
        return self.ladders[rule.ladder]

    def parameter(self, key: str) -> Parameter:
        """An unknown key raises ``InvalidInput``."""
        return _found(self.parameters, key, "parameter")


def _found(table: Mapping[str, Found], key: str, noun: str) -> Found:
    if key in table:
        return table[key]
    near = get_close_matches(str(key), table, n=3)
    expected = f"a {noun} of the rule table" + (f" (perhaps {', '.join(near)})" if near else "")
    raise InvalidInput(expected=expected, found=repr(key), where=noun)


def _resolved(found: RuleVersion, variables: Mapping[str, Any]) -> Rule:
    count, unit, basis = found.count, found.unit, found.basis
    if found.variants:
        variant = _variant(found, variables)
        count, unit, basis = variant.count, variant.unit, variant.basis
    named = variables.get(found.named_in) if found.named_in else None
    if named is not None:
        count = _named(found, named)
    if count is None:
        raise _undecided(found, found.named_in or "", "a whole number", None)
    for name, factor in found.factors.items():
        if variables.get(name) is True:
            count = max(1, math.ceil(count * factor))
    return Rule(**{**vars(found), "count": count, "unit": unit, "basis": basis}, length=Length(count, unit))


def _variant(found: RuleVersion, variables: Mapping[str, Any]) -> Variant:
    """The first variant that fits; else an error naming the variable that keeps the nearest one from fitting."""
    for variant in found.variants:
        if not _misfits(variant, variables):
            return variant
    nearest = min(found.variants, key=lambda one: (len(_misfits(one, variables)), -len(one.when)))
    name = _misfits(nearest, variables)[0]
    known = dict.fromkeys(value for one in found.variants for value in one.when.get(name, ()))
    raise _undecided(found, name, f"one of {', '.join(map(str, known))}", variables.get(name))


def _misfits(variant: Variant, variables: Mapping[str, Any]) -> list[str]:
    return [name for name, values in variant.when.items() if variables.get(name) not in values]


def _named(found: RuleVersion, named: Any) -> int:
    is_number = isinstance(named, int | Decimal) and not isinstance(named, bool)
    if not is_number or named != int(named) or named < 1:
        raise _undecided(found, found.named_in or "", "a whole number of at least 1", named)
    return int(named)


def _undecided(found: RuleVersion, name: str, expected: str, value: Any) -> InvalidInput:
    shown = "nothing" if value is None else repr(value)
    return InvalidInput(expected=expected, found=shown, where=f"variable {name}, which decides {found.key}")


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
    return RuleTable(ordered, parameters, ladders, _digest(content))


def _digest(content: Any) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _in_order(key: str, found: list[RuleVersion], source: str) -> tuple[RuleVersion, ...]:
    ordered = sorted(found, key=lambda one: one.effective_from or date.min)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if (earlier.effective_to or date.max) >= (later.effective_from or date.min):
            shown = f"{later.effective_from} on or before {earlier.effective_to or 'no end'}"
            raise InvalidInput(expected="versions that do not overlap", found=shown, where=f"{source}: {key}")
    return tuple(ordered)


def _check_references(versions: Mapping[str, tuple[RuleVersion, ...]], ladders: Collection[str], source: str) -> None:
    for key, found in versions.items():
        for rule in found:
            if rule.ladder not in ladders:
                raise InvalidInput(expected="a ladder of the table", found=rule.ladder, where=f"{source}: {key}")
            for named in (*rule.also, *(limit.key for limit in rule.limits)):
                if named not in versions or named == key:
                    raise InvalidInput(expected="another key of the table", found=named, where=f"{source}: {key}")


def _read_rule(reader: TableReader) -> RuleVersion:
    key = reader.text("key")
    reader = reader.at(key)
    reader.only(
        "key", "name", "profile", "unit", "length", "starts", "on_expiry", "basis", "delivery", "internal", "extension",
        "suspension", "interruptible", "end_minus_one", "variants", "factors", "named_in", "also", "also_profiles",
        "limits", "ladder", "effective_from", "effective_to",
    )
    profile, unit = parse_profile(reader.text("profile"), reader.place("profile")), _unit(reader, reader.text("unit"))
    basis = _basis(reader)
    count = reader.count("length", optional=True)
    variants = tuple(_read_variant(one, unit, basis) for one in reader.tables("variants", optional=True))
    named_in = reader.text("named_in", "") or None
    for used in {unit, *(variant.unit for variant in variants)} - UNITS[profile]:
        raise reader.unexpected("unit", f"a unit that the profile {profile.value} counts in", used.value)
    if (count and variants) or not (count or variants or named_in):
        raise reader.unexpected("length", "either a length or variants that give it", "both" if variants else "neither")
    return RuleVersion(
        key=key, name=reader.texts("name"), profile=profile, unit=unit, count=count, starts=reader.texts("starts"),
        on_expiry=reader.texts("on_expiry"), basis=basis, delivery=reader.choice("delivery", DELIVERY_RULES, "none"),
        internal=reader.flag("internal"), extension=_extension(reader), suspension=_suspension(reader),
        interruptible=reader.flag("interruptible"), end_minus_one=reader.flag("end_minus_one"), variants=variants,
        factors=_factors(reader), named_in=named_in, also=reader.words("also"),
        also_profiles=tuple(parse_profile(one, reader.place("also_profiles")) for one in reader.words("also_profiles")),
        limits=tuple(_limit(one) for one in reader.tables("limits", optional=True)),
        ladder=reader.text("ladder", DEFAULT_LADDER), **_validity(reader), version=_digest(reader.content),
    )


def _unit(reader: TableReader, text: str) -> Unit:
    return parse_unit(text, reader.place("unit"))


def _validity(reader: TableReader) -> dict[str, Any]:
    first, last = reader.day("effective_from"), reader.day("effective_to")
    if first and last and last < first:
        raise reader.unexpected("effective_to", f"a day on or after {first}", last)
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
