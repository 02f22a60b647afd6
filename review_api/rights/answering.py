"""Answering: a holder's first opinion on what was referred to it, and a unit's word on what became of it."""

from uuid import uuid4

from models.errors import InputError, NotFoundError
from models.referrals import Referral
from models.verification import Feedback, Opinion, ReferralAnswer
from review_api.access.referring import received_one
from review_api.desk import Desk
from review_api.sessions import Visitor


def give_opinion(
    at_desk: Desk, caller: Visitor, referral_id: str, opinion: Opinion, *, words: str, person: str
) -> ReferralAnswer:
    """The holder's opinion, or its agent's in its name. Raises `NotFoundError`, and `InputError` without a reason or
    a person."""
    referral = received_one(at_desk, caller, referral_id)
    for field, said, told in (
        ("words", words, "请写明理由 / give the reason"),
        ("person", person, "请写明作出意见的人员 / name the person whose opinion it is"),
    ):
        if not said.strip():
            raise InputError(told, where=field, mend="补充后再提交 / fill it in and send it again")
    answer = _answer(at_desk, caller, referral, words).model_copy(update={"opinion": opinion, "person": person.strip()})
    return _kept(at_desk, answer)


def give_feedback(
    at_desk: Desk, caller: Visitor, lead_id: str, referral_id: str, feedback: Feedback, *, words: str
) -> ReferralAnswer:
    """What the unit tells the holder of a referral of this lead. Raises `NotFoundError`."""
    referral = next(
        (
            each
            for each in at_desk.store.referrals.of_lead(caller.organisation_id, lead_id)
            if each.referral_id == referral_id
        ),
        None,
    )
    if referral is None:
        raise NotFoundError("没有这次转办 / no such referral of this lead", where=referral_id)
    answer = _answer(at_desk, caller, referral, words).model_copy(update={"feedback": feedback})
    return _kept(at_desk, answer)


def answers_on(at_desk: Desk, referrals: tuple[Referral, ...]) -> dict[str, tuple[ReferralAnswer, ...]]:
    """By referral, newest first."""
    return at_desk.store.verification.answers(tuple(each.referral_id for each in referrals)) if referrals else {}


def newest_opinion(answers: tuple[ReferralAnswer, ...]) -> ReferralAnswer | None:
    return next((each for each in answers if each.opinion is not None), None)


def newest_feedback(answers: tuple[ReferralAnswer, ...]) -> ReferralAnswer | None:
    return next((each for each in answers if each.feedback is not None), None)


def _answer(at_desk: Desk, caller: Visitor, referral: Referral, words: str) -> ReferralAnswer:
    """Without its opinion or feedback yet, hence not validated as a whole."""
    return ReferralAnswer.model_construct(
        organisation_id=caller.organisation_id,
        answer_id=uuid4().hex,
        referral_id=referral.referral_id,
        unit_id=referral.organisation_id,
        holder_id=referral.holder_id,
        opinion=None,
        feedback=None,
        words=words.strip(),
        person="",
        by=caller.account.name,
        at=at_desk.clock(),
    )


def _kept(at_desk: Desk, answer: ReferralAnswer) -> ReferralAnswer:
    whole = ReferralAnswer.model_validate(answer.model_dump())
    at_desk.store.verification.answer(whole)
    return whole
