"""Liveness, readiness and Prometheus metrics."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from engine.clock import Clock
from engine.store import operations
from engine.store.database import Database


def create_blueprint(database: Database, clock: Clock) -> Blueprint:
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> tuple[Response, int]:
        if not operations.answers(database):
            return jsonify(status="unavailable", reason="database"), 503
        return jsonify(status="ok"), 200

    @blueprint.get("/metrics")
    def metrics() -> Response:
        registry = CollectorRegistry()
        with database.reading() as connection:
            for name, (text, value) in operations.figures(connection, clock.now()).items():
                Gauge(f"kapok_{name}", text, registry=registry).set(value)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint
