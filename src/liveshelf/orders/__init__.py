"""What a buyer has bought: the order, its lines, its life and its timeline.

Promises: the price of every line is fixed when the order is placed; an order moves only along `types.ORDER`, and
every move leaves a row with who and why; an unpaid order closes when its time is up and gives its stock back; one that
was paid closes only with its money owed back. WeChat's numbers are a projection. Words: order 订单, line 商品行, to pay
待付款, to ship 待发货, partly shipped 部分发货, to receive 待收货, done 已完成, closed 已关闭.
"""
