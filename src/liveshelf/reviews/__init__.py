"""Review of what is to become public: a machine stage, then a person.

Promises: nothing is public before two independent passes; a case is decided once; every verdict keeps who, when and
why. In development mode the machine's pass alone approves; such verdicts are marked, and void once the mode is off.
Words: review 审核, case 审核单 (auditId), stage 阶段, verdict 审核结论, reason 驳回原因.
"""
