"""One frozen settings object, read from the environment here and nowhere else.

Every setting is named ``KAPOK_…``; docs/operators.md lists them, and a test keeps the list complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from environs import Env, EnvError, validate

from engine.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class DemoAccount:
    name: str
    password: str
    title: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides. ``max_upload`` is in bytes, ``poll_seconds`` how long an idle worker sleeps."""

    database_url: str = "sqlite:///var/kapok.db"
    folder: Path = Path("var")
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    demo: bool = False
    max_upload: int = 20 * 1024 * 1024
    poll_seconds: float = 1.0
    secure_cookies: bool = True
    authority_name: str = "示例知识产权保护中心"
    authority_code: str = "gdippc"
    document_series: str = "粤知保预字"
    log_level: str = "INFO"
    plain_hosts: tuple[str, ...] = ()
    """``host:port`` of endpoints that may be reached by plain HTTP."""
    demo_accounts: tuple[DemoAccount, ...] = field(default_factory=tuple)


def from_environment() -> Settings:
    """Settings from ``KAPOK_…`` variables. Raises ``ConfigurationError`` naming the variable and what was expected."""
    env = Env(prefix="KAPOK_")
    defaults = Settings()
    try:
        return Settings(
            database_url=env.str("DATABASE_URL", defaults.database_url),
            folder=Path(env.str("FOLDER", str(defaults.folder))),
            secret_key=env.str("SECRET_KEY", ""),
            host=env.str("HOST", defaults.host),
            port=env.int("PORT", defaults.port, validate=validate.Range(min=1, max=65535)),
            demo=env.bool("DEMO", False),
            max_upload=env.int("MAX_UPLOAD", defaults.max_upload),
            poll_seconds=env.float("POLL_SECONDS", defaults.poll_seconds),
            secure_cookies=env.bool("SECURE_COOKIES", defaults.secure_cookies),
            authority_name=env.str("AUTHORITY_NAME", defaults.authority_name),
            authority_code=env.str("AUTHORITY_CODE", defaults.authority_code),
            document_series=env.str("DOCUMENT_SERIES", defaults.document_series),
            log_level=env.str("LOG_LEVEL", defaults.log_level),
            plain_hosts=tuple(env.list("PLAIN_HOSTS", [])),
        )
    except EnvError as error:
        raise ConfigurationError(str(error), setting="KAPOK_…", expected="", found="") from error
