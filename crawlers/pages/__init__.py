"""Reading product pages: bytes in, products out. Pure: no network, no clock."""

from crawlers.pages.listings import listings_of
from crawlers.pages.products import PageProduct
from crawlers.pages.reading import PageReading, read_page

__all__ = ["PageProduct", "PageReading", "listings_of", "read_page"]
