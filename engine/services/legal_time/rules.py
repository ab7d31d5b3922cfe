"""Changes of the rule table: new versions for one key, by two persons. What runs keeps the version it froze."""

from __future__ import annotations

from engine.domain.deadline_commands import ChangeRule
from engine.domain.rule_reader import changed, read_rule
from engine.errors import InvalidInput, Phrase
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.store import almanac as rows


def change(context: Context, command: ChangeRule) -> Outcome:
    """Check the versions as the loader checks the shipped table, archive them, and let them hold from now on.

    Answers ``{"change", "key", "before", "after"}`` with the digests of the versions.
    """
    cases.require(context, "rule.change")
    if not command.versions or not command.reason.strip():
        raise InvalidInput(expected="at least one version, and reasons",
                           found=Phrase("{count} versions", count=len(command.versions)),
                           where=command.key)
    table = context.tables[0]
    versions = [read_rule(content, f"{command.key}[{number}]") for number, content in enumerate(command.versions)]
    new = changed(table, command.key, versions, "change")
    before = [rule.version for rule in table.versions.get(command.key, ())]
    after = [rule.version for rule in new.versions[command.key]]
    if before == after:
        raise InvalidInput(expected="versions that differ from those in force", found="the same", where=command.key)
    rows.archive(context.database, context.connection, versions, context.now)
    seq = rows.add_change(context.connection, {"key": command.key, "versions": after, "reason": command.reason,
                                               "by": context.actor.id, "at": context.now})
    trail.record_system(context, {"rule": command.key, "change": seq, "before": before, "after": after,
                                  "reason": command.reason})
    return {"change": seq, "key": command.key, "before": before, "after": after}
