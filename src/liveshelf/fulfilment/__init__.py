"""How what was bought gets to the buyer: parcels and their carriers, and codes that need neither.

Promises: no more pieces leave than were bought; a parcel's number can be corrected until it is handed over and not
after; a number is checked against its carrier's pattern where there is one; a redeem code is given to one order, once.
Words: parcel 包裹, carrier 快递公司, tracking number 运单号, packed 已打包, handed over 已交接, redeem code 兑换码.
"""
