"""The house without its edges: database, services, read models, wired for one installation or one sandbox.

``app`` puts the web and the workers around it; ``kapok run`` and ``kapok scenario`` need neither.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO, cast

from engine.clock import Clock, SystemClock
from engine.config import Settings
from engine.domain.actors import Actor
from engine.domain.administration import DecideApproval
from engine.domain.calendar import shipped_calendar
from engine.domain.ciphers import FieldCipher, new_key
from engine.domain.commands import Command, FileRef
from engine.domain.identifiers import IdSource, RandomIds
from engine.domain.rule_reader import shipped_rules
from engine.errors import ConfigurationError
from engine.services.context import Authority, Outcome, Parts
from engine.services.definitions import Definitions
from engine.services.files import FileStore, StagedFile
from engine.services.handlers import HANDLERS
from engine.services.legal_time.almanac import Almanac
from engine.services.operations import Operation
from engine.services.papers.seals import TestSeal
from engine.services.people.identity import Identity, SignInRules
from engine.services.people.oidc import SingleSignOn
from engine.services.proof import keys, timestamps
from engine.services.proof.archive import Archive
from engine.services.runner import Runner
from engine.services.shelves.folder import FolderShelf
from engine.services.shelves.shelf import Shelf
from engine.services.views import Views
from engine.services.views.almanac_pages import AlmanacPages
from engine.services.views.deadline_pages import DeadlinePages
from engine.services.views.drafts import StartDrafts
from engine.services.views.exports import Exports
from engine.services.views.handoffs import Handoffs
from engine.services.views.hearings import HearingPages
from engine.services.views.mentions import Mentions
from engine.services.views.notices import Notices
from engine.services.views.papers import PaperPages
from engine.services.views.participants import Participants
from engine.services.views.people import People
from engine.services.views.receipts import Receipts
from engine.services.views.recusals import Recusals
from engine.services.views.standing import Standing
from engine.store.database import Database
from engine.workbench import publishing


@dataclass(frozen=True, slots=True)
class StagedFiles:
    """Uploads: written to the store of files, and known to the database before any command refers to them."""

    store: FileStore
    runner: Runner

    def stage(self, stream: BinaryIO, name: str, media: str, actor: Actor) -> StagedFile:
        staged = self.store.stage(stream, name)
        self.runner.register_file(staged, actor)
        return staged


@dataclass(frozen=True, slots=True)
class Kapok:
    """A wired house. ``ui``, ``http``, ``cli`` and tests use it; each has what it needs by name."""

    settings: Settings
    database: Database
    clock: Clock
    parts: Parts
    runner: Runner
    identity: Identity
    queries: Views
    people: People
    recusals: Recusals
    notices: Notices
    handoffs: Handoffs
    deadline_pages: DeadlinePages
    almanac_pages: AlmanacPages
    papers: PaperPages
    hearings: HearingPages
    receipts: Receipts
    participants: Participants
    files: StagedFiles
    archive: Archive
    start_drafts: StartDrafts
    standing: Standing
    mentions: Mentions
    exports: Exports
    single_sign_on: SingleSignOn | None = None
    """Set where an identity provider is; the composition root gives it a way out to the network."""

    def run(self, command: Command, actor: Actor, idempotency_key: str | None = None) -> Outcome:
        return self.runner.run(command, actor, idempotency_key)

    def act(self, case: Any, action: Any, values: Mapping[str, Any], files: Sequence[FileRef], actor: Actor,
            idempotency_key: str | None = None) -> Outcome:
        """Carry out one of the actions that the case offered to the actor."""
        return self.runner.run(action.command(values, files), actor, idempotency_key)

    def decide(self, decision: DecideApproval, actor: Actor, idempotency_key: str | None = None) -> Outcome:
        """Decide on a request for a second person; what that publishes is played by the second engine."""
        return publishing.decide(self, decision, actor, idempotency_key)

    def refused(self, actor: Actor, action: str, detail: Mapping[str, Any]) -> None:
        """Write down what somebody tried at an edge and was refused before it became a command."""
        self.runner.audit(actor, action, {"refused": "at the edge", **detail})

    def close(self) -> None:
        self.database.close()


def wire(settings: Settings, prepare: Callable[[Database], None], operations: Mapping[str, Operation],
         clock: Clock | None = None, ids: IdSource | None = None, language: Callable[[], str] = lambda: "zh",
         step_limit: int = 10_000, on_flow: Callable[[str], None] | None = None,
         definitions: Definitions | None = None) -> Kapok:
    """Wire the parts. ``prepare`` brings the schema up to date; ``operations`` is what service tasks can do."""
    clock = clock or SystemClock()
    settings.folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.require_reachable()
    database.require_durability()
    prepare(database)
    ring, cipher = _keys(settings, database, clock)
    files = FileStore(shelf_of(settings), settings.max_upload, ring, keys.algorithm(settings.national_crypto))
    authority = Authority(settings.authority_name, settings.authority_code, settings.document_series)
    almanac = Almanac(shipped_rules(), shipped_calendar())
    almanac.archive(database, clock.now())
    parts = Parts(definitions=definitions or Definitions(), almanac=almanac,
                  files=files, operations=operations, ids=ids or RandomIds(), seals=TestSeal(), authority=authority,
                  step_limit=step_limit, on_flow=on_flow, national=settings.national_crypto,
                  two_persons=settings.two_persons)
    runner = Runner(database, clock, parts, HANDLERS)
    views = Views(database, clock, parts, language, runner.audit_access)
    words = partial(parts.definitions.words.of, language)
    return Kapok(
        settings=settings, database=database, clock=clock, parts=parts, runner=runner,
        identity=Identity(database, clock, parts, cipher, _sign_in_rules(settings)),
        notices=Notices(database, language),
        handoffs=Handoffs(database, clock, files, runner.audit_access, words),
        deadline_pages=DeadlinePages(database, clock, parts, language, runner.audit_access),
        almanac_pages=AlmanacPages(database, clock, parts, language),
        papers=PaperPages(database, clock, parts, runner.audit_access,
                          timestamp_authority(settings) if settings.tsa_evidence else None),
        hearings=HearingPages(database, clock, runner.audit_access),
        receipts=Receipts(database, parts.definitions, runner.audit_access, words),
        participants=Participants(database, clock, runner.audit_access),
        people=People(database, clock, timedelta(minutes=settings.session_idle)), recusals=Recusals(database, clock),
        queries=views, files=StagedFiles(files, runner), archive=Archive(database, clock, parts, runner),
        start_drafts=StartDrafts(database), standing=Standing(database, clock, parts),
        mentions=Mentions(database),
        exports=Exports(database, clock, views, runner.audit_access))


def _keys(settings: Settings, database: Database, clock: Clock) -> tuple[keys.KeyRing | None, FieldCipher]:
    """The master keys, and what seals rows under them. What lives in memory has no master; its columns are plain."""
    if database.in_memory:
        return None, FieldCipher([new_key(keys.algorithm(settings.national_crypto))])
    ring = master_ring(settings)
    cipher = keys.field_cipher(database, ring, settings.national_crypto, clock.now())
    database.seal_by(cipher)
    return ring, cipher


def _sign_in_rules(settings: Settings) -> SignInRules:
    return SignInRules(
        idle=timedelta(minutes=settings.session_idle), longest=timedelta(hours=settings.session_longest),
        second_factor=settings.second_factor, password_length=settings.password_length,
        password_days=settings.password_days, issuer=settings.authority_name)


def master_ring(settings: Settings, make: bool = True) -> keys.KeyRing:
    """The master keys of an installation; the first is made, unless ``make`` is False."""
    path = settings.master_key_file or settings.folder / "master.keys"
    return keys.load(settings.master_keys, path, settings.national_crypto, make)


def shelf_of(settings: Settings) -> Shelf:
    """Where the files of an installation lie; a bucket must be there and answer."""
    if not settings.s3_bucket:
        return FolderShelf(settings.folder / "files")
    try:
        room = importlib.import_module("engine.services.shelves.bucket")
    except ModuleNotFoundError as error:
        raise ConfigurationError(setting="KAPOK_S3_BUCKET", expected="empty, or pip install 'kapok[s3]'",
                                 found=f"set, without {error.name}") from error
    bucket = room.BucketShelf(settings.s3_endpoint, settings.s3_bucket, settings.s3_region, settings.s3_key_id,
                              settings.s3_secret, settings.s3_path_style)
    bucket.require_reachable()
    return cast(Shelf, bucket)


def timestamp_authority(settings: Settings) -> timestamps.Authority | None:
    """Who countersigns the audit trail; None when nobody is asked to."""
    if not settings.tsa_url:
        return None
    if settings.tsa_certificates is None:
        raise ConfigurationError(setting="KAPOK_TSA_CERTIFICATES", expected="a file of certificates", found="none")
    return timestamps.authority(settings.tsa_url, settings.tsa_certificates.read_bytes())
