"""People who run shops or review for the platform: accounts, sessions, roles, invitations, the second factor.

Promises: a password is stored only as an Argon2id hash, a session, an invitation and a link only as the hash of their
token, a second factor's secret only sealed; a code opens once. A permission is checked where the thing is loaded, by
`service.authorize`, which returns the typed `Operator` that handlers pass on. Whoever leaves a shop loses it at once,
with every session and stream that is open. A shop never loses its last owner. Sessions, invitations and links follow
wall time.
Words: account 账号, role 角色, member 成员, invitation 邀请, session 登录会话, second factor 两步验证, recovery code
恢复码, preview 角色预览.
"""
