"""Review of what is to become public, and of who may sell: one queue for every kind of thing.

Promises: nothing is public before two independent passes, of the machine and a person or, where the machine can't
look, of two persons; nobody judges their own case, a shop they belong to, or the same case twice; two reviewers never
work on one case without knowing; a case is decided once, and once more if it is appealed in time, by others; every
verdict keeps who, when and why; a case has a limit in working days. In development mode the machine's pass alone
approves; such verdicts are marked, and void once the mode is off.
Words: review 审核, case 审核单 (auditId), kind 审核类型, subject 审核对象, stage 阶段, verdict 审核结论,
reason 驳回原因, take 领取, hand over 移交, appeal 申诉.
"""
