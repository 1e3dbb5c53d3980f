"""The moving picture of a room: who may send it, whether it is there, and what of it is kept.

Promises: a picture is taken only with the room's signed key, before the key's end, from one sender at a time, and only
while the room may still be on air; a stream that breaks off and comes back goes on in the same recording; the newest
picture is never shown earlier than the room's delay says; what is kept is kept until its time is over, and a full disk
stops the recording, never an order.
Words: picture 画面, push key 推流密钥 (txSecret, txTime), push address 推流地址 (pushAddr), sender 推流端, run
一次推流, segment 切片, delay 延迟播出, recording 录像, replay 回放, explanation clip 讲解片段, mark 讲解标记.
"""
