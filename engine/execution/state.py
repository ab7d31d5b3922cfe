"""What rests of a case between two steps: plain data and its versioned codec.

Only the live frontier is kept: one ``Node`` for each element instance that is alive, one ``Wait`` for each thing that
could wake it, one ``Incident`` for each failure that needs a person. What is finished is history and lives elsewhere,
so the size does not grow with the number of steps. Numbers are exact: JSON numbers with a point become ``Decimal``.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from engine.errors import InvariantBroken

VERSION = 1
MOST_ENDS = 20
"""End events that a state remembers: a reminder that ends again and again must not make it grow."""

Op = tuple[Any, ...]
"""A piece of work: the name of an operation, the id of the node it concerns, and plain arguments."""


class Record(msgspec.Struct, array_like=True, omit_defaults=True):
    """A completed activity that compensation can still undo, with a snapshot of what was local to it."""

    at: str
    vars: dict[str, Any] | None = None
    log: list["Record"] = []
    body: bool = False
    """The wrapper of a loop, whose own records are its inner instances."""
    unfinished: bool = False
    """A scope that was ended before it completed: what had completed inside it is undone, not the scope as a whole."""


class Undo(msgspec.Struct, array_like=True, omit_defaults=True):
    """One thing still to compensate, and the scope to do it in. Without a record: leave that restored scope."""

    scope: int
    record: Record | None = None


class Loop(msgspec.Struct, array_like=True, omit_defaults=True):
    """Progress of a loop wrapper. ``total`` is -1 for a standard loop without a maximum."""

    items: list[Any] | None = None
    total: int = 0
    started: int = 0
    done: int = 0
    terminated: int = 0
    throwing: int = 0
    """Completed instances whose events are still to be thrown."""


class Extra(msgspec.Struct, omit_defaults=True):
    """What only some nodes have."""

    loop: Loop | None = None
    hidden: bool = False
    """Not reported: the wrapper of a standard loop, a restored scope or driver of compensation."""
    interrupted: bool = False
    """No event sub-process of this scope starts any more: an interrupting one has taken over, or only such are left."""
    log: list[Record] = []
    todo: list[Undo] = []
    then: int = -1
    """What follows compensation: this event definition of a throw, -2 = the transaction is cancelled, -1 = nothing."""
    driver: int = 0
    """This node is a compensation handler of that driver."""
    payload: dict[str, dict[str, Any]] = {}
    """Variables of the parts of parallel multiple events that have arrived."""
    fired: dict[str, list[str]] = {}
    """Complex gateways waiting for reset, with the flows that took part in the activation."""
    pending: list[str] = []
    """Elements of a sequential ad-hoc sub-process still to be started."""
    closing: bool = False
    """An ad-hoc sub-process that is done but lets what runs finish."""


class Node(msgspec.Struct, array_like=True, omit_defaults=True):
    """An element instance. ``live`` counts the tokens inside: nodes, parked tokens and tokens on their way."""

    id: int
    at: str
    parent: int
    vars: dict[str, Any] | None = None
    live: int = 0
    tokens: dict[str, int] | None = None
    extra: Extra | None = None

    def more(self) -> Extra:
        if self.extra is None:
            self.extra = Extra()
        return self.extra


class Cycle(msgspec.Struct, array_like=True, omit_defaults=True):
    """A repeating timer: occurrence ``n`` is ``anchor + n * period``. ``left`` counts those after the armed one."""

    anchor: datetime
    period: str
    n: int
    left: int | None = None
    until: datetime | None = None


class Wait(msgspec.Struct, array_like=True, omit_defaults=True):
    """Something that rests until the world answers. ``at`` is what catches: the node's own element, one of its boundary
    events, an event after an event-based gateway, or the start event of an event sub-process of the scope."""

    id: int
    kind: str
    node: int
    at: str
    index: int = 0
    name: str = ""
    key: str = ""
    due: datetime | None = None
    cycle: Cycle | None = None
    held: bool = False
    """The condition was true when last looked at: only a change from false to true triggers."""


class Incident(msgspec.Struct, array_like=True, omit_defaults=True):
    """A failure, with the work that is to be tried again once a person says so."""

    id: int
    node: int
    at: str
    code: str
    message: str
    ops: list[list[Any]] = []


class State(msgspec.Struct, omit_defaults=True):
    version: int
    nodes: list[Node]
    waits: list[Wait]
    incidents: list[Incident] = []
    last_node: int = 0
    last_wait: int = 0
    last_incident: int = 0
    ended: str = ""
    ended_at: list[str] = []
    """End events of the case that were reached, the latest of them."""

    def end_at(self, element: str) -> None:
        self.ended_at.append(element)
        del self.ended_at[:-MOST_ENDS]


_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(State, float_hook=Decimal)


def encode(state: State) -> bytes:
    return _encoder.encode(state)


def decode(data: bytes) -> State:
    """Raises ``InvariantBroken`` for what this version cannot read."""
    try:
        state = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise InvariantBroken(reason=f"expected the stored state of a case, but found {error}") from error
    if state.version != VERSION:
        raise InvariantBroken(reason=f"expected state version {VERSION}, but found {state.version}")
    return state
