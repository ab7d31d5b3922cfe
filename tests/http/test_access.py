"""Bearer tokens, their scopes, and what the session of a browser is worth here (nothing)."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.store import schema
from tests.http.caller import Caller, Office, read, refused


def test_a_known_token_is_needed(office: Office) -> None:
    answer = office.nobody().get("/cases")
    refused(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    refused(Caller(office.app.test_client(), "kpk_guessed").get("/cases"), 401, "not_authenticated")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic Zm9vOmJhcg==", "kpk_x", "Bearer \u00e9", "Bearer a b"])
def test_a_header_that_is_no_token_is_refused(office: Office, header: str) -> None:
    answer = office.app.test_client().get("/api/v1/cases", headers={"Authorization": header})
    refused(answer, 401, "not_authenticated")


def test_a_token_ends(office: Office) -> None:
    office.caller("intake")
    short = Caller(office.app.test_client(), office.token("intake", expires_in=timedelta(hours=1)))
    assert short.get("/cases").status_code == 200
    office.house.clock.advance(timedelta(hours=1))
    refused(short.get("/cases"), 401, "not_authenticated")


@pytest.mark.parametrize(("table", "change"), [
    (schema.api_token, {"revoked_at": sa.func.current_timestamp()}), (schema.user, {"enabled": False})])
def test_a_token_is_revoked_or_its_user_disabled(office: Office, table: sa.Table, change: dict[str, object]) -> None:
    caller = office.caller("intake")
    with office.house.kapok.database.writing() as connection:
        connection.execute(table.update().values(**change))
    refused(caller.get("/cases"), 401, "not_authenticated")


@pytest.mark.parametrize(("scope", "allowed", "forbidden"), [
    ("cases:read", "/cases", "/user-tasks"), ("cases:read", "/deadlines", "/deployments"),
    ("cases:read", "/process-definitions", "/partners"), ("tasks", "/user-tasks", "/cases"),
    ("deployments", "/process-definitions", "/incidents"), ("admin", "/partners", "/cases")])
def test_a_scope_opens_its_nouns_only(office: Office, scope: str, allowed: str, forbidden: str) -> None:
    caller = office.caller("supervisor", scope)
    assert caller.get(allowed).status_code == 200
    answer = caller.get(forbidden)
    refused(answer, 403, "scope_missing")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_reading_is_not_writing(office: Office) -> None:
    refused(office.caller("intake", "cases:read").post("/cases", {"process_id": "parcel"}), 403, "scope_missing")
    assert office.caller("intake", "cases:write").post("/cases", {"process_id": "parcel"}).status_code == 201


def test_a_scope_gives_no_right_that_the_user_has_not(office: Office) -> None:
    answer = office.caller("quality", "cases:write").post("/cases", {"process_id": "parcel"})
    refused(answer, 403, "not_allowed")


def test_refused_tokens_are_audited(office: Office) -> None:
    Caller(office.app.test_client(), "kpk_guessed").get("/cases")
    office.caller("intake", "tasks").get("/cases")
    entries = [json.loads(row.entry) for row in office.house.audit() if row.action == "BearerToken"]
    assert len(entries) == 2
    assert "kpk_guessed" not in json.dumps(entries)
    assert office.house.broken() == []


def test_the_token_is_asked_for_before_the_body(office: Office) -> None:
    refused(office.nobody().post("/cases", data=b"{", content_type="application/json"), 401, "not_authenticated")


def test_no_cookie_is_needed_or_set(office: Office) -> None:
    answer = office.caller("intake").post("/cases", {"process_id": "parcel"})
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers


def test_a_text_that_no_database_keeps_is_refused_in_the_query_too(office: Office) -> None:
    body = refused(office.caller("supervisor").get("/cases", q="a\0"), 422, "fields_invalid")
    assert [item["field"] for item in body["problems"]] == ["query:q"]


def test_partners_are_listed_without_their_keys(office: Office) -> None:
    office.add_partner("cnipa", secret="whsec_very0secret0very0secret0very0sec")
    answer = office.caller("supervisor").get("/partners")
    assert [item["code"] for item in read(answer)["items"]] == ["cnipa"]
    assert "very0secret" not in answer.text
