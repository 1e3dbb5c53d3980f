"""What is sold: products with their SKUs, and the live goods library with its cards.

A *product* 商品 has a title, up to 15 pictures, tags and a matrix of SKUs. A *live goods* 直播商品 (goodsId) is a
product's card in the live goods library 直播商品库: its own short name, a cover of at most 300 × 300, a price tag
of one of three types, a page path, an audit state. Both doors, console and wire, work on the one library; goods made
over the API are operated over the API, and goods made in the console are refused to it (300011).

Promises: audit state moves only along `types.AUDIT`; every move leaves a history row; each change of the library
gives it a new version in the same transaction; a deleted goodsId is never used again.
"""
