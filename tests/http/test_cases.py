"""Cases and user tasks over the API."""

from decimal import Decimal

from tests.http.caller import Office, read, refused


def test_a_case_goes_from_start_to_end(office: Office) -> None:
    intake, examiner = office.caller("intake"), office.caller("examiner")
    started = intake.post("/cases", {"process_id": "errand", "variables": {"parcel": "甲"}})
    assert started.status_code == 201
    key = read(started)["case_id"]

    task = read(examiner.get("/user-tasks"))["items"][0]
    assert (task["element"], task["may_claim"]) == ("look", True)
    assert read(examiner.post(f"/user-tasks/{task['key']}/claim"))["assignee"] == "examiner"
    assert read(examiner.get(f"/user-tasks/{task['key']}"))["state"] == "assigned"
    assert examiner.post(f"/user-tasks/{task['key']}/draft", {"values": {"note": "乙"}}).status_code == 200
    done = examiner.post(f"/user-tasks/{task['key']}/complete", {"variables": {"seen": True}})
    assert read(done)["state"] == "active"

    worker = office.caller("worker")
    job = read(worker.post("/jobs/activate", {"type": "parcel.ship", "worker": "w"}))["jobs"][0]
    assert job["variables"] == {"parcel": "甲", "seen": True}
    assert read(worker.post(f"/jobs/{job['key']}/complete"))["state"] == "completed"

    case = read(intake.get(f"/cases/{key}"))
    assert (case["state"], case["tasks"]) == ("completed", [])
    history = read(intake.get(f"/cases/{key}/history"))
    assert [item["seq"] for item in history["items"]] == sorted(item["seq"] for item in history["items"])
    assert {"start", "look", "ship", "end"} <= {item["element"] for item in history["items"]}


def test_numbers_stay_exact(office: Office) -> None:
    intake, worker = office.caller("intake"), office.caller("worker")
    numbers = {"a": Decimal("0.1"), "b": Decimal("12345678901234567890.123456789"), "c": 2**70, "d": Decimal("1E+400")}
    assert intake.post("/cases", {"process_id": "parcel", "variables": numbers}).status_code == 201
    job = worker.post("/jobs/activate", {"type": "parcel.ship", "worker": "w"})
    assert read(job)["jobs"][0]["variables"] == numbers
    assert b"12345678901234567890.123456789" in job.data


def test_supervision(office: Office) -> None:
    supervisor = office.caller("supervisor")
    key = read(supervisor.post("/cases", {"process_id": "errand"}))["case_id"]
    assert read(supervisor.post(f"/cases/{key}/suspend", {"reason": "r"}))["state"] == "suspended"
    refused(supervisor.post(f"/cases/{key}/suspend", {"reason": "r"}), 409, "conflict")
    assert read(supervisor.post(f"/cases/{key}/resume"))["state"] == "active"
    assert read(supervisor.post(f"/cases/{key}/variables", {"variables": {"x": 1}}))["state"] == "active"
    look = next(row for row in read(supervisor.get(f"/cases/{key}/history"))["items"] if row["element"] == "look")
    moved = supervisor.post(f"/cases/{key}/modification",
                            {"activate": ["ship"], "terminate": [look["instance"]], "reason": "r"})
    assert read(moved)["state"] == "active"
    assert office.house.open_tasks(key) == []
    assert read(supervisor.post(f"/cases/{key}/cancel", {"reason": "r"}))["state"] == "cancelled"


def test_a_task_is_assigned_released_and_ended_by_an_error(office: Office) -> None:
    supervisor, examiner = office.caller("supervisor"), office.caller("examiner")
    key = read(supervisor.post("/cases", {"process_id": "errand"}))["case_id"]
    task = office.house.task(key, "look")
    assigned = supervisor.post(f"/user-tasks/{task}/assign", {"assignee": "examiner", "reason": "r"})
    assert read(assigned)["assignee"] == "examiner"
    assert read(examiner.post(f"/user-tasks/{task}/release"))["assignee"] is None
    assert examiner.post(f"/user-tasks/{task}/error", {"code": "NOBODY_CATCHES"}).status_code == 200
    assert [item["element"] for item in read(supervisor.get("/incidents"))["items"]] == ["look"]


def test_the_loser_of_a_race_is_told_who_won(office: Office) -> None:
    examiner, other = office.caller("examiner"), office.caller("examiner+quality")
    key = read(office.caller("intake").post("/cases", {"process_id": "errand"}))["case_id"]
    task = office.house.task(key, "look")
    assert examiner.post(f"/user-tasks/{task}/complete", {}).status_code == 200
    assert "examiner" in refused(other.post(f"/user-tasks/{task}/complete", {}), 409, "task_completed")["detail"]


def test_what_one_may_not_see_answers_like_what_does_not_exist(office: Office) -> None:
    key = read(office.caller("intake").post("/cases", {"process_id": "parcel"}))["case_id"]
    stranger = office.caller("quality")
    for path in ("/cases/{}", "/cases/{}/history", "/user-tasks/{}~1", "/deadlines/{}~1"):
        hidden, absent = stranger.get(path.format(key)), stranger.get(path.format("x" * len(key)))
        assert hidden.status_code == absent.status_code == 404
        assert hidden.data.replace(key.encode(), b"") == absent.data.replace(b"x" * len(key), b"")
    for path in ("/cases", "/user-tasks", "/deadlines", "/incidents", "/partners", "/process-definitions"):
        assert read(stranger.get(path)) == {"items": [], "next": None}


def test_lists_are_paged_by_an_opaque_cursor(office: Office) -> None:
    supervisor = office.caller("supervisor")
    started = {read(supervisor.post("/cases", {"process_id": "parcel"}))["case_id"] for _ in range(51)}
    first = read(supervisor.get("/cases"))
    second = read(supervisor.get("/cases", cursor=first["next"]))
    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 1, None)
    assert {item["id"] for page in (first, second) for item in page["items"]} == started


def test_long_history_is_paged(office: Office) -> None:
    supervisor = office.caller("supervisor")
    key = read(supervisor.post("/cases", {"process_id": "parcel"}))["case_id"]
    for number in range(60):
        supervisor.post(f"/cases/{key}/variables", {"variables": {"n": number}})
    seen: list[int] = []
    cursor = {}
    while True:
        page = read(supervisor.get(f"/cases/{key}/history", **cursor))
        seen += [item["seq"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [row.seq for row in office.house.history(key)]
    assert len(seen) > 50


def test_search_finds_by_text(office: Office) -> None:
    supervisor = office.caller("supervisor")
    supervisor.post("/cases", {"process_id": "parcel"})
    assert read(supervisor.get("/cases", q="没有这件"))["items"] == []
    assert len(read(supervisor.get("/cases", q=""))["items"]) == 1


def test_an_incident_is_resolved_with_new_variables(office: Office) -> None:
    supervisor = office.caller("supervisor")
    key = read(supervisor.post("/cases", {"process_id": "broken", "variables": {"amount": 1, "rate": 0}}))["case_id"]
    incident = read(supervisor.get("/incidents", case=key))["items"][0]
    assert (incident["case_id"], incident["element"]) == (key, "way")
    assert read(supervisor.get("/incidents", case="another"))["items"] == []
    assert read(supervisor.get(f"/cases/{key}"))["incidents"][0]["key"] == incident["key"]
    resolved = read(supervisor.post(f"/incidents/{incident['key']}/resolve", {"variables": {"total": 2}}))
    assert (resolved["state"], resolved["ended"]) == ("completed", True)
    refused(supervisor.post(f"/incidents/{incident['key']}/resolve"), 409, "conflict")
