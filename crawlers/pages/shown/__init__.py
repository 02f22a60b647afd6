"""What a page shows outside JSON-LD and microdata: meta names, labels, price elements, stock notices, buttons.

The rules are general habits of web shops' markup, kept as tables of words (`words`); no rule knows a site.
Structured data (`crawlers.pages.products`) always goes first.
"""

from crawlers.pages.shown.elements import Page
from crawlers.pages.shown.product import canonical_url, headings, shown_product
from crawlers.pages.shown.shelf import shelf_products

__all__ = ["Page", "canonical_url", "headings", "shelf_products", "shown_product"]
