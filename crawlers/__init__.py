"""Crawlers: pages and feeds become listings. Nothing of Scrapy is imported here: each crawl runs in its own process."""

from crawlers.crawl import crawl
from crawlers.report import Capture, CrawlReport, Failure
from crawlers.settings import CrawlSettings
from crawlers.sources import Source, SourceKind, read_source

__all__ = ["Capture", "CrawlReport", "CrawlSettings", "Failure", "Source", "SourceKind", "crawl", "read_source"]
