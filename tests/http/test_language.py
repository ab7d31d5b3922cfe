"""A refusal is said in the language that the caller asks for; without a wish in English, as programs expect."""

import pytest

from tests.http.caller import PREFIX, Office

REFUSED = {
    "unknown": ("GET", "/cases/none", b"", "找不到“none”，或您无权查看。请核对编号。"),
    "token": ("GET", "/user-tasks", b"", "令牌不存在、已撤销或已过期。"),
    "broken": ("POST", "/cases", b"{", "请求应为JSON，收到的是"),
    "twice": ("POST", "/cases", b'{"a": 1, "a": 2}', "请求应为每个名称在一个对象中只出现一次"),
    "field": ("POST", "/cases", b'{"process_id": 1}', "有 1 个字段与接口说明不符，没有任何改动。"),
    "scope": ("GET", "/user-tasks", b"", "令牌没有“tasks”这项权限范围。"),
}
SCOPES = {"scope": ("cases:read",)}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("asked", ["zh-CN,zh;q=0.9,en;q=0.5", "en-GB", ""])
def test_a_refusal_is_said_in_the_language_of_the_caller(office: Office, what: str, asked: str) -> None:
    method, path, body, chinese = REFUSED[what]
    token = "unknown" if what == "token" else office.caller("intake", *SCOPES.get(what, ())).token
    answer = office.app.test_client().open(PREFIX + path, method=method, data=body, headers={
        "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept-Language": asked})
    assert answer.status_code >= 400
    assert answer.json["detail"].startswith(chinese if asked.startswith("zh") else ("Expected", "case "))
