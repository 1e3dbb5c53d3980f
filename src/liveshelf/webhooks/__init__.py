"""What happened, told to the shop's own server: WeChat's message push (消息推送).

Promises: what is to be told is kept before it is sent, so a receiver that is down loses nothing; each run sends once,
tries three times at once with five seconds each, then the backup address, then again after growing pauses for a day; a
message told twice has the same time, sender and number; only addresses outside our network are called, unless the
operator allows one; token and key are sealed at rest and shown to nobody; what was told is kept for seven days with
every try's outcome, and can be sent again by hand.
Words: endpoint 接收地址, delivery 推送记录, try 尝试, backup 备用地址, mode 加解密方式 (plain 明文, compatible 兼容,
safe 安全), token 令牌, EncodingAESKey 消息加解密密钥.
"""
