"""What the platform tells everybody who works in shops: notices, and rule packs with their versions and dates.

Promises: a published announcement is never changed; a rule pack's next version has the next number and the day from
which it binds, so it can be said which version bound on which day; what must be acknowledged is, by each person, once,
and it is on record who did when.
Words: announcement 公告, rule pack 规则包, version 版本, effective date 生效日期, acknowledge 确认已读.
"""
