"""The drill (演练): a rush on the merchant's own machine, with everything going wrong, and a signed report.

**Promise**: it touches nothing but a folder of its own, which it throws away. It ends with a list of claims, each true
or not, and a report that can't be changed unnoticed; the same seed plays the same buyers and the same faults.

**Words**: buyer 买家, rush 抢购, claim 结论, fault 故障.
"""
