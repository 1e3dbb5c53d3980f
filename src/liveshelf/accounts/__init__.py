"""People who run shops or review for the platform: accounts, sessions, roles.

Promises: a password is stored only as an Argon2id hash and a session only as the hash of its token; a permission is
checked where the thing is loaded, by `service.authorize`, which returns the typed `Operator` that handlers pass on.
Sessions follow wall time. Words: account 账号, role 角色, membership 成员, session 登录会话.
"""
