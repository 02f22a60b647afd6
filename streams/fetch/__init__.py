"""The one safe fetcher: what may be connected to, how much is read, how long it may take."""

from streams.fetch.fetcher import Fetched, SafeFetcher
from streams.fetch.settings import FetchSettings

__all__ = ["FetchSettings", "Fetched", "SafeFetcher"]
