"""The demo's three case leads, from lead to documents: one handed over, one filed, one withdrawn.

Owns who does what in the tale. Every step goes through the store and the exports that officers use.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from jianzhen.commands.case_lead import Format, suffix, write_export
from jianzhen.engine import Engine
from models.audit import Act, AuditEntry
from models.case_leads import (
    Amendment,
    Answer,
    CaseAct,
    CaseLead,
    CaseOperator,
    CaseStanding,
    EstimateLine,
    Move,
)
from models.leads import Disposition, Lead
from models.moments import now
from models.subjects import Listing
from review_api.exports.documents import missing_for_pdf

OFFICER, SECOND = "demo", "demo-2"
SHOP = "好物折扣仓"
AUTHORITY, PLATFORM = "示例市市场监督管理局", "小集市平台"


@dataclass(frozen=True)
class Told:
    """One case lead at the end of its tale, with the files made of it and whom a withdrawal has to reach."""

    standing: CaseStanding
    files: tuple[Path, ...]
    receivers: tuple[str, ...] = ()


class CaseDesk:
    """The demo's officer at work on one organisation's leads; files go into `folder`."""

    def __init__(self, engine: Engine, organisation_id: str, folder: Path) -> None:
        self._engine = engine
        self._cases = engine.store.case_leads
        self._organisation_id = organisation_id
        self._folder = folder

    def play(self, leads: Iterable[Lead]) -> Iterator[Told]:
        """The three tales, told as they happen."""
        leads = [lead for lead in leads if _is_offered_by(lead, SHOP) and lead.disposition is Disposition.OPEN]
        yield self.hand_over(_on(leads, "KESTRELLO"))
        yield self.file(_on(leads, "云朵鹿"))
        yield self.withdraw(_on(leads, "松果匠"))

    def hand_over(self, leads: list[Lead]) -> Told:
        """Verified by two officers, what speaks against answered, handed over with its letter."""
        case_lead = self._register(leads, source="monitoring", note="同一店铺多件商品，请核查发货地与进货来源。")
        number = case_lead.case_number
        self._move(number, CaseAct.VERIFY)
        self._amend(
            case_lead,
            reason="二人核查，补充主体与销量说明",
            reasoning="标题以变形字符书写注册商标文字，商品为同一种商品；有商品使用权利人官方图片，价格明显低于参照价。",
            operator=CaseOperator(name="（虚构）好物折扣仓经营者", basis="平台公示的经营者信息与各商品页面一致"),
            estimate=(
                EstimateLine(
                    lead_id=case_lead.dossier.leads[0].lead_id,
                    currency="CNY",
                    low=Decimal("7980"),
                    middle=Decimal("12450"),
                    high=Decimal("40250"),
                    words="按平台提供的近 90 日订单数（虚构数据）：低值剔除疑似刷单，高值按参照商品价格",
                ),
            ),
        )
        self._move(number, CaseAct.HAND_OVER, receiver=AUTHORITY)
        kinds = [Format.JSON, Format.XLSX, Format.CSV, Format.REGISTRATION_DOCX, Format.TRANSFER_DOCX]
        if not missing_for_pdf():
            kinds += [Format.REGISTRATION_PDF, Format.TRANSFER_PDF]
        return self._told(number, [self._export(number, kind, AUTHORITY) for kind in kinds])

    def file(self, leads: list[Lead]) -> Told:
        """A rights holder's lead that was filed as a case."""
        case_lead = self._register(leads, source="rights-holder", note="权利人来函，附辨认意见。")
        self._move(case_lead.case_number, CaseAct.VERIFY)
        self._amend(case_lead, reason="二人核查", reasoning="经权利人辨认，商品非其生产或者许可生产。")
        self._move(case_lead.case_number, CaseAct.FILE, reason="核查属实，予以立案（虚构）")
        return self._told(case_lead.case_number, [self._export(case_lead.case_number, Format.REGISTRATION_DOCX, "")])

    def withdraw(self, leads: list[Lead]) -> Told:
        """A report that did not hold: it had gone to the platform already, so the platform has to be told."""
        case_lead = self._register(leads, source="report", note="举报单（虚构）2026-031。")
        number = case_lead.case_number
        self._move(number, CaseAct.VERIFY)
        self._amend(
            case_lead, reason="二人核查", reasoning="举报人称非正品，标题文字与注册商标近似或相同，待权利人辨认。"
        )
        file = self._export(number, Format.TRANSFER_DOCX, PLATFORM)
        self._move(number, CaseAct.WITHDRAW, reason="权利人辨认为正品，系授权渠道尾货（虚构）")
        receivers = self._cases.events(self._organisation_id, number)[0].receivers
        return Told(self._cases.standing(self._organisation_id, number), (file,), receivers)

    def _told(self, number: str, files: list[Path]) -> Told:
        return Told(self._cases.standing(self._organisation_id, number), tuple(files))

    def _register(self, leads: list[Lead], *, source: str, note: str) -> CaseLead:
        revisions = {lead.lead_id: lead.revision for lead in leads}
        made = self._cases.register(self._organisation_id, revisions, by=OFFICER, at=now(), note=note, source=source)
        self._note(Act.REGISTERED, made.case_number)
        return made

    def _move(self, number: str, act: CaseAct, *, reason: str = "", receiver: str = "") -> None:
        revision = self._cases.standing(self._organisation_id, number).revision
        move = Move(act=act, reason=reason, receiver=receiver)
        self._cases.move(self._organisation_id, number, move, revision=revision, by=OFFICER, at=now())
        self._note(Act.CASE_MOVED, number)

    def _note(self, act: Act, number: str) -> None:
        """The trail tells of the demo's acts as of those in the console."""
        self._engine.store.audit.append(
            AuditEntry(organisation_id=self._organisation_id, at=now(), actor=OFFICER, act=act, about=number)
        )

    def _amend(
        self,
        case_lead: CaseLead,
        *,
        reason: str,
        reasoning: str,
        operator: CaseOperator | None = None,
        estimate: tuple[EstimateLine, ...] = (),
    ) -> None:
        """Name the second officer, give the reasoning, and answer everything that speaks against."""
        answers = tuple(
            Answer(finding_id=each.finding.finding_id, words="已核对页面与权利库，该因素不成立（虚构的核查意见）。")
            for each in case_lead.dossier.counters
        )
        amendment = Amendment(
            reason=reason,
            second_officer=SECOND,
            reasoning=reasoning,
            answers=answers,
            operator=operator,
            estimate=estimate,
        )
        number = case_lead.case_number
        revision = self._cases.standing(self._organisation_id, number).revision
        self._cases.amend(self._organisation_id, number, amendment, revision=revision, by=OFFICER, at=now())
        self._note(Act.CASE_CHANGED, number)

    def _export(self, number: str, kind: Format, receiver: str) -> Path:
        stem = "case-lead" if kind in {Format.JSON, Format.XLSX} else kind.rpartition("-")[0] or "annex"
        path = self._folder / f"{stem}-{number}.{suffix(kind)}"
        write_export(
            self._engine, number, kind, path, organisation_id=self._organisation_id, by=OFFICER, receiver=receiver
        )
        return path


def _is_offered_by(lead: Lead, shop: str) -> bool:
    subject = lead.screening.subject
    return isinstance(subject, Listing) and subject.seller.name == shop


def _on(leads: Iterable[Lead], mark: str) -> list[Lead]:
    """The leads in which the trademark detector names this mark."""
    return [lead for lead in leads if any(mark in text for text in _named(lead))]


def _named(lead: Lead) -> Iterator[str]:
    return (each.reference_value for each in lead.screening.findings if each.detector == "trademark")
