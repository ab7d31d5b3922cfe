"""Random diagrams × random paths, loaded anew after every step, against the reference token game.

``KAPOK_SIMULATIONS`` sets the number of models (default 1,000), ``KAPOK_SEED`` the first seed; a failure names its own.
"""

import os
from collections import Counter
from datetime import UTC, datetime
from random import Random

from engine.domain import events as ev
from engine.execution import Instance
from tests.simulation.models import Graph, Maker, definition
from tests.simulation.reference import Game, Pick

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODELS = int(os.environ.get("KAPOK_SIMULATIONS", "1000"))
SEED = int(os.environ.get("KAPOK_SEED", "20260101"))
STEPS = 25
MOST_TOKENS = 60


class Player:
    """One case in the kernel and in the reference, step by step."""

    def __init__(self, graph: Graph, random: Random) -> None:
        self.graph = graph
        self.random = random
        self.definition = definition(graph)
        self.choices = {node: count for node, (kind, count) in graph.all_nodes().items() if kind in ("xor", "or")}
        pick = self.pick()
        self.game = Game(graph, pick)
        self.instance, events = Instance.start(self.definition, {"pick": pick}, NOW)
        self.ends: Counter[str] = Counter()
        self.check(events)

    def pick(self) -> Pick:
        return {node: [number for number in range(count) if self.random.random() < 0.5]
                for node, count in self.choices.items()}

    def step(self) -> bool:
        """Answers one wait, chosen at random. False when nothing waits, or it has become too much."""
        waits = sorted(self.instance.waits.values(), key=lambda wait: wait.id)
        if not waits or len(waits) > MOST_TOKENS:
            return False
        element = self.random.choice(sorted({wait.at for wait in waits}))
        nodes = self.instance._kernel.nodes
        wait = min((wait for wait in waits if wait.at == element), key=lambda wait: (nodes[wait.node].parent, wait.id))
        pick = self.pick()
        if wait.kind == "userTask":
            self.game.complete(element, pick)
            events = self.instance.complete(wait.id, {"pick": pick}, NOW)
        else:
            if self.ambiguous(element):
                return False
            self.game.interrupt(element, pick)
            events = self.instance.receive(wait.id, {"pick": pick}, NOW)
        self.check(events)
        return True

    def ambiguous(self, element: str) -> bool:
        """With several instances of the activity it is not told which one the reference would take."""
        return sum(wait.at == element for wait in self.instance.waits.values()) > 1

    def check(self, events: tuple[ev.Event, ...]) -> None:
        stored = self.instance.dump()
        self.instance = Instance.load(self.definition, stored)
        assert self.instance.dump() == stored
        self.ends.update(event.element for event in events if isinstance(event, ev.ElementCompleted)
                         and event.type == "endEvent")
        waiting = Counter(wait.at for wait in self.instance.waits.values() if wait.kind == "userTask")
        assert waiting == self.game.busy()
        parked: Counter[str] = Counter()
        for node in self.instance._kernel.nodes.values():
            parked.update(node.tokens or {})
        assert parked == self.game.marking()
        assert self.ends == self.game.ends
        assert self.instance.ended == self.game.ended()


def play(seed: int, *, wild: bool) -> bool:
    """Whether the case came to its end."""
    random = Random(seed)
    maker = Maker(random)
    graph = maker.wild(random.randint(4, 14)) if wild else maker.blocks(3)
    player = Player(graph, random)
    for _ in range(STEPS):
        if not player.step():
            break
    return player.instance.ended


def run_all(*, wild: bool) -> int:
    print(f"{MODELS} models from seed {SEED}")
    ended = 0
    for seed in range(SEED, SEED + MODELS // 2):
        try:
            ended += play(seed, wild=wild)
        except Exception as error:
            raise AssertionError(f"seed {seed}, wild={wild}") from error
    return ended


def test_block_structured_models_agree_with_the_token_game():
    assert run_all(wild=False) > MODELS // 8


def test_wild_models_agree_with_the_token_game():
    assert run_all(wild=True) > MODELS // 50


def test_block_structured_models_always_reach_their_end():
    """With every loop left as soon as it can be, nothing is left behind and nothing gets stuck."""
    for seed in range(SEED, SEED + 100):
        random = Random(seed)
        player = Player(Maker(random).blocks(3), random)
        player.pick = lambda player=player: {node: [1] for node in player.choices}
        for _ in range(500):
            waits = [wait for wait in player.instance.waits.values() if wait.kind == "userTask"]
            if not waits:
                break
            pick = player.pick()
            player.game.complete(waits[0].at, pick)
            player.check(player.instance.complete(waits[0].id, {"pick": pick}, NOW))
        assert player.instance.ended, f"seed {seed}"
