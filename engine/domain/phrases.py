"""What errors say was expected, found and where, in Chinese. The English words are the code (``engine.errors.Phrase``);
what is not here is data, and is quoted as it is."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Phrase

PLACES: Mapping[str, str] = {
    "$": "全文", "Idempotency-Key": "Idempotency-Key 请求头", "absence": "缺勤登记", "access": "授权", "basis": "依据",
    "change": "变更",
    "command": "命令", "comment": "批注", "database": "数据库", "decision": "处理", "declaration": "申报",
    "delivery": "送达规则", "email": "电子邮箱", "end_minus_one": "届满日减一日", "endpoint": "接口地址",
    "expires_in": "有效期", "extension": "延长", "effective_to": "失效日", "files": "文件", "filters": "筛选",
    "from_on": "起始日", "ground": "事由", "handover": "交接", "heads": "链首", "interruption": "中断",
    "into": "并入的案件", "key": "密钥", "kind": "类别", "length": "长度", "manifest": "清单", "name": "名称",
    "number": "编号", "overlap": "新旧密钥并用期", "override": "人工改定届满日", "parent": "上级单位",
    "partner": "外部单位", "pause": "中止", "period": "期间", "priority": "优先级",
    "proven day of receipt": "证明的收到日", "reason": "理由", "received_on": "收到日", "recusal": "回避申请",
    "requested_on": "申请日", "resumption": "恢复计算", "revision": "版本", "roles": "角色", "scopes": "权限范围",
    "series": "编号系列", "shift": "整体顺延", "state": "状态", "text": "内容", "title": "标题", "to": "对象",
    "algorithm": "签名算法",
    "type": "类型", "unit": "单位", "until_on": "截止日", "value": "值", "year": "年份", "allowed_cidrs": "允许的网段",
    "ladder": "阶梯", "deadline rule": "期限规则", "parameter": "参数", "profile": "算法", "content": "内容",
    "{place}, key {key}": "{place} 的 {key}", "{source}, line 1": "{source} 第 1 行",
    "{where}, kind": "{where} 的类别", "{source}: {key}": "{source}：{key}", "serial of {series}": "{series} 的流水号",
    "deadline rule {key}": "期限规则 {key}", "variable {name}, which decides {key}": "决定 {key} 的变量 {name}",
    "length in {unit}s": "以{unit}计的长度", "pause of {key} ({article})": "{key} 的中止（{article}）",
    "from of deadline({key})": "deadline({key}) 的起算日", "variable {name}": "变量 {name}",
}
FOUND: Mapping[str, str] = {
    "another": "不同", "another archive": "别的压缩文件", "an empty file": "空文件", "a larger file": "更大的文件",
    "both": "两者都有", "macros": "宏", "more": "更多", "neither": "两者都没有", "no end": "无限期",
    "no beginning": "最初",
    "no ending": "没有扩展名", "none": "没有", "nothing": "没有", "one": "有", "other material": "别的内容",
    "the same": "相同", "running": "进行中", "paused": "中止", "expired": "已届满", "met": "已按期办结",
    "cancelled": "已撤销", "superseded": "已被取代", "active": "办理中", "suspended": "已中止", "completed": "已办结",
    "open": "待办", "the diagram's": "由流程图管理", "{count} of any kind": "{count} 个字符",
    "{count} variants": "{count} 种情形", "{count} versions": "{count} 个版本",
    "{later} on or before {earlier}": "{later} 不晚于 {earlier}", "{day} ({state})": "{day}（{state}）",
    "{count} {unit}": "{count}{unit}", "{state} in the diagram": "{state}，由流程图管理", "day": "日", "month": "个月",
    "workday": "个工作日", "year": "年", "hour": "小时",
}
EXPECTED: Mapping[str, str] = {
    # papers, evidence, service
    "a postal address or consent to electronic service": "邮寄地址，或同意电子送达",
    "at least one file": "至少一份文件", "a day not before the dispatch": "不早于发出之日的日期",
    "a time to come": "将来的时间", "a room with equipment for video": "有视频设备的庭室",
    "an end after the beginning, at most {hours} hours later": "晚于开始、且相隔不超过 {hours} 小时的结束时间",
    "a whole number from 1 to 1,000": "1 至 1000 的整数", "a text of 1 to {most} letters": "1 至 {most} 个字的内容",
    # days and periods
    "a date, a date and time, or the ISO text of one": "日期、日期时间，或其 ISO 写法",
    "a day not after today": "不晚于今日的日期",
    "a day not after today, and how it was handed over": "不晚于今日的日期，以及交接方式",
    "a day from {today} on, and reasons": "{today} 或以后的日期，并附理由",
    "a day of the calendar written YYYY-MM-DD": "YYYY-MM-DD 写法的日期",
    "a day of the year {year}": "{year} 年内的日期", "a day on or after {first}": "不早于 {first} 的日期",
    "a day on which a version of the rule is in force": "规则有版本施行之日",
    "a day such as 2024-01-20": "日期，例如 2024-01-20", "a day such as {year}-10-01": "日期，例如 {year}-10-01",
    "a day that is either rest or make-up work": "非休息即调休上班的日期",
    "a day up to {today}": "不晚于 {today} 的日期",
    "a first day from {first} to {last}": "{first} 至 {last} 之间的首日",
    "a first day up to {today}": "不晚于 {today} 的首日", "a last day on or after {day}": "不早于 {day} 的末日",
    "a last day on or after {first} and within {most} days": "不早于 {first}、且不超过 {most} 日的末日",
    "a last day that is not past and not before the first": "不在过去、也不早于首日的末日",
    "a length in {names} for the profile {profile}": "算法 {profile} 所用的单位：{names}",
    "a named reason": "写明的事由",
    "a pause that ends on or after its first day {from_on}": "恢复日不早于首日 {from_on} 的中止",
    "a pause that is over by {today}, or one without an end": "{today} 以前已结束的中止，或尚未结束的中止",
    "a pause written FROM..TO (TO counts again)": "写成 起日..止日 的中止（止日恢复计算）",
    "a proven day of receipt not before the dispatch on {dispatched_on}": "不早于发文日 {dispatched_on} 的收到日",
    "a span, a later day, and the announcement": "起止日、其后的日期和公告", "a regular expression": "正则表达式",
    "a unit that the profile {profile} counts in": "算法 {profile} 所用的单位",
    "a whole number from {lowest} to {highest}": "{lowest} 至 {highest} 的整数", "a whole number": "整数",
    "a whole number of at least 1": "不小于 1 的整数",
    "a whole number up to {most}, or negative": "绝对值不超过 {most} 的整数", "a year of four digits": "四位数的年份",
    "a year such as 2027": "年份，例如 2027", "a year that differs from the one loaded": "与已载入的不同的年份",
    "an end between the years 1 and 9999": "公元 1 至 9999 年内的届满日",
    "an end of the procedure not before {on}": "不早于 {on} 的程序终结日",
    "an extension in working days exactly when the length is": "与长度同为工作日（或同不为工作日）的延长",
    "an interruption on or after the start {start_on}": "不早于起算日 {start_on} 的中断",
    "confirm or accept_late": "确认后果，或受理逾期行为", "days of exactly one year": "同一年的日期",
    "days that no other block gives": "别处没有列出的日期", "met or cancelled": "已按期办结，或不再需要",
    "no pause, extension or interruption for the backward profile {profile}":
        "倒算的算法 {profile} 没有中止、延长或中断",
    "no proven day of receipt, because the rule {key} presumes none": "不证明收到日，因为送达规则 {key} 不作推定",
    "reasons for accepting a late act": "受理逾期行为的理由",
    "the profile TM and a length in months or years": "算法 TM，且以月或年计",
    "weekdays between first and last": "首日与末日之间的工作日", "Saturdays and Sundays": "星期六和星期日",
    "working hours such as 09:00-12:00, 14:00-17:30": "工作时间，例如 09:00-12:00, 14:00-17:30",
    # rules and calendars
    "a [[holidays]] block": "[[holidays]] 块", "at least one [[holidays]] block": "至少一个 [[holidays]] 块",
    "a TOML calendar table": "TOML 格式的日历表", "a TOML rule table": "TOML 格式的规则表", "a table": "一个表",
    "at least one table": "至少一个表", "a delivery rule out of {names}": "送达规则之一：{names}",
    "a factor above 0": "大于 0 的系数", "a factor such as 0.5": "系数，例如 0.5",
    "a ladder of the table": "规则表中的阶梯", "a list of days": "日期列表", "a list of texts": "文字列表",
    "a number, true, false or a text": "数字、true、false 或文字", "a text": "文字",
    "a rule of one length; one with variants is written out in full": "只有一种长度的规则；分情形的须逐版写全",
    "a value for each of {names}": "{names} 各有一值", "another key of the table": "规则表中的另一个键",
    "a {noun} of the rule table": "规则表中的{noun}",
    "a {noun} of the rule table (perhaps {names})": "规则表中的{noun}（是否 {names}）",
    "at least one version, and reasons": "至少一个版本，并附理由",
    "either a length or variants that give it": "长度，或给出长度的情形",
    "exactly one of {names} beside it": "恰好一项：{names}", "one of the keys {names}": "下列键之一：{names}",
    "one of {names}": "下列之一：{names}", "the header {names}": "表头 {names}", "true or false": "true 或 false",
    "a type that '{partner}' may send": "“{partner}”可以发送的类型",
    "versions of {key} alone": "只含 {key} 的版本", "versions that differ from those in force": "与现行不同的版本",
    "versions that do not overlap ({articles})": "施行期互不重叠的版本（{articles}）",
    '{ zh = "…", en = "…" }': '{ zh = "…", en = "…" }', "years or permanent": "年数，或 permanent",
    # numbers, values, forms
    "1 to {most} printable ASCII characters": "1 至 {most} 个可打印的 ASCII 字符",
    "a JSON-like value": "JSON 可表示的值",
    "a cycle such as R3/PT1H or R/2026-01-01T00:00:00Z/P1M": "周期，例如 R3/PT1H 或 R/2026-01-01T00:00:00Z/P1M",
    "a date and time such as 2026-03-16T09:00:00+08:00": "日期时间，例如 2026-03-16T09:00:00+08:00",
    "a digest out of {names}": "摘要算法之一：{names}", "a finite number": "有限的数",
    "a form field type": "表单控件类型", "a hex digest": "十六进制摘要",
    "a number of at most {most} digits": "不超过 {most} 位的数", "a number of the kind {kind}": "{kind} 编号",
    "a serial from 1 to {highest}": "1 至 {highest} 的流水号", "a series out of {names}": "编号系列之一：{names}",
    "a value that JSON can hold": "JSON 可表示的值", "an instant with a zone": "带时区的时刻",
    "keys that are text": "文字的键", "names that are texts": "文字的名称",
    "no kind in the series {series}": "系列 {series} 不分类别", "text without lone surrogates": "没有孤立代理项的文字",
    "the check character {check}": "校验码 {check}", "variables by name": "按名称给出的变量",
    # cases, people, partners
    "a DOCX or OFD document": "DOCX 或 OFD 文件", "PDF, DOCX, OFD, PNG, JPEG": "PDF、DOCX、OFD、PNG、JPEG",
    "a code of letters, digits, . _ - and a kind such as court":
        "由字母、数字和 . _ - 组成的代码，以及类别，例如 court",
    "a command that needs two persons": "须两人办理的操作", "a document without macros": "不含宏的文件",
    "a file with content": "有内容的文件",
    "the material of a key of this algorithm": "与算法相符的密钥内容",
    "hmac-sha256 or ed25519": "hmac-sha256 或 ed25519",
    "a key id of 1 to 36 characters and a use: shared, verify or sign":
        "1 至 36 个字符的密钥编号，以及用途：shared、verify 或 sign",
    "a name and one of {names}": "名称，以及下列之一：{names}",
    "a name of 1 to {most} characters": "1 至 {most} 个字的名称",
    "a name, and one of {names}": "名称，以及下列之一：{names}",
    "a network such as 10.1.0.0/16": "网段，例如 10.1.0.0/16",
    "a note of 1 to {longest} characters": "1 至 {longest} 个字的批注",
    "a parent that is not below the unit": "不在本单位之下的上级",
    "a process with a none start event": "有无触发开始事件的流程", "a reason": "理由",
    "a reason, and a ground: {names}": "理由，以及事由：{names}", "a start event of the process": "本流程的开始事件",
    "a template that can be filled": "可以填写的模板", "a timer": "定时", "a timer value": "定时的值",
    "a title": "标题", "a valid timestamp over the anchor": "对锚点有效的时间戳",
    "a whole number from 0 to 100": "0 至 100 的整数",
    "an administrator, a reason and at most {most}": "管理员、理由，且不超过 {most}",
    "an e-mail address such as name@example.org": "电子邮箱地址，例如 name@example.org",
    "an element of a scope that is running or can be entered": "正在进行或可以进入的范围内的元素",
    "an element outside of an event sub-process": "事件子流程以外的元素",
    "an element to start before": "可从其前开始的元素", "an end within {days} days": "{days} 日内的有效期",
    "an https address without a user name": "不含用户名的 https 地址",
    "an overlap of at most {days} days": "不超过 {days} 日的并用期", "another case": "另一个案件",
    "at most {most} filters": "不超过 {most} 个筛选", "at most {size} MB": "不超过 {size} MB",
    "at most {size} MB unpacked": "解压后不超过 {size} MB",
    "export or break_glass for at most {most}": "export 或 break_glass，且不超过 {most}",
    "input '{name}' to be a context": "输入“{name}”为上下文", "input '{name}' to be a text": "输入“{name}”为文字",
    "match, note, or reject with a reason": "对应、备查，或附理由拒收",
    "message types of the catalogue in this direction": "目录中此方向的消息类型",
    "roles out of {names}": "角色之一：{names}", "scopes out of {names}": "权限范围之一：{names}",
    "some of {names}": "下列各项：{names}", "the competent authority as issuing authority": "以主管机关为发文机关",
    "a type that '{partner}' may see": "“{partner}”可以接收的类型", "a DOCX document": "DOCX 文件",
    "input 'other' to be a text or null": "输入“other”为文字或空",
    "nothing that tells of a case of level {level}": "不透露 {level} 级案件的内容",
    # backups
    "a key file, which can be added to": "可以添加密钥的密钥文件",
    "a backup of Kapok": "木棉的备份", "a backup of schema {revision}": "结构版本 {revision} 的备份",
    "a path below files/": "files/ 之下的路径", "an empty database": "空数据库",
    "an empty folder of files": "空的文件夹", "content as the manifest says": "与清单一致的内容",
}
CHINESE: Mapping[str, str] = {**FOUND, **PLACES, **EXPECTED}


def said(value: Any, language: str) -> str:
    """A parameter of an error in ``language`` ("zh" or "en")."""
    if not language.startswith("zh"):
        return str(value)
    template, params = (value.template, value.params) if isinstance(value, Phrase) else (str(value), None)
    words = CHINESE.get(template)
    if words is None or params is None:
        return words or str(value)
    return words.format_map({name: said(item, language) for name, item in params.items()})
