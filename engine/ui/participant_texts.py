"""Words about who takes part in a case with an account."""

from collections.abc import Iterable, Mapping

from flask_babel import LazyString, gettext, lazy_gettext

ERRORS: Mapping[str, LazyString] = {
    "invitation_void": lazy_gettext(
        "这个邀请码不对，或邀请已被使用、已过期、已撤回。请核对，或向经办人索取新的邀请码。"),
    "other_side": lazy_gettext("账号 {user} 在本案中属于另一方，不能同时代表两方。"),
    "name_taken": lazy_gettext("账号“{name}”已有人使用，请换一个；如果就是您的，请直接登录。"),
}
STATES: Mapping[str, tuple[str, LazyString]] = {
    "invited": ("soon", lazy_gettext("已邀请，未参加")), "lapsed": ("late", lazy_gettext("邀请已过期")),
    "active": ("ok", lazy_gettext("已参加")), "removed": ("none", lazy_gettext("已移出")),
}
AUTHORITIES: Mapping[str, LazyString] = {
    "general": lazy_gettext("一般授权"), "special": lazy_gettext("特别授权"),
}
CAPACITIES: Mapping[str, LazyString] = {
    "applicant": lazy_gettext("申请人"), "requester": lazy_gettext("请求人"), "respondent": lazy_gettext("被申请人"),
    "patentee": lazy_gettext("专利权人"), "third_party": lazy_gettext("第三人"), "agent": lazy_gettext("代理人"),
    "agency": lazy_gettext("代理机构"), "inventors": lazy_gettext("发明人"),
}
HISTORY: Mapping[str, LazyString] = {
    "participant:invited": lazy_gettext("邀请参加案件：{who}"), "participant:joined": lazy_gettext("参加案件：{who}"),
    "participant:removed": lazy_gettext("移出案件：{who}（{reason}）"),
}


def capacity(code: str, among: Iterable[str]) -> str:
    """What a party is called beside the others: whom somebody requests something of, or applies against."""
    if code == "respondent" and "requester" in among:
        return str(gettext("被请求人"))
    return str(CAPACITIES.get(code, code))
