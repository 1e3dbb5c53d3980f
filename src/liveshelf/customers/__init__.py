"""Buyers of one shop: guests, members, their sessions and login codes.

Promises: a customer belongs to one shop and has one `openid` there; a guest's orders and comments move to the member
on sign-in; a phone number is stored encrypted, found by a keyed hash, and shown masked; erasing a customer removes
name and phone and keeps the orders. A login code is minted only for a signed-in buyer, works once, for 5 minutes of
wall time. Words: customer 顾客, guest 游客, member 会员, login code (js_code).
"""
