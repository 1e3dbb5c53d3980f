"""The provider's bills beside our books, day by day.

Promises: every day on which money may have moved is compared once its bill is out; what only one side knows, and what
the sides tell differently, becomes a difference that stays until it is explained or solves itself; fees are booked from
the bill. Words: bill 账单, reconciliation 对账, difference 差异, fee 手续费.
"""
