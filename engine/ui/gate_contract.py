"""What the screens ask of whoever lets people in: sessions, and an identity provider."""

from collections.abc import Mapping
from typing import Any, Protocol


class Identity(Protocol):
    """Sessions have ``secret`` (what the browser holds), ``stage`` (code, password, enrol, full), ``actor``, ``id``."""

    def sign_in(self, name: str, password: str, client: str = "", agent: str = "") -> Any: ...

    def give_code(self, secret: str, code: str, client: str = "") -> Any: ...

    def change_password(self, secret: str, old: str, new: str, client: str = "") -> Any: ...

    def enrolment(self, secret: str, client: str = "") -> Any:
        """``secret`` for the authenticator, ``picture`` of it as a ``data:`` address."""

    def enrol(self, secret: str, code: str, client: str = "") -> tuple[Any, tuple[str, ...]]:
        """The session, and the recovery codes to show once."""

    def session(self, secret: str, client: str = "") -> Any:
        """A running session at whatever stage, or None."""

    def load(self, secret: str, client: str = "") -> Any:
        """A full session, or None."""

    def sign_out(self, secret: str, client: str = "") -> None: ...


class SingleSignOn(Protocol):
    @property
    def name(self) -> str: ...

    def begin(self, back: str) -> tuple[str, Mapping[str, str]]:
        """Where to send the browser, and what to remember of it meanwhile."""

    def finish(self, answer: Mapping[str, str], remembered: Mapping[str, str], client: str, agent: str) -> Any:
        """The session. Raises a ``Rejection`` for whatever is not an answer to what was asked."""
