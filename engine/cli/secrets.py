"""The key that signs sessions: from the settings, else made once and kept, readable by its owner alone."""

from __future__ import annotations

import os
import secrets

from engine.config import Settings


def session_key(settings: Settings) -> str:
    if settings.secret_key:
        return settings.secret_key
    path = settings.folder / "session.key"
    settings.folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32))
    return path.read_text().strip()
