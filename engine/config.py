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
    processes: int = 0
    """That serve on PostgreSQL; 0: one for each processor."""
    demo: bool = False
    max_upload: int = 20 * 1024 * 1024
    poll_seconds: float = 1.0
    secure_cookies: bool = True
    proxies: int = 0
    """How many reverse proxies stand before the service and are believed what they say of the client."""
    two_persons: bool = True
    second_factor: bool = True
    """Staff need one to sign in by password."""
    session_idle: int = 30
    """Minutes."""
    session_longest: int = 12
    """Hours."""
    password_length: int = 12
    password_days: int = 0
    """Days after which a password is to be changed; 0: never."""
    rate_sign_in: str = "30 per minute"
    rate_api: str = "6000 per minute"
    rate_webhooks: str = "6000 per minute"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = "统一身份认证"
    oidc_provision: bool = False
    """An unknown subject gets an account without any role."""
    authority_name: str = "示例知识产权保护中心"
    authority_code: str = "gdippc"
    document_series: str = "粤知保预字"
    log_level: str = "INFO"
    plain_hosts: tuple[str, ...] = ()
    """``host:port`` of endpoints that may be reached by plain HTTP."""
    smtp_url: str = ""
    """``smtp://user:password@host:port``, or ``smtps://``; empty: no e-mail."""
    mail_from: str = "kapok@localhost"
    national_crypto: bool = False
    """SM3 beside SHA-256 in the audit trail, SM4 in place of AES at rest."""
    master_keys: str = ""
    master_key_file: Path | None = None
    """Where the keys that wrap all others are; default: ``master.keys`` in the folder, made at the first start."""
    s3_bucket: str = ""
    """Where files are kept; empty: ``files`` in the folder."""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_key_id: str = ""
    s3_secret: str = field(default="", repr=False)
    s3_path_style: bool = True
    tsa_url: str = ""
    tsa_certificates: Path | None = None
    tsa_evidence: bool = True
    """Each piece of evidence is stamped as it is received, and not only the audit trail."""
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
            processes=env.int("PROCESSES", defaults.processes, validate=validate.Range(min=0, max=64)),
            demo=env.bool("DEMO", False),
            max_upload=env.int("MAX_UPLOAD", defaults.max_upload),
            poll_seconds=env.float("POLL_SECONDS", defaults.poll_seconds),
            secure_cookies=env.bool("SECURE_COOKIES", defaults.secure_cookies),
            proxies=env.int("PROXIES", defaults.proxies, validate=validate.Range(min=0, max=5)),
            two_persons=env.bool("TWO_PERSONS", defaults.two_persons),
            second_factor=env.bool("SECOND_FACTOR", defaults.second_factor),
            session_idle=env.int("SESSION_IDLE", defaults.session_idle, validate=validate.Range(min=1, max=1440)),
            session_longest=env.int("SESSION_LONGEST", defaults.session_longest, validate=validate.Range(1, 168)),
            password_length=env.int("PASSWORD_LENGTH", defaults.password_length, validate=validate.Range(8, 64)),
            password_days=env.int("PASSWORD_DAYS", defaults.password_days, validate=validate.Range(min=0, max=3650)),
            rate_sign_in=env.str("RATE_SIGN_IN", defaults.rate_sign_in),
            rate_api=env.str("RATE_API", defaults.rate_api),
            rate_webhooks=env.str("RATE_WEBHOOKS", defaults.rate_webhooks),
            oidc_issuer=env.str("OIDC_ISSUER", defaults.oidc_issuer).rstrip("/"),
            oidc_client_id=env.str("OIDC_CLIENT_ID", defaults.oidc_client_id),
            oidc_client_secret=env.str("OIDC_CLIENT_SECRET", defaults.oidc_client_secret),
            oidc_name=env.str("OIDC_NAME", defaults.oidc_name),
            oidc_provision=env.bool("OIDC_PROVISION", defaults.oidc_provision),
            authority_name=env.str("AUTHORITY_NAME", defaults.authority_name),
            authority_code=env.str("AUTHORITY_CODE", defaults.authority_code),
            document_series=env.str("DOCUMENT_SERIES", defaults.document_series),
            log_level=env.str("LOG_LEVEL", defaults.log_level),
            smtp_url=env.str("SMTP_URL", ""),
            mail_from=env.str("MAIL_FROM", defaults.mail_from),
            national_crypto=env.bool("NATIONAL_CRYPTO", False),
            master_keys=env.str("MASTER_KEYS", ""),
            master_key_file=_path(env, "MASTER_KEY_FILE"),
            s3_bucket=env.str("S3_BUCKET", ""),
            s3_endpoint=env.str("S3_ENDPOINT", "").rstrip("/"),
            s3_region=env.str("S3_REGION", defaults.s3_region),
            s3_key_id=env.str("S3_KEY_ID", ""),
            s3_secret=env.str("S3_SECRET", ""),
            s3_path_style=env.bool("S3_PATH_STYLE", defaults.s3_path_style),
            tsa_url=env.str("TSA_URL", ""),
            tsa_certificates=_path(env, "TSA_CERTIFICATES"),
            tsa_evidence=env.bool("TSA_EVIDENCE", True),
            plain_hosts=tuple(env.list("PLAIN_HOSTS", [])),
        )
    except EnvError as error:
        raise ConfigurationError(str(error), setting="KAPOK_…", expected="", found="") from error


def _path(env: Env, name: str) -> Path | None:
    text = env.str(name, "")
    return Path(text) if text else None
