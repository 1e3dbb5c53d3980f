"""What the demo shop 「阿清茶器」 sells and shows: plain data, in the words such a shop would use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from liveshelf.customers.types import AddressDraft

SHOP_NAME = "阿清茶器"


class Outcome(StrEnum):
    """How far the review of a demo goods went."""

    APPROVED = "approved"
    WAITING = "waiting"  # before a person
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Choice:
    """One SKU: its specs as (name, value) pairs, prices in fen, and what is in stock."""

    specs: tuple[tuple[str, str], ...]
    price_fen: int
    stock: int
    list_price_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Ware:
    """One product with its card. `look` names its pictures; `name` fits the card's 14 Chinese characters."""

    look: str
    title: str
    name: str
    description: str
    tags: tuple[str, ...]
    choices: tuple[Choice, ...]
    outcome: Outcome = Outcome.APPROVED
    over_api: bool = False  # made by software, so that software may operate it


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One room: when it starts, counted from the seeding, and which goods are on its shelf (the first one pushed)."""

    name: str
    anchor: str
    scene: str
    starts_in: timedelta
    lasts: timedelta
    shelf: tuple[str, ...]
    live: bool


def _one(price_fen: int, stock: int, list_price_fen: int | None = None) -> tuple[Choice, ...]:
    return (Choice((), price_fen, stock, list_price_fen),)


def _scarf() -> tuple[Choice, ...]:
    return tuple(
        Choice((("颜色", colour), ("尺寸", size)), price, stock)
        for colour, stock in (("朱红", 18), ("黛蓝", 24), ("绛紫", 9))
        for size, price in (("65 cm", 15_900), ("90 cm", 22_900))
    )


def _shirt() -> tuple[Choice, ...]:
    stocks = {"S": 8, "M": 21, "L": 16, "XL": 5}
    return tuple(
        Choice((("颜色", colour), ("尺码", size)), 25_900, stock, 32_900)
        for colour in ("本白", "雾蓝")
        for size, stock in stocks.items()
    )


WARES = (
    Ware(
        "celadon",
        "龙泉青瓷茶盏 手工拉坯单杯 150 ml",
        "龙泉青瓷茶盏",
        "龙泉师傅手工拉坯，粉青厚釉，经 1300 ℃ 还原烧成。\n口径 9.6 cm，高 5.4 cm，容量约 150 ml。\n"
        "每只釉色略有深浅，属正常现象。可用洗碗机，不可直火。",
        ("青瓷", "手工", "主人杯"),
        _one(9_950, 128, 12_800),
        over_api=True,
    ),
    Ware(
        "teapot",
        "德化白瓷茶壶 家用泡茶壶",
        "德化白瓷茶壶",
        "高白泥，胎薄透光，出水利落不滴漏。壶盖止口深，倒茶不落盖。\n三种容量：一人饮、三人饮、五人饮。",
        ("白瓷", "泡茶壶"),
        (
            Choice((("容量", "180 ml"),), 22_800, 32),
            Choice((("容量", "280 ml"),), 26_800, 46),
            Choice((("容量", "400 ml"),), 31_800, 17),
        ),
    ),
    Ware(
        "gaiwan",
        "青花弦纹三才盖碗 160 ml",
        "青花弦纹盖碗",
        "盖、碗、托三件一套。手绘青花双弦纹，碗沿外撇不烫手。\n容量约 160 ml，适合绿茶、乌龙。",
        ("盖碗", "青花"),
        _one(16_800, 60, 19_800),
    ),
    Ware(
        "cake",
        "勐海熟普洱茶饼 357 g 2019 年",
        "勐海熟普茶饼 357g",
        "2019 年勐海古树料，渥堆适度，干仓存放。汤色红浓，陈香带枣甜。\n净含量 357 g。保质期：在适宜条件下可长期保存。",
        ("普洱", "熟茶"),
        _one(29_800, 75),
        over_api=True,
    ),
    Ware(
        "vase",
        "天青釉梅瓶 茶席插花瓶 高 24 cm",
        "天青釉梅瓶",
        "小口、丰肩、收足，一枝即成景。通体天青釉，底足露胎。\n高 24 cm，口径 4 cm。花枝为拍摄道具，不含在内。",
        ("花器", "摆件"),
        _one(38_800, 3),
    ),
    Ware(
        "candle",
        "大豆蜡香薰蜡烛 粗陶杯 180 g",
        "大豆蜡香薰蜡烛",
        "大豆蜡与植物精油，棉芯少烟。粗陶杯烧完可作茶杯。\n净含量 180 g，约可燃 36 小时。请勿离人燃烧。",
        ("香薰", "送礼"),
        (Choice((("香型", "桂花"),), 7_900, 40), Choice((("香型", "白茶"),), 7_900, 38)),
    ),
    Ware(
        "honey",
        "秦岭百花蜜 玻璃瓶装 500 g",
        "秦岭百花蜜 500g",
        "秦岭山里的土蜂蜜，一年取一次，自然成熟。低温易结晶，不影响食用。\n净含量 500 g。一岁以下婴儿不宜食用。",
        ("蜂蜜", "茶点"),
        (Choice((("规格", "1 瓶"),), 6_800, 90), Choice((("规格", "2 瓶"),), 12_800, 45)),
    ),
    Ware(
        "basket",
        "手编竹篮 提梁茶篮 收纳篮",
        "手编提梁茶篮",
        "三年生毛竹，手工劈篾编织，提梁缠藤。可放一壶四杯。\n口径 26 cm，高（含提梁）32 cm。",
        ("竹编", "收纳"),
        _one(11_800, 26),
    ),
    Ware(
        "scarf",
        "桑蚕丝方巾 双面印花",
        "桑蚕丝方巾",
        "12 姆米素绉缎，100 % 桑蚕丝，手工卷边。\n三色两尺寸。建议干洗，或用冷水与丝毛洗涤剂手洗。",
        ("丝巾", "桑蚕丝"),
        _scarf(),
    ),
    Ware(
        "shirt",
        "亚麻立领茶服上衣 盘扣中式衬衫",
        "亚麻立领茶服",
        "100 % 亚麻，水洗做旧，立领盘扣，肩线放松。\n模特身高 168 cm，穿 M。首次请单独洗涤。",
        ("茶服", "亚麻"),
        _shirt(),
    ),
    Ware(
        "comb",
        "绿檀木梳 整木宽齿 18 cm",
        "绿檀整木宽齿梳",
        "整块绿檀木，手工打磨，齿端圆润。木色随使用由黄转绿。\n长 18 cm。请勿久泡水中。",
        ("木梳", "送礼"),
        _one(5_800, 64, 7_800),
    ),
    Ware(
        "notebook",
        "布面茶席手账 A5 空白内页",
        "布面茶席手账 A5",
        "布面硬壳，100 g 道林纸，192 页空白内页，可平摊。附松紧带。",
        ("手账", "文具"),
        (Choice((("颜色", "墨绿"),), 4_500, 120), Choice((("颜色", "砖红"),), 4_500, 110)),
        outcome=Outcome.WAITING,
    ),
    Ware(
        "box",
        "黑胡桃茶叶盒 实木铜扣",
        "黑胡桃木茶叶盒",
        "整板黑胡桃，榫卯拼接，黄铜搭扣，内衬可取出。\n22 × 15 × 9 cm。",
        ("木作", "茶叶罐"),
        _one(18_900, 22),
        outcome=Outcome.WITHDRAWN,
    ),
    Ware(
        "red_pot",
        "朱泥小品壶 120 ml 大师手制款",
        "大师手制朱泥小壶",
        "原矿朱泥，手工成型，容量约 120 ml。附证书。",
        ("紫砂", "收藏"),
        _one(128_000, 2),
        outcome=Outcome.REJECTED,
    ),
)

REJECTION = ("name_misleading", "「大师手制」需要提供作者的职称证明，否则请从名称中删去。")

BROADCASTS = (
    Broadcast(
        "阿清的秋茶专场",
        "阿清",
        "hills",
        timedelta(minutes=-5),
        timedelta(hours=23),
        ("celadon", "teapot", "gaiwan", "cake", "scarf", "shirt", "honey", "candle"),
        live=True,
    ),
    Broadcast(
        "夜茶与器物",
        "林溪",
        "moon",
        timedelta(hours=24),
        timedelta(hours=2),
        ("vase", "basket", "comb", "celadon", "honey"),
        live=False,
    ),
)

BUYERS = ("小林", "阿May", "茶小白", "老许")
# Where they live, in their order: streets and phones that nobody has.
ADDRESSES = (
    AddressDraft("林晓", "13800138000", "330106", "文三路 999 号 8 幢 1201 室"),
    AddressDraft("May Chen", "13800138000", "440305", "科技园路 999 号 3 栋 2B"),
    AddressDraft("白小茶", "13800138000", "310115", "张江路 9999 弄 6 号 502"),
    AddressDraft("许建国", "13800138000", "350502", "涂门街 999 号"),
)
# What the first of them has been thinking about for a while: looks of wares, which SKU, how many.
IN_CART = (("gaiwan", 0, 1), ("teapot", 0, 2))
COMMENTS = (
    (0, "晚上好，刚进来，3 号还有吗？"),
    (1, "上次买的茶盏很喜欢，釉色比照片还润"),
    (2, "新手喝熟普，用盖碗还是茶壶好？"),
    (3, "茶服 178 穿 L 还是 XL？"),
)
ANCHOR_COMMENT = "欢迎大家，现在讲的是 1 号青瓷茶盏，手工拉坯，直播间价 99.5。"


@dataclass(frozen=True, slots=True)
class Sale:
    """One order of a demo buyer: which SKUs of which goods, and what became of it."""

    buyer: int
    lines: tuple[tuple[str, int, int], ...]  # look, which of its choices, how many
    paid: bool = False
    cancelled: bool = False


SALES = (
    Sale(1, (("celadon", 0, 2), ("honey", 0, 1)), paid=True),
    Sale(2, (("gaiwan", 0, 1),), paid=True),
    Sale(3, (("shirt", 3, 1), ("cake", 0, 1)), paid=True),
    Sale(0, (("candle", 0, 1),), cancelled=True),
    Sale(0, (("scarf", 1, 1),)),
)

STAFF = (
    ("owner", "owner", "阿清"),
    ("admin", "admin", "老徐"),
    ("operator", "operator", "小周"),
    ("anchor", "anchor", "林溪"),
    ("goods", "goods", "小米"),
    ("content", "content", "文文"),
    ("service", "service", "阿芳"),
    ("analyst", "analyst", "小数"),
    ("legal", "legal", "方律师"),
    ("developer", "developer", "大许"),
    ("reviewer", "reviewer", "审核员小陈"),
    ("arbiter", "arbiter", "仲裁员老方"),
    ("steward", "steward", "平台主管小顾"),
)
