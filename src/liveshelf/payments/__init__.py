"""Money in and back: one payment an order attempt, callbacks, refunds.

Promises: a callback is stored verbatim, verified, deduplicated, answered, then processed; states go forward only; no
payment is lost: one that comes after its order closed is honoured if stock allows, else refunded. No more goes back
than was paid, and what is owed is sent within 10 minutes. Providers stand behind one port; the simulator speaks it
too. Words: payment 支付, provider 支付渠道, callback 支付通知, refund 退款.
"""
