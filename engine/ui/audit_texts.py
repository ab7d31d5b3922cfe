"""Words for what the audit trail records: the commands and acts by name. English is the name itself, set apart."""

import re
from collections.abc import Mapping

from engine.ui.i18n import english
from engine.ui.texts import HISTORY

_CHINESE: Mapping[str, str] = {
    "Deploy": "发布流程", "StartCase": "启动案件", "StartByEvent": "由事件启动", "StartByTimer": "定时启动",
    "CancelCase": "终止案件", "SuspendCase": "中止案件", "ResumeCase": "恢复案件", "AnswerWait": "答复等待事项",
    "SetVariables": "更改变量", "ModifyCase": "移动令牌", "ClaimUserTask": "认领", "ReleaseUserTask": "退回待认领",
    "AssignUserTask": "指派", "DelegateUserTask": "转办", "CompleteUserTask": "办结任务", "SaveDraft": "保存草稿",
    "SaveStartDraft": "保存新建草稿", "DropStartDraft": "删除新建草稿", "SaveFilter": "保存筛选",
    "DropFilter": "删除筛选",
    "ThrowError": "抛出错误", "CompleteJob": "作业完成", "FailJob": "作业失败", "PublishMessage": "发布消息",
    "BroadcastSignal": "发布信号", "DeliverMessage": "送达消息", "DeliverSignal": "送达信号", "FireTimer": "定时触发",
    "ResolveIncident": "处理故障", "AddUser": "开设账号", "CreateToken": "创建令牌", "RevokeToken": "停用令牌",
    "SetRoles": "变更角色", "SetEnabled": "启用或停用账号", "SetUnit": "变更部门", "ResetPassword": "重置密码",
    "ResetSecondFactor": "重置第二步验证", "LinkIdentity": "关联统一身份", "EndSessions": "退出登录",
    "AddUnit": "新建机构", "ChangeUnit": "修改机构", "RecordAbsence": "登记缺勤", "CancelAbsence": "取消缺勤",
    "GrantAccess": "临时授权", "RevokeGrant": "收回临时授权", "RequestApproval": "提出申请",
    "DecideApproval": "核准或驳回",
    "WithdrawApproval": "撤回申请", "ArmDeadline": "起算期限", "PauseDeadline": "期限中止",
    "ResumeDeadline": "期限恢复", "ExtendDeadline": "延长期限", "InterruptDeadline": "期限中断",
    "ProveService": "证明另日送达", "OverrideDeadline": "人工改期", "CloseDeadline": "结束期限",
    "RestoreRight": "恢复权利", "ConfirmExpiry": "确认届满", "AcceptLate": "受理逾期行为", "LoadCalendar": "装入日历",
    "ShiftDeadlines": "批量顺延", "ContinueMove": "期限重算", "ChangeRule": "更改规则", "FireRung": "提醒",
    "SetContact": "设置通知地址", "Sweep": "清理", "Declare": "回避申报", "WithdrawDeclaration": "撤回申报",
    "LinkCases": "关联案件", "RequestRecusal": "申请回避", "RecordDisclosure": "登记披露意见",
    "LiftRecusal": "解除回避", "ServeDocument": "送达文书", "HoldCase": "依法保留", "LiftHold": "解除保留",
    "EraseRows": "删除个人信息", "KeepFiles": "保管期满销毁", "AnchorHeads": "锚定", "KeepTimestamp": "时间戳",
    "KeepStamp": "证据时间戳",
    "RotateKeys": "更换主密钥", "WrapAnew": "重新包裹密钥", "AddPartner": "登记伙伴", "ChangePartner": "更改伙伴",
    "AddPartnerKey": "增加伙伴密钥", "RevokePartnerKey": "吊销伙伴密钥", "CloseCircuit": "恢复投递",
    "AcceptInbound": "收到报文", "DecideInbound": "处理来文", "RecordDelivery": "投递结果",
    "ReplayDeadLetter": "重发死信", "HandOver": "线下转交", "EnterMessage": "手工录入报文", "Comment": "留言",
    "MergeCases": "并案", "SplitCase": "分案", "TransferCase": "移送", "DraftPaper": "起草文书",
    "WritePaper": "修改文书", "SubmitPaper": "文书送核",
    "ApprovePaper": "核准文书", "ReturnPaper": "退回文书", "WithdrawPaper": "撤回文书",
    "IssuePaper": "签发文书", "AddEvidence": "提交证据", "MarkOriginalSeen": "核对原件",
    "ConfirmAddress": "确认送达地址", "Dispatch": "发出送达", "RecordReceipt": "登记回证", "SignIn": "登录",
    "BearerToken": "令牌访问", "ViewFile": "查阅文件", "ViewCase": "查阅案件",
    "ViewMessage": "查阅来文", "ViewDeadline": "查阅期限", "ViewPapers": "查阅文书与送达", "ViewPaper": "查阅文书",
    "ViewHearings": "查阅开庭", "ExportBundle": "导出证据包",
    "ExportCases": "导出案件列表",
    "ExportTrail": "导出审计链", "VerifyTrail": "核验审计链", "Verify": "两引擎比对", "Backup": "备份",
    "Restore": "恢复备份", "RebuildSearch": "重建查找索引", "ReceiveWebhook": "收到来文",
}


def noted(code: str) -> str:
    """What a step wrote into the timeline, without its particulars; a code that has no words stays as it is."""
    words = HISTORY.get(code)
    return str(words).split("{", 1)[0].rstrip("：:，, “") if words is not None else code


def action(code: str) -> str:
    """What was done; a name that has no words yet stays as it is."""
    if english():
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code).capitalize()
    return _CHINESE.get(code, code)
