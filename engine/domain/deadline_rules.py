"""The rule table: how long each deadline is, from when, by which article, and what its expiry means.

No period stands in a diagram or in code; a diagram names a key and this table (``bpmn/deadlines.toml``) answers. A key
may have several dated versions; the one in force at the start event governs a case for good, found again by its digest.
``rule_reader`` makes tables out of text and holds what a table must be.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeVar

from engine.domain.escalation import Ladder
from engine.domain.period_request import Length, Profile, Unit
from engine.domain.period_texts import Text
from engine.domain.working_hours import USUAL, WorkingHours
from engine.errors import InvalidInput, Phrase

Found = TypeVar("Found")
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
    told: bool
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
    restore: str | None
    effective_from: date | None
    effective_to: date | None
    version: str
    content: Mapping[str, Any] = field(repr=False, compare=False)

    def in_force(self, on: date) -> bool:
        return (self.effective_from or date.min) <= on <= (self.effective_to or date.max)

    @property
    def articles(self) -> str:
        return "; ".join(one.article for one in self.basis)

    def reads(self) -> frozenset[str]:
        """The case variables that decide its length or its second limit."""
        names = {name for variant in self.variants for name in variant.when} | set(self.factors)
        names |= {limit.start for limit in self.limits} | ({self.named_in} if self.named_in else set())
        return frozenset(names)

    def refers_to(self) -> tuple[str, ...]:
        """The other keys that its computation uses."""
        return (*self.also, *(limit.key for limit in self.limits), *((self.restore,) if self.restore else ()))


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
    hours: WorkingHours = USUAL

    def rule(self, key: str, on: date, variables: Mapping[str, Any] = NO_VARIABLES) -> Rule:
        """The rule in force on a day, with its length for these case variables.

        Raises ``InvalidInput`` for an unknown key, when no version is in force on that day, or when a variable that
        decides the length is missing or unknown.
        """
        found = next((one for one in self.versions_of(key) if one.in_force(on)), None)
        if found is None:
            expected = "a day on which a version of the rule is in force"
            raise InvalidInput(expected=expected, found=on.isoformat(), where=Phrase("deadline rule {key}", key=key))
        return _resolved(found, variables)

    def versions_of(self, key: str) -> tuple[RuleVersion, ...]:
        """Every dated version of a key, oldest first. An unknown key raises ``InvalidInput``."""
        return _found(self.versions, key, "deadline rule")

    def pinned(self, frozen: Mapping[str, RuleVersion]) -> "RuleTable":
        """The table of a case that froze these versions: they answer for their keys on every day."""
        kept = {key: (replace(rule, effective_from=None, effective_to=None),) for key, rule in frozen.items()}
        return replace(self, versions={**self.versions, **kept})

    def digests(self, key: str, on: date) -> dict[str, str]:
        """The versions that a computation of this key rests on: its own and those it refers to, by key."""
        found: dict[str, str] = {}
        ahead = [key]
        while ahead:
            rule = next((one for one in self.versions.get(ahead.pop(), ()) if one.in_force(on)), None)
            if rule is not None and rule.key not in found:
                found[rule.key] = rule.version
                ahead.extend(rule.refers_to())
        return found

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
    perhaps = Phrase("a {noun} of the rule table (perhaps {names})", noun=noun, names=", ".join(near))
    raise InvalidInput(expected=perhaps if near else Phrase("a {noun} of the rule table", noun=noun), found=repr(key),
                       where=noun)


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
    raise _undecided(found, name, Phrase("one of {names}", names=", ".join(map(str, known))), variables.get(name))


def _misfits(variant: Variant, variables: Mapping[str, Any]) -> list[str]:
    return [name for name, values in variant.when.items() if variables.get(name) not in values]


def _named(found: RuleVersion, named: Any) -> int:
    is_number = isinstance(named, int | Decimal) and not isinstance(named, bool)
    if not is_number or named != int(named) or named < 1:
        raise _undecided(found, found.named_in or "", "a whole number of at least 1", named)
    return int(named)


def _undecided(found: RuleVersion, name: str, expected: str, value: Any) -> InvalidInput:
    shown = "nothing" if value is None else repr(value)
    return InvalidInput(expected=expected, found=shown,
                        where=Phrase("variable {name}, which decides {key}", name=name, key=found.key))
