"""Words about papers, evidence and service."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

ERRORS: Mapping[str, LazyString] = {
    "own_paper": lazy_gettext("第 {version} 稿由您撰写，须由另一人核准。"),
    "not_the_version": lazy_gettext("“{title}”刚有人改过，请看过新的一稿再核准。"),
    "consent_needed": lazy_gettext(
        "没有 {recipient} 同意电子送达的记录（{article}），请先确认送达地址或改用其他方式。"),
    "not_servable": lazy_gettext("“{title}”是内部文稿，不能送达。"),
}
STAMPS: Mapping[str, tuple[str, LazyString]] = {
    "pending": ("soon", lazy_gettext("时间戳待取")), "valid": ("ok", lazy_gettext("时间戳有效")),
    "unchecked": ("none", lazy_gettext("时间戳未核验")), "broken": ("late", lazy_gettext("时间戳不符")),
}
STATES: Mapping[str, tuple[str, LazyString]] = {
    "draft": ("hold", lazy_gettext("草稿")), "submitted": ("soon", lazy_gettext("待核准")),
    "approved": ("prov", lazy_gettext("已核准，待签发")),
    "issued": ("ok", lazy_gettext("已签发")), "withdrawn": ("none", lazy_gettext("已撤回")),
}
DELIVERY_STATES: Mapping[str, tuple[str, LazyString]] = {
    "dispatched": ("soon", lazy_gettext("已发出，待回证")), "received": ("ok", lazy_gettext("已送达")),
    "refused": ("late", lazy_gettext("拒收")), "returned": ("late", lazy_gettext("退回")),
}
MODES: Mapping[str, LazyString] = {
    "portal": lazy_gettext("平台送达"), "electronic": lazy_gettext("电子送达"), "direct": lazy_gettext("直接送达"),
    "left": lazy_gettext("留置送达"), "post": lazy_gettext("邮寄送达"), "announce": lazy_gettext("公告送达"),
}
SOURCES: Mapping[str, LazyString] = {
    "applicant": lazy_gettext("申请人"), "respondent": lazy_gettext("被申请人"), "third_party": lazy_gettext("第三人"),
    "court": lazy_gettext("人民法院"), "cnipa": lazy_gettext("国家知识产权局"), "notary": lazy_gettext("公证机构"),
    "own_collection": lazy_gettext("依职权调取"), "other": lazy_gettext("其他"),
}
HISTORY: Mapping[str, LazyString] = {
    "paper:drafted": lazy_gettext("起草文书：{title}"), "paper:written": lazy_gettext("文书第 {version} 稿：{title}"),
    "paper:submitted": lazy_gettext("文书送核：{title}"), "paper:approved": lazy_gettext("核准文书：{title}"),
    "paper:returned": lazy_gettext("退回文书：{title}（{reason}）"),
    "paper:issued": lazy_gettext("签发文书：{title} {number}"),
    "paper:withdrawn": lazy_gettext("撤回文书：{title}（{reason}）"),
    "evidence:added": lazy_gettext("收入证据：{title}"),
    "evidence:original_seen": lazy_gettext("与原件核对一致：{title}"),
    "service:address": lazy_gettext("确认送达地址：{recipient}"),
    "service:dispatched": lazy_gettext("送达发出：{title} → {recipient}"),
    "service:received": lazy_gettext("已送达：{recipient}"), "service:refused": lazy_gettext("拒收：{recipient}"),
    "service:returned": lazy_gettext("送达退回：{recipient}"),
    "service:deadline_kept": lazy_gettext("期限未随回证变动（送达日 {on}）"),
}
