"""Tokens on sequence flows: arriving, joining, choosing, leaving (BPMN 13.2, 13.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.definition.model import Kind
from engine.execution import data
from engine.execution.kernel import Fault, Kernel
from engine.execution.program import Info, Link
from engine.execution.state import Node, Op, Record

GATEWAYS = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


def arrive(kernel: Kernel, scope: Node, link_key: str) -> Op | None:
    """A token reaches the end of a flow. Every token makes an instance of its own, unless the element joins."""
    target = kernel.program.links[link_key].target
    if kernel.environment.on_flow is not None:
        kernel.environment.on_flow(link_key)
    if target.join:
        return _park(kernel, scope, target, link_key)
    return target.first, kernel.spawn(target, scope).id


def enter(kernel: Kernel, scope: Node, key: str, variables: dict[str, Any] | None = None,
          start: Sequence[Any] = ()) -> Op | None:
    """A token that came by no flow: at the start of a scope, or put there by a person."""
    info = kernel.program.infos[key]
    node = kernel.spawn(info, scope)
    if info.join and info.join != "quantity":
        return "leave", node.id
    return "open", node.id, variables, start


def _park(kernel: Kernel, scope: Node, gateway: Info, link_key: str) -> Op | None:
    tokens = scope.tokens if scope.tokens is not None else {}
    scope.tokens = tokens
    kernel.joining.add(scope.id)
    tokens[link_key] = tokens.get(link_key, 0) + 1
    if gateway.join == "parallel" and all(link in tokens for link in gateway.incoming):
        return "leave", joined(kernel, scope, gateway, gateway.incoming).id
    if gateway.join == "complex":
        return "complex", scope.id, gateway.key
    if gateway.join == "quantity":
        return _gather(kernel, scope, gateway)
    return None


def _gather(kernel: Kernel, scope: Node, info: Info) -> Op | None:
    """An activity that takes several tokens begins when that many have arrived, by whatever flows (BPMN 10.3)."""
    arrived = [link for link in info.incoming for _ in range((scope.tokens or {}).get(link, 0))]
    if len(arrived) < info.needs:
        return None
    return info.first, joined(kernel, scope, info, arrived[:info.needs]).id


def joined(kernel: Kernel, scope: Node, gateway: Info, links: Sequence[str]) -> Node:
    """Takes one token from each of these flows, and makes one of them."""
    take(kernel, scope, links)
    scope.live += 1
    return kernel.spawn(gateway, scope)


def take(kernel: Kernel, scope: Node, links: Sequence[str]) -> None:
    tokens = scope.tokens or {}
    for link in links:
        tokens[link] -= 1
        if not tokens[link]:
            del tokens[link]
    scope.tokens = tokens or None
    scope.live -= len(links)


def leave(kernel: Kernel, node: Node) -> Op | None:
    """The element is done: tokens go out on the chosen flows, then its own is given back."""
    info = kernel.program.infos[node.at]
    scope = kernel.nodes[node.parent]
    if scope.extra is not None and scope.extra.loop is not None and scope.at == node.at:
        return "repeat", scope.id, node.id
    chosen = choose(kernel, node, info) if info.choice else info.outgoing
    if info.compensable:
        remember(kernel, scope, node, info)
    kernel.complete(node)
    if info.kind is Kind.END_EVENT and scope.id == 0:
        kernel.state.end_at(info.id)
    if info.makes > 1:
        chosen = [link for link in chosen for _ in range(info.makes)]
    kernel.send(scope, chosen, used=1)
    if scope.id or node.extra is not None:
        tell(kernel, scope, node)
    return None


def hand_back(kernel: Kernel, scope: Node, node: Node) -> None:
    """A node is gone from its scope with its token."""
    kernel.release(scope)
    tell(kernel, scope, node)


def tell(kernel: Kernel, scope: Node, node: Node) -> None:
    """Who waits for a node to be gone learns of it: what drives compensation, the ad-hoc sub-process around it."""
    if node.extra is not None and node.extra.driver:
        kernel.push("undo", node.extra.driver)
    if scope.live and kernel.info(scope).kind is Kind.AD_HOC_SUB_PROCESS:
        kernel.push("ad_hoc", scope.id)


def remember(kernel: Kernel, scope: Node, node: Node, info: Info) -> None:
    """Keeps what compensation needs of a completed activity that can be undone (BPMN 13.5.5)."""
    if node.extra is not None and node.extra.driver:
        return
    log = node.extra.log if node.extra is not None else []
    body = kernel.is_body(node)
    if info.undo is not None or info.body is not None and (log or body or info.body.undo_start is not None):
        snapshot = dict(node.vars) if node.vars and info.body is not None else None
        scope.more().log.append(Record(info.key, snapshot, log, body))


def choose(kernel: Kernel, node: Node, info: Info, **known: Any) -> Sequence[Link]:
    """The flows to leave by. Exclusive: the first whose condition is true; others: all of them. Else the default.

    An activity's flows without a condition are taken in any case; its default is taken unless a condition is true, as
    if the flows with conditions left an inclusive gateway (BPMN 13.2.1).
    """
    variables = {**data.view(kernel, node), **known} if known else data.view(kernel, node)
    exclusive = info.kind is Kind.EXCLUSIVE_GATEWAY
    chosen: list[Link] = []
    decided = False
    for link in info.outgoing:
        if link is not info.default and (link.condition is None or data.holds(kernel, link.condition, variables)):
            chosen.append(link)
            decided = decided or link.condition is not None or info.kind in GATEWAYS
            if exclusive:
                break
    if info.default is not None and not decided:
        return *chosen, info.default
    if chosen:
        return chosen
    raise Fault("no_matching_flow", f"Expected a condition of a flow leaving '{info.id}' to be true, but none is and "
                                    f"there is no default flow")


def complex_arrive(kernel: Kernel, scope: Node, key: str) -> Op | None:
    """A complex gateway that waits for start looks whether its activation condition is met (BPMN 13.4.5)."""
    gateway = kernel.program.infos[key]
    if key in scope.more().fired or gateway.until is None:
        return None
    filled = [link for link in gateway.incoming if link in (scope.tokens or {})]
    counts = {"activationCount": len(filled), "waitingForStart": True}
    if not filled or not data.holds(kernel, gateway.until, {**data.view(kernel, scope), **counts}):
        return None
    scope.more().fired[key] = filled
    return "complex_leave", joined(kernel, scope, gateway, filled).id


def complex_leave(kernel: Kernel, node: Node) -> Op | None:
    info = kernel.info(node)
    scope = kernel.parent(node)
    chosen = choose(kernel, node, info, waitingForStart=True)
    kernel.complete(node)
    kernel.send(scope, chosen, used=1)
    return None


def settle(kernel: Kernel) -> bool:
    """At rest: lets one inclusive or complex gateway go on that waits for nothing any more. False when none can."""
    for scope_id in sorted(kernel.joining):
        scope = kernel.nodes.get(scope_id)
        if scope is None or not (scope.tokens or scope.extra is not None and scope.extra.fired):
            kernel.joining.discard(scope_id)
            continue
        body = kernel.info(scope).body
        for gateway in body.joins if body is not None else ():
            if gateway.join == "inclusive" and _ready(kernel, scope, gateway, ()):
                filled = [link for link in gateway.incoming if link in (scope.tokens or {})]
                kernel.push("leave", joined(kernel, scope, gateway, filled).id)
                return True
            if gateway.join == "complex" and _reset(kernel, scope, gateway):
                return True
    return False


def _ready(kernel: Kernel, scope: Node, gateway: Info, taken: Sequence[str]) -> bool:
    """No token can still reach an empty incoming flow, unless it can reach a filled one too (BPMN 13.4.3).

    ``taken``: flows that count as filled because their token has been used already.
    """
    tokens = scope.tokens or {}
    filled = [gateway.upstream[link] for link in gateway.incoming if link in tokens or link in taken]
    if not filled:
        return False
    empty = [gateway.upstream[link] for link in gateway.incoming if link not in tokens and link not in taken]
    return not any(any(at in reach for reach in empty) and not any(at in reach for reach in filled)
                   for at in _positions(kernel, scope, gateway))


def _positions(kernel: Kernel, scope: Node, gateway: Info) -> set[str]:
    """Elements of the scope that hold a token, other than the gateway itself."""
    found = {child.at for child in kernel.inside(scope)}
    found.update(kernel.program.links[link].target.key for link in scope.tokens or ())
    found.discard(gateway.key)
    return found


def _reset(kernel: Kernel, scope: Node, gateway: Info) -> bool:
    """A complex gateway that waits for reset takes the remaining tokens, once no more can come, and starts anew.

    Flows whose condition speaks of ``waitingForStart`` are looked at again; all others have had their token.
    """
    fired = scope.more().fired
    taken = fired.get(gateway.key)
    if taken is None or not _ready(kernel, scope, gateway, taken):
        return False
    del fired[gateway.key]
    rest = [link for link in gateway.incoming if link in (scope.tokens or {}) and link not in taken]
    variables = {**data.view(kernel, scope), "waitingForStart": False}
    for link in gateway.outgoing:
        again = link.condition is not None and "waitingForStart" in link.condition.text
        if again and link.condition is not None and data.holds(kernel, link.condition, variables):
            kernel.send(scope, (link,))
    scope.live += 1
    take(kernel, scope, rest)
    kernel.release(scope)
    if scope.tokens and any(link in scope.tokens for link in gateway.incoming):
        kernel.push("complex", scope.id, gateway.key)
    return True
