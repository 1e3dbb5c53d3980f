"""What happens when a buyer wants money back, wants to give goods back, or wants others for them.

Promises: what a line gives back over all its cases never exceeds what was paid for it, also under a hundred
applications at once; a case moves only along `types.CASE`, and every move leaves a row with who and why; whoever must
act next has a clock, and a missed one is on record; a case is reviewed by the flow that was in force when it began;
both sides read the same log. Money goes back through `payments.refunds` alone.
Words: case 售后单, refund only 仅退款, return 退货退款, exchange 换货, reason 退款原因, responsibility 责任,
flow 审核流程, band 金额档, offer 协商方案, promise 承诺时间, arbitration 平台介入,
inspection 验货, replacement 换货补发.
"""
