"""Liaison with platforms (平台联络): notices of rights holders, requests and advice of authorities, and the answers.

Pure: what a batch is, what it lacks, what leaves, what an answer may say, and which clock a statement starts. Keeping
is the business of `models.storage.liaison`.
"""

from models.liaison.answers import AnswerLine, AnswerPlan, LineFate, PlannedLine, plan
from models.liaison.batches import Batch, changed, checked_off, drafted, require_signed, sent, signed, withdrawn
from models.liaison.content import (
    MOST_ROWS,
    BatchContent,
    BatchRow,
    Caution,
    Document,
    NoticeMark,
    Party,
    Warrant,
)
from models.liaison.keeping import AnswerFile, BatchPage, LiaisonStore
from models.liaison.kinds import PREFIXES, RULES, SENDERS, LetterKind, kinds_of, require_sender
from models.liaison.letters import Letter, LetterRow, SentLetter, Signature, annex_of
from models.liaison.mappings import Column, PlatformMapping, Reason, mapping_of, mappings, read_mapping, usual_mapping
from models.liaison.preview import Checked, Doubt, Lack, Preview
from models.liaison.progress import (
    LiaisonAct,
    LiaisonEvent,
    Progress,
    RowAnswer,
    RowStanding,
    may_follow,
    progress_of,
)
from models.liaison.statements import (
    Delay,
    Reply,
    ReplyKind,
    Statement,
    StatementClock,
    StatementPhase,
    StatementStanding,
    statement_clock,
)
from models.liaison.states import ANSWERS, NEEDS_WORDS, ROW_TRANSITIONS, BatchState, RowState
from models.liaison.wording import declaration, usual_request

__all__ = [
    "ANSWERS",
    "MOST_ROWS",
    "NEEDS_WORDS",
    "PREFIXES",
    "ROW_TRANSITIONS",
    "RULES",
    "SENDERS",
    "AnswerFile",
    "AnswerLine",
    "AnswerPlan",
    "Batch",
    "BatchContent",
    "BatchPage",
    "BatchRow",
    "BatchState",
    "Caution",
    "Checked",
    "Column",
    "Delay",
    "Document",
    "Doubt",
    "Lack",
    "Letter",
    "LetterKind",
    "LetterRow",
    "LiaisonAct",
    "LiaisonEvent",
    "LiaisonStore",
    "LineFate",
    "NoticeMark",
    "Party",
    "PlannedLine",
    "PlatformMapping",
    "Preview",
    "Progress",
    "Reason",
    "Reply",
    "ReplyKind",
    "RowAnswer",
    "RowStanding",
    "RowState",
    "SentLetter",
    "Signature",
    "Statement",
    "StatementClock",
    "StatementPhase",
    "StatementStanding",
    "Warrant",
    "annex_of",
    "changed",
    "checked_off",
    "declaration", "drafted",
    "kinds_of",
    "mapping_of",
    "mappings",
    "may_follow",
    "plan",
    "progress_of",
    "read_mapping",
    "require_sender",
    "require_signed",
    "sent",
    "signed",
    "statement_clock",
    "usual_mapping", "usual_request",
    "withdrawn",
]  # fmt: skip
