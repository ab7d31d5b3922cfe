"""``python -m webhooks.sandbox --kind cnipa``: run one sandbox partner until it is told to stop.

Prints one JSON line when it is ready: ``{"ready": URL, "deliver_to": URL, "code": …, "algorithm": …, "secret": …}``.
"""

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from webhooks.catalogue import load
from webhooks.receiver import PartnerView
from webhooks.sandbox.desk import Desk
from webhooks.sandbox.kinds import KINDS
from webhooks.sandbox.postman import Postman
from webhooks.sandbox.server import OffsetClock, Sandbox, serve
from webhooks.signature import ED25519, HMAC_SHA256, Key, generate_secret


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        own, theirs = _keys(options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    kind = KINDS[options.kind]
    code = options.code or kind.code
    clock = OffsetClock(_system_time)
    if options.now is not None:
        clock.set(options.now)
    catalogue = load()
    every = timedelta(seconds=options.every)
    events = [event for event in options.after_ack.split(",") if event]
    reply_after = timedelta(seconds=options.reply_after)
    desk = Desk(kind, code, options.peer, clock, catalogue, options.journal, reply_after, events, every)
    postman = Postman(desk, own, theirs, clock, timedelta(seconds=options.retry_after))
    postman.url = options.engine_url
    view = PartnerView(options.peer, code, theirs, own, frozenset(catalogue.types))
    server = serve(Sandbox(desk, postman, view, clock, catalogue, kind.title), options.host, options.port)
    postman.start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    url = f"http://{options.host}:{server.server_port}"
    shown = {"ready": url, "deliver_to": f"{url}/webhook", "code": code, "algorithm": own[0].algorithm}
    print(json.dumps(shown | {"secret": own[0].secret, "public": own[0].public}), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="webhooks.sandbox", description="A partner to test against.")
    parser.add_argument("--kind", choices=sorted(KINDS), default="cnipa")
    parser.add_argument("--code", help="the partner's code; default: that of its kind")
    parser.add_argument("--peer", default="gdippc", help="the code of the centre it talks to")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--engine-url", help="where it sends: http://127.0.0.1:8080/webhooks/v1/CODE")
    parser.add_argument("--secret", help="whsec_… shared by both sides, or its own whsk_…; default: a fresh whsec_…")
    parser.add_argument("--peer-public", help="the centre's whpk_…, when the secret is a whsk_…")
    parser.add_argument("--journal", type=Path, help="a file that keeps everything over a restart")
    parser.add_argument("--now", type=_instant, metavar="INSTANT", help="the time at its start; default: real time")
    parser.add_argument("--reply-after", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--retry-after", type=float, default=1, metavar="SECONDS", help="time between attempts")
    parser.add_argument("--after-ack", default="", metavar="受理,实审,…", help="cnipa: events sent after the ack")
    parser.add_argument("--every", type=float, default=5, metavar="SECONDS", help="time between planned messages")
    return parser


def _keys(options: argparse.Namespace) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """The keys it signs with, and those it verifies with."""
    secret = options.secret or generate_secret()
    if secret.startswith("whsk_"):
        own = Key("sandbox", ED25519, secret)
        return (own,), (Key("centre", ED25519, public=options.peer_public or own.public),)
    shared = (Key("shared", HMAC_SHA256, secret),)
    return shared, shared


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("Expected a time with its zone.")
    return instant


def _system_time() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
