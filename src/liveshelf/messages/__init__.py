"""What somebody has to hear of: notices inside the product, to buyers and to staff.

Promises: a notice is told once, however often its event is carried (its key is unique for its reader); it holds ids and
amounts and never personal data; each reader has their own, and reads only these; what is older than 90 days is gone; a
guest who becomes a member takes theirs along, and an erased buyer's are deleted. Whether somebody is told at all is one
table, `flows/notices.py`.
Words: notice 消息, reader 接收人, unread 未读, subject 关于.
"""
