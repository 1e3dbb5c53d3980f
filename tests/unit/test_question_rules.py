"""Which comments ask something."""

from __future__ import annotations

import pytest

from liveshelf.rooms.question_rules import is_question

ASKING = """多少钱
3号还有吗
1号发货吗
什么时候发货
有没有L码
能不能退
可不可以货到付款
这个怎么洗
咋买
几天到
请问包邮么
有红色的呢
纯棉的嘛
150斤穿啥码
是不是真丝
退货谁出运费
还有货没有
支持七天无理由?
支持七天无理由？
多久能到
哪里发货
how much is it
can I return it
is this silk?
Ｈｏｗ long does it take
有木有大码"""
TALK = """扣1
+1
A3 ×2
1号两件
好看
666
????
？？？
哈哈哈
主播好美
没什么好说的
不怎么样
几乎没货了
买了好几件
那么好看
已拍已付
this is nice.
I like it
love how it looks"""


@pytest.mark.parametrize("text", ASKING.splitlines())
def test_this_asks(text: str):
    assert is_question(text)


@pytest.mark.parametrize("text", TALK.splitlines())
def test_this_does_not(text: str):
    assert not is_question(text)
