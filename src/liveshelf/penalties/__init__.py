"""What follows when a shop breaks the rules: three levels, each with its consequence and its end.

Promises: a penalty names its evidence (when, what was said or shown, which rule, who decided) and can be appealed once
in time, before somebody else; a severe one forbids live commerce until it is reversed by authority, a general one
limits traffic for seven days and ends by itself, a minor one is a warning to be acknowledged; how repetition raises the
level is data; everything is in the trail.
Words: penalty 处罚, violation 违规, level 违规等级 (severe 严重, general 一般, minor 轻微), ban 封禁直播权限,
limit 限流, warning 警告, reversal 撤销处罚, evidence 证据, standing 处罚状态.
"""
