"""Screening: contexts, the worker that turns subjects into stored results, dead letters."""

from streams.screening.contexts import ContextSource, build_context
from streams.screening.index_files import IndexFiles
from streams.screening.refreshing import RefreshedContexts
from streams.screening.screener import Screener
from streams.screening.service import ScreeningService
from streams.screening.worker import ScreeningWorker, stop_on_signals

__all__ = [
    "ContextSource",
    "IndexFiles",
    "RefreshedContexts",
    "Screener",
    "ScreeningService",
    "ScreeningWorker",
    "build_context",
    "stop_on_signals",
]
