"""Which HTTP status an error of ours gets, and whose addresses answer programs: said once, for API and screens."""

from http import HTTPStatus

from engine.errors import Busy, Conflict, DeploymentRefused, InvalidInput, KapokError, NotAllowed, NotFound, Rejection
from engine.services.shelves.shelf import StorageDown

MACHINES = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")
"""Paths of programs: whatever goes wrong there is answered with a problem document, never with a page."""

STATUS: tuple[tuple[type[KapokError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (Busy, HTTPStatus.SERVICE_UNAVAILABLE),
    (Conflict, HTTPStatus.CONFLICT),
    (DeploymentRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Rejection, HTTPStatus.CONFLICT),
    (StorageDown, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first class that fits decides; anything else of ours is a fault of the server."""


def status_of(error: KapokError) -> HTTPStatus:
    return next((status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
