"""The token kernel: runs a ``Definition`` as BPMN 2.0 (clause 13) and Camunda 8 (Zeebe) say.

It owns what a case is between two commands, and how a command moves it. It is pure: no I/O, no clock, no chance; the
same commands at the same times give the same events, ids included.

    command ─▶ Instance ─▶ queue of operations ─▶ nodes, waits, variables (state) + events
                             ▲                │
                             └── hand over ───┘   until all tokens rest, or a bound is met

Invariants:
* ``live`` of a scope is the number of its tokens: nodes inside, parked at joins, on their way. A scope completes
  exactly when that reaches zero, so a case never ends with work left in it.
* An operation evaluates everything before it changes anything; one that cannot go on becomes an incident that keeps it.
* What concerns a node that is gone is void. Ids are counters and are never used again.
* Values of variables are never changed in place.
"""

from engine.execution.instance import Instance
from engine.execution.kernel import Environment
from engine.execution.state import Wait

__all__ = ["Environment", "Instance", "Wait"]
