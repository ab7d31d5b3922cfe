"""Random block-structured diagrams of what both engines know: sequences, choices, forks, loops, bodies, events."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support import bpmn
from tests.support.bpmn import Node

OUTCOMES = ("red", "green", "blue")


@dataclass
class Draft:
    """A diagram in the making; a block is drawn between ``source`` (an element that is there) and what it returns."""

    rng: random.Random
    nodes: list[Node] = field(default_factory=list)
    count: int = 0

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def add(self, node: Node) -> str:
        self.nodes.append(node)
        return node.attributes["id"]

    def flow(self, source: str, target: str, condition: str | None = None) -> None:
        self.add(bpmn.flow(source, target, condition, id=self.name("f")))

    def then(self, source: str, node: Node) -> str:
        target = self.add(node)
        self.flow(source, target)
        return target

    def condition(self) -> str:
        return f'= outcome = "{self.rng.choice(OUTCOMES)}"'


def random_diagram(rng: random.Random, depth: int = 3) -> bytes:
    return bpmn.process("p", *_body(Draft(rng), depth, in_loop=False))


def _body(draft: Draft, depth: int, in_loop: bool) -> list[Node]:
    outer, draft.nodes = draft.nodes, []
    last = _sequence(draft, draft.add(bpmn.start(draft.name("start"))), depth, in_loop)
    draft.then(last, bpmn.end(draft.name("end")))
    made, draft.nodes = draft.nodes, outer
    return made


def _sequence(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    for _ in range(draft.rng.randint(1, 3)):
        source = _block(draft, source, depth, in_loop)
    return source


def _block(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    blocks: list[Callable[[Draft, str, int, bool], str]] = [_task, _task, _event]
    if depth:
        blocks += [_choice, _loop, _sub, _race, _boundary]
        if not in_loop:
            blocks += [_fork, _fork, _some]
    return draft.rng.choice(blocks)(draft, source, depth - 1, in_loop)


def _task(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    name = draft.name("task")
    kinds = (
        bpmn.user(name),
        bpmn.service(name),
        bpmn.task(name),
        bpmn.manual(name),
        bpmn.script(name, "= 1 + 1", "sum"),
    )
    return draft.then(source, draft.rng.choice(kinds))


def _event(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    return draft.then(source, _catch(draft))


def _catch(draft: Draft) -> Node:
    trigger = draft.rng.choice((bpmn.timer("PT1H"), bpmn.message("news", '= "key"')))
    return bpmn.catch(draft.name("event"), trigger)


def _choice(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    split, merge = draft.name("xor"), draft.name("xor")
    other = draft.add(bpmn.manual(draft.name("task")))
    draft.then(source, bpmn.xor(split, default=f"{split}-d"))
    draft.add(bpmn.flow(split, other, id=f"{split}-d"))
    draft.add(bpmn.xor(merge))
    for _ in range(draft.rng.randint(1, 2)):
        first = draft.add(bpmn.manual(draft.name("task")))
        draft.flow(split, first, draft.condition())
        draft.flow(_sequence(draft, first, depth, in_loop), merge)
    draft.flow(other, merge)
    return merge


def _fork(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    split, join = draft.then(source, bpmn.parallel(draft.name("and"))), draft.add(bpmn.parallel(draft.name("and")))
    for _ in range(draft.rng.randint(2, 3)):
        draft.flow(_sequence(draft, split, depth, in_loop), join)
    return join


def _some(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    split, join = draft.name("or"), draft.add(bpmn.inclusive(draft.name("or")))
    other = draft.add(bpmn.user(draft.name("task")))
    draft.then(source, bpmn.inclusive(split, default=f"{split}-d"))
    draft.add(bpmn.flow(split, other, id=f"{split}-d"))
    for _ in range(2):
        first = draft.add(bpmn.user(draft.name("task")))
        draft.flow(split, first, draft.condition())
        draft.flow(first, join)
    draft.flow(other, join)
    return join


def _loop(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    head = draft.then(source, bpmn.xor(draft.name("xor")))
    last = _sequence(draft, draft.then(head, bpmn.user(draft.name("task"))), depth, True)
    back = draft.name("xor")
    draft.then(last, bpmn.xor(back, default=f"{back}-d"))
    after = draft.add(bpmn.manual(draft.name("task")))
    draft.add(bpmn.flow(back, after, id=f"{back}-d"))
    draft.flow(back, head, draft.condition())
    return after


def _sub(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    name = draft.name("sub")
    return draft.then(source, bpmn.sub(name, *_body(draft, depth, in_loop=False)))


def _race(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    gateway, merge = draft.then(source, bpmn.event_gateway(draft.name("race"))), draft.add(bpmn.xor(draft.name("xor")))
    for _ in range(2):
        draft.flow(draft.then(gateway, _catch(draft)), merge)
    return merge


def _boundary(draft: Draft, source: str, depth: int, in_loop: bool) -> str:
    merge, name = draft.add(bpmn.xor(draft.name("xor"))), draft.name("guarded")
    body = bpmn.sub(name, *_body(draft, depth, in_loop=False)) if draft.rng.random() < 0.5 else bpmn.user(name)
    draft.flow(draft.then(source, body), merge)
    draft.flow(draft.add(bpmn.boundary(draft.name("guard"), name, bpmn.timer("PT2H"))), merge)
    return merge
