"""Stored key rows become keys: a public one verifies only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.webhooks.world import HMAC_KEY, NOW, SEED_KEY
from webhooks.keys import key_of
from webhooks.signature import Algorithm, sign, verify


@dataclass(frozen=True)
class Row:
    id: str
    algorithm: Algorithm
    use: str
    secret: str
    expires_at: datetime | None = None


def test_each_use() -> None:
    shared = key_of(Row("a", "hmac-sha256", "shared", HMAC_KEY.secret))
    assert verify((shared,), sign((shared,), "m", NOW, b""), b"", NOW).key_id == "a"
    own = key_of(Row("b", "ed25519", "sign", SEED_KEY.secret))
    theirs = key_of(Row("c", "ed25519", "verify", SEED_KEY.public))
    assert verify((theirs,), sign((own,), "m", NOW, b""), b"", NOW).key_id == "c"
    with pytest.raises(ValueError, match="Expected an active secret key"):
        sign((theirs,), "m", NOW, b"")


def test_an_old_key_ends() -> None:
    old = key_of(Row("a", "hmac-sha256", "shared", HMAC_KEY.secret, NOW))
    assert old.active(NOW - timedelta(seconds=1))
    assert not old.active(NOW)
