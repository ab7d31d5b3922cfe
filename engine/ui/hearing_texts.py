"""Words about hearings."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

ERRORS: Mapping[str, LazyString] = {
    "hearing_clash": lazy_gettext("{what}“{name}”在 {starts_at} 至 {ends_at} 已有另一场开庭，没有任何改动。"),
    "too_many_attend": lazy_gettext("一方最多 {most} 人参加，现为 {found} 人。"),
    "notice_too_late": lazy_gettext("应于 {notice_by} 前通知（{article}）；{found} 的通知须有各方放弃期限的证据。"),
    "not_cleared": lazy_gettext("{user} 不能接触 {level} 级案件，不能列入合议组或书记员。"),
    "hearing_not_ready": lazy_gettext("还不能开庭：{what}。"),
}
MODES: Mapping[str, LazyString] = {
    "offline": lazy_gettext("线下"), "online": lazy_gettext("线上"), "mixed": lazy_gettext("线上线下混合"),
    "circuit": lazy_gettext("巡回审理"),
}
PARTS: Mapping[str, LazyString] = {
    "requester": lazy_gettext("请求人"), "respondent": lazy_gettext("被请求人"), "panel": lazy_gettext("合议组"),
    "clerk": lazy_gettext("书记员"), "witness": lazy_gettext("证人、鉴定人"), "observer": lazy_gettext("旁听"),
}
STATES: Mapping[str, tuple[str, LazyString]] = {
    "planned": ("prov", lazy_gettext("已排期")), "held": ("ok", lazy_gettext("已开庭")),
    "adjourned": ("hold", lazy_gettext("延期")), "cancelled": ("none", lazy_gettext("取消")),
}
LINKS: Mapping[str, tuple[str, LazyString]] = {
    "none": ("none", lazy_gettext("未测试连线")), "passed": ("ok", lazy_gettext("连线测试通过")),
    "failed": ("late", lazy_gettext("连线测试未通过")),
}
TRIES: Mapping[str, tuple[str, LazyString]] = {
    "passed": ("ok", lazy_gettext("通过")), "failed": ("late", lazy_gettext("有问题")),
}
HISTORY: Mapping[str, LazyString] = {
    "hearing:planned": lazy_gettext("排定开庭：{at}"), "hearing:moved": lazy_gettext("改期：{at}（{reason}）"),
    "hearing:called": lazy_gettext("通知到庭：{name}"), "hearing:uncalled": lazy_gettext("不再通知到庭：{name}"),
    "hearing:checked_in": lazy_gettext("登记到庭：{name}"),
    "hearing:link_tried": lazy_gettext("连线自测：{name}"),
    "hearing:noticed": lazy_gettext("已通知开庭：{at}"), "hearing:link_tested": lazy_gettext("连线测试：{at}"),
    "hearing:held": lazy_gettext("开庭：{at}"), "hearing:adjourned": lazy_gettext("延期开庭：{at}（{reason}）"),
    "hearing:cancelled": lazy_gettext("取消开庭：{at}（{reason}）"),
}
