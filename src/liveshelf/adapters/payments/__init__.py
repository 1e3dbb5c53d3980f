"""Systems that move money: one port, the providers behind it, and the simulator that stands in for them.

Promises of every provider, kept by one contract suite: a notice is believed only with a true and fresh signature,
asking for the same thing twice has the effect of one, and what was paid can always be asked for again.
"""
