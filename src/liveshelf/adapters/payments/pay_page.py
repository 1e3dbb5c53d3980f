"""The simulated provider's pay page: HTML without scripts, for a phone, in Chinese or English."""

from __future__ import annotations

from html import escape
from string import Template

from liveshelf.adapters.payments.port import ProviderState
from liveshelf.adapters.payments.simulator import PayPage
from liveshelf.kernel.fen import yuan_text

_TEXTS = {
    "zh": {
        "title": "模拟支付",
        "banner": "模拟支付 Simulated payment：不会扣款，仅供试用",
        "pay": "确认支付",
        "late": "拖到过期后才支付",
        "back": "暂不支付",
        "to_order": "返回订单",
        "paid": "已支付",
        "closed": "订单已关闭，不能再支付",
        "refunded": "已退款",
    },
    "en": {
        "title": "Simulated payment",
        "banner": "模拟支付 Simulated payment: no money moves, for trying out only",
        "pay": "Pay",
        "late": "Pay although it is too late",
        "back": "Not now",
        "to_order": "Back to the order",
        "paid": "Paid",
        "closed": "The order is closed and can no longer be paid",
        "refunded": "Refunded",
    },
}

_PAGE = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1d1d1f; --soft: #6b6b70; --ground: #f4f4f6; --sheet: #fff; --go: #0a6b3d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f4; --soft: #a5a5ab; --ground: #111113; --sheet: #1c1c1f; --go: #17834f; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans SC", sans-serif;
  color: var(--ink); background: var(--ground); }
.banner { margin: 0; padding: 12px 16px; text-align: center; color: #3d2c00; background: #ffd666; }
main { max-width: 420px; margin: 8vh auto 0; padding: 0 16px; }
section { padding: 32px 24px; border-radius: 16px; background: var(--sheet); text-align: center; }
h1 { margin: 0; font-size: 16px; font-weight: 500; color: var(--soft); overflow-wrap: anywhere; }
.amount { margin: 12px 0 32px; font-size: 44px; font-weight: 650; font-variant-numeric: tabular-nums; }
.amount small { font-size: 24px; margin-right: 4px; }
button, a { display: block; width: 100%; padding: 14px; border: 0; border-radius: 12px; font: inherit; font-weight: 600;
  text-decoration: none; cursor: pointer; }
button { color: #fff; background: var(--go); }
button.late { color: var(--ink); background: transparent; border: 1px solid var(--soft); }
a { margin-top: 12px; color: var(--ink); background: transparent; }
:is(button, a):focus-visible { outline: 3px solid #4c8bf5; outline-offset: 2px; }
</style>
</head>
<body>
<p class="banner" role="note">$banner</p>
<main>
<section aria-label="$title">
<h1>$description</h1>
<p class="amount"><small>¥</small>$amount</p>
$action
</section>
</main>
</body>
</html>
""")


def language(asked: str | None, accept_language: str) -> str:
    """`zh` or `en`: what the address asks for, else what the browser likes best of the two, else Chinese."""
    if asked in _TEXTS:
        return asked
    wishes = [wish.replace(" ", "").partition(";q=") for wish in accept_language.lower().split(",")]
    liked = [(_weight(weight), name.partition("-")[0]) for name, _, weight in wishes]
    # Of wishes that weigh the same, the first counts.
    best = max((one for one in liked if one[0] > 0 and one[1] in _TEXTS), key=lambda one: one[0], default=(0.0, "zh"))
    return best[1]


def render(page: PayPage, *, return_url: str, lang: str) -> str:
    """The whole page. Every value is escaped.

    What is closed can still be paid here, as a bank's slow answer may do: that is how late money is tried out.
    """
    texts = _TEXTS[lang]
    back = escape(return_url, quote=True)
    if page.open:
        action = (
            f'<form method="post"><button type="submit" data-testid="sim-pay">{texts["pay"]}</button></form>'
            f'<a href="{back}" data-testid="sim-cancel">{texts["back"]}</a>'
        )
    else:
        state = page.state if page.state in {ProviderState.PAID, ProviderState.REFUNDED} else ProviderState.CLOSED
        late = (
            ""
            if state is not ProviderState.CLOSED
            else '<form method="post"><button class="late" type="submit" name="late" value="1" data-testid="sim-late">'
            f"{texts['late']}</button></form>"
        )
        action = (
            f'<p role="status">{texts[state]}</p>{late}<a href="{back}" data-testid="sim-back">{texts["to_order"]}</a>'
        )
    return _PAGE.substitute(
        lang="zh-CN" if lang == "zh" else "en",
        title=texts["title"],
        banner=texts["banner"],
        description=escape(page.description),
        amount=_amount(page.amount_fen),
        action=action,
    )


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def _amount(fen: int) -> str:
    return yuan_text(fen) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"
