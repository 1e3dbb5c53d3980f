"""Tenants: the shop, its policy, the credentials of its software, wire tokens, quotas, the fault desk and the call log.

Promises: a secret is shown once and stored as a hash; a wire token is derived, never stored; a quota is never
exceeded, whatever runs in parallel, and resets at China's midnight; the call log holds no secret. Faults belong to
one credential and are bounded.
Words: shop 店铺, credential 开发者凭证 (appid + secret), access token (access_token), quota 配额, fault 故障,
call 调用,
policy 经营政策, own house 自营, marketplace 平台, waiver 豁免.
"""
