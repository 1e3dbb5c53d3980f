"""An enterprise's WeCom 企业微信: the list of its employees, behind one port.

Promises, kept by one contract suite: the list is whole or it is an error, never a part of it; whoever is disabled, has
not joined or has left is not on it; a secret shows in no message. What was tried against WeCom's own servers: nothing
so far; the simulator beside it speaks its documented protocol.
"""
