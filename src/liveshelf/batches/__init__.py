"""Files of rows that are worked through one by one, and files that are made: long work that nobody has to sit beside.

Promises: every row has a result of its own; a row is done at most once, however often the work starts again; a
rehearsal uses the same rules and changes nothing; rows rest sealed and are gone after 30 days. Words: batch
批量任务, row 行, rehearsal 试运行, failed rows 失败行, export 导出.
"""
