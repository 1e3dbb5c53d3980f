"""What papers are called, and which of them a goods needs: tables that the docs and the pages are made from.

Sources: the guides' tables of goods types (L-204 to L-206) and of subjects (S-109 to S-111), and for the special
papers of categories the Chinese law that asks for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from liveshelf.qualifications.types import Category, GoodsKind, PaperKind, Subject, Window

P = PaperKind


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """What a kind of paper is called. One that `expires` is asked until when it is valid."""

    kind: PaperKind
    zh: str
    en: str
    expires: bool = True


CATALOGUE: Mapping[PaperKind, PaperSpec] = MappingProxyType(
    {
        one.kind: one
        for one in (
            PaperSpec(P.IDENTITY_CARD, "身份证", "Identity card"),
            PaperSpec(P.BANK_CARD, "银行卡", "Bank card", expires=False),
            PaperSpec(P.BUSINESS_LICENCE, "营业执照", "Business licence"),
            PaperSpec(P.CORPORATE_ACCOUNT, "对公账户证明", "Proof of the corporate account", expires=False),
            PaperSpec(P.ACCOUNT_PERMIT, "开户许可证", "Account opening permit", expires=False),
            PaperSpec(P.BRAND_AUTHORISATION, "品牌授权书", "Brand authorisation"),
            PaperSpec(P.CUSTOMS_FILING, "海关备案", "Customs filing"),
            PaperSpec(P.CIQ_CERTIFICATE, "CIQ 认证", "CIQ certificate"),
            PaperSpec(P.ICP_LICENCE, "ICP 许可证", "ICP licence"),
            PaperSpec(P.SERVICE_AGREEMENT, "服务协议", "Service agreement", expires=False),
            PaperSpec(P.ANIMAL_QUARANTINE, "动物检疫合格证明", "Animal quarantine certificate"),
            PaperSpec(P.CCC_CERTIFICATE, "CCC 认证证书", "CCC certificate"),
            PaperSpec(P.COSMETICS_FILING, "化妆品注册或备案凭证", "Cosmetics registration or filing"),
            PaperSpec(P.DEVICE_FILING, "医疗器械经营备案凭证", "Medical device trade filing"),
            PaperSpec(P.DEVICE_LICENCE, "医疗器械经营许可证", "Medical device trade licence"),
            PaperSpec(P.DISINFECTANT_LICENCE, "消毒产品卫生许可证", "Disinfectant hygiene licence"),
            PaperSpec(P.FEED_LICENCE, "饲料生产许可证", "Feed licence"),
            PaperSpec(P.FERTILISER_REGISTRATION, "肥料登记证", "Fertiliser registration"),
            PaperSpec(P.FOOD_LICENCE, "食品经营许可证", "Food trade licence"),
            PaperSpec(P.FORMULA_REGISTRATION, "婴幼儿配方注册证书", "Infant formula registration"),
            PaperSpec(P.GAME_APPROVAL, "游戏版号批复", "Game approval"),
            PaperSpec(P.HEALTH_FOOD_REGISTRATION, "保健食品注册或备案凭证", "Health food registration or filing"),
            PaperSpec(P.JEWELLERY_CERTIFICATE, "珠宝鉴定证书", "Jewellery certificate", expires=False),
            PaperSpec(P.LIQUOR_LICENCE, "酒类经营许可或备案", "Liquor trade licence or filing"),
            PaperSpec(P.MEDICAL_PRACTICE_LICENCE, "医疗机构执业许可证", "Medical practice licence"),
            PaperSpec(P.NETWORK_LICENCE, "电信设备进网许可证", "Network access licence"),
            PaperSpec(P.PESTICIDE_LICENCE, "农药经营许可证", "Pesticide trade licence"),
            PaperSpec(P.PUBLICATION_LICENCE, "出版物经营许可证", "Publication trade licence"),
            PaperSpec(P.SEED_LICENCE, "农作物种子经营备案", "Seed trade filing"),
            PaperSpec(P.TRAVEL_LICENCE, "旅行社业务经营许可证", "Travel agency licence"),
            PaperSpec(P.VETERINARY_LICENCE, "兽药经营许可证", "Veterinary medicine licence"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class KindRule:
    """What every goods of a kind needs, and how long its audit takes."""

    papers: tuple[PaperKind, ...]
    window: Window


KINDS: Mapping[GoodsKind, KindRule] = MappingProxyType(
    {
        GoodsKind.ORDINARY: KindRule((P.BUSINESS_LICENCE, P.BRAND_AUTHORISATION), Window(1, 3)),
        GoodsKind.CROSS_BORDER: KindRule((P.CUSTOMS_FILING, P.CIQ_CERTIFICATE), Window(3, 5)),
        GoodsKind.VIRTUAL: KindRule((P.ICP_LICENCE, P.SERVICE_AGREEMENT), Window(2, 4)),
    }
)

# Persons who sell in small amounts need not register (E-commerce Law, article 10), so they have no licence to show.
STANDS_IN: Mapping[tuple[Subject, PaperKind], PaperKind] = MappingProxyType(
    {(Subject.PERSON, P.BUSINESS_LICENCE): P.IDENTITY_CARD}
)


def needed(kind: GoodsKind, category: Category | None, subject: Subject | None = None) -> tuple[PaperKind, ...]:
    """The papers that goods of a kind and category need in a shop of a subject, each once."""
    asked = (*KINDS[kind].papers, *(() if category is None else category.papers))
    if subject is not None:
        asked = tuple(STANDS_IN.get((subject, one), one) for one in asked)
    return tuple(dict.fromkeys(asked))
