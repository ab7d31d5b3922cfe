"""The rule table and the calendar in force: what is shipped, with what was changed and loaded since.

Every node holds them in memory and asks the database only whether they still stand, in the transaction that uses them,
so that no deadline is computed from a table that another node has replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.domain.calendar import BusinessCalendar
from engine.domain.calendar_files import read_year
from engine.domain.deadline_functions import Tables
from engine.domain.deadline_rules import RuleTable, RuleVersion
from engine.domain.rule_reader import changed, read_rule
from engine.errors import InvariantBroken
from engine.store import almanac as rows
from engine.store.database import Connection, Database


class Almanac:
    """One a house. ``tables`` is what holds now; ``frozen`` is the table as a case froze it."""

    def __init__(self, rules: RuleTable, calendar: BusinessCalendar) -> None:
        self._shipped: Tables = rules, calendar
        self._held = (0, 0), self._shipped
        self._versions: dict[str, RuleVersion] = {}
        self._computed: tuple[str, dict[str, Any]] = ("", {})
        self._remember(rules)

    def tables(self, connection: Connection) -> Tables:
        stand = rows.stand(connection)
        held, tables = self._held
        if stand != held:
            tables = self._rules(connection), self._calendar(connection)
            self._held = stand, tables
        return tables

    @property
    def known(self) -> Tables:
        """What held when this node last looked; enough for counting days on a screen."""
        return self._held[1]

    def calendar(self, connection: Connection) -> BusinessCalendar:
        return self.tables(connection)[1]

    def rules(self, connection: Connection) -> RuleTable:
        return self.tables(connection)[0]

    def frozen(self, connection: Connection, rules: RuleTable, digests: Mapping[str, str]) -> RuleTable:
        """The table in which these versions answer for their keys, whatever has been changed since."""
        return rules.pinned({key: self.version(connection, digest) for key, digest in digests.items()})

    def version(self, connection: Connection, digest: str) -> RuleVersion:
        """A rule version that some deadline froze. Raises ``InvariantBroken`` when it was never archived."""
        if digest not in self._versions:
            row = rows.version(connection, digest)
            if row is None:
                raise InvariantBroken(reason=f"rule version {digest} is not in the archive")
            self._versions[digest] = read_rule(row.content, row.key)
        return self._versions[digest]

    def computed(self, calendar: BusinessCalendar) -> dict[str, Any]:
        """What was already worked out under a calendar, by the text of its terms; of the last calendar only."""
        if self._computed[0] != calendar.version:
            self._computed = calendar.version, {}
        return self._computed[1]

    def archive(self, database: Database, now: datetime) -> None:
        """Keep every shipped version, before any deadline freezes it; done once when a house is wired."""
        shipped = {rule.version: rule for found in self._shipped[0].versions.values() for rule in found}
        with database.reading() as connection:
            missing = shipped.keys() - rows.archived(connection)
        if not missing:
            return
        with database.writing() as connection:
            rows.archive(database, connection, [shipped[digest] for digest in sorted(missing)], now)

    def _rules(self, connection: Connection) -> RuleTable:
        table = self._shipped[0]
        for row in rows.changes(connection):
            versions = [self.version(connection, digest) for digest in row.versions]
            table = changed(table, row.key, versions, f"change {row.seq}")
        self._remember(table)
        return table

    def _calendar(self, connection: Connection) -> BusinessCalendar:
        return self._shipped[1].merged(*(read_year(row.content, row.source) for row in rows.years(connection)))

    def _remember(self, table: RuleTable) -> None:
        self._versions.update({rule.version: rule for found in table.versions.values() for rule in found})
