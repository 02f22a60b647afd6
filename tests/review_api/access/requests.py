"""What each operation is sent: which thing each name in a path stands for, and a body for every write."""

import re
from collections.abc import Mapping
from typing import Any

# What each path's name stands for among an organisation's things.
NAMES = {
    "lead_id": "lead",
    "case_number": "case",
    "mark_id": "mark",
    "content_sha256": "sha",
    "account_id": "account",
    "key_id": "key",
    "referral_id": "referral",
    "number": "export",
    "act_id": "bulk",
    "view_id": "view",
    "campaign_id": "campaign",
    "party_key": "party",
    "batch_id": "batch",
    "letter_id": "letter",
    "document": "document",
    "sha256": "answers",
    "kind": "file",
    "own_mark": "right",
    "right_sha256": "right_sha",
    "upload_id": "upload",
    "template_name": "template",
    "record_sha256": "record_sha",
    "dead_letter": "dead_letter",
}


MISSING = {
    "lead": "0" * 32, "twin": "f" * 32, "case": "1999-00001", "mark": "NO-SUCH", "sha": "0" * 64,
    "account": "no-account", "key": "0" * 32, "referral": "0" * 32,
    "export": "999", "bulk": "0" * 32, "view": "0" * 32, "campaign": "0" * 32, "party": "0" * 32, "spare": "e" * 32,
    "batch": "TZ19990101-ZZZZZZZZ", "letter": "TZ19990101-ZZZZZZZZ", "document": "0" * 64,
    "answers": "0" * 64, "statement": "0" * 32, "file": "csv",
    "right": "NO-SUCH", "right_sha": "0" * 64, "upload": "0" * 32, "template": "none.xlsx",
    "dead_letter": "jianzhen.listings:0:999999",
    "record_sha": "0" * 64, "address": "none", "given": "0" * 32, "own_goods": "none", "own_seller": "none",
}  # fmt: skip


# A file of answers that fits no letter, so that looking at it is refused in words.
ANSWERS = "批次号,商品ID,处理结果\r\n无,无,已签收\r\n".encode()


DECISION: dict[str, Any] = {"disposition": "dismissed", "reason_code": "duplicate", "revision": 0}


FORM: dict[str, Any] = {"disposition": "dismissed", "reason_code": "duplicate", "revision": "0"}


STATEMENT = {"by_whom": "店主", "given_on": "2026-03-02", "form": "oral", "words": "系正品转售。"}


CAMPAIGN = {"name": "春茶行动", "starts_on": "2026-03-01", "ends_on": "2026-04-01"}


SHA = {"sha256": "0" * 64}
CHECK: dict[str, Any] = {"compared": ["certificate", "status"], "source": "注册证", "result": "agrees"}
PICTURE: dict[str, Any] = {"files": {"picture": ("a.png", b"no picture", "image/png")}}
ANY_STATE = {"If-Match": "*"}
# What is sent with a change; names in braces are the things of whoever it is about.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/session": {"json": {"name": "nobody", "password": "wrong password"}},
    "POST /api/v1/leads/{lead_id}/decisions": {"json": DECISION},
    "POST /api/v1/leads/{lead_id}/group/split": {"json": {}},
    "POST /api/v1/leads/{lead_id}/group/merge": {"json": {"other": "{twin}"}},
    "POST /api/v1/leads/{lead_id}/referrals": {"json": {"holder_id": "yunduolu"}},
    "POST /api/v1/leads/{lead_id}/assignment": {"json": {"officer": "officer@{organisation}"}},
    "POST /api/v1/leads/{lead_id}/statements": {"json": STATEMENT},
    "POST /api/v1/bulk-acts": {
        "json": {"act": "dismiss", "leads": [{"lead_id": "{twin}", "revision": 0}], "reason_code": "duplicate"}
    },
    "POST /api/v1/views": {"json": {"name": "本区", "filters": "order=value"}},
    "PUT /api/v1/capacity": {"json": {"leads": 30}},
    "POST /api/v1/campaigns": {"json": CAMPAIGN},
    "PUT /api/v1/campaigns/{campaign_id}": {"json": {**CAMPAIGN, "revision": 1}},
    "GET /api/v1/search": {"params": {"q": "晴川"}},
    "POST /api/v1/case-leads": {"json": {"leads": {"{lead}": 0}}},
    "POST /api/v1/case-leads/{case_number}/outcomes": {"json": {"filed": True}},
    "POST /api/v1/case-leads/{case_number}/moves": {"json": {"act": "verify", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/amendments": {"json": {"reason": "补记", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/split": {"json": {"leads": ["{lead}"], "reason": "分", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/merge": {"json": {"others": {"{case}": 0}, "reason": "合", "revision": 0}},
    "POST /api/v1/case-leads/{case_number}/exports": {"json": {"kind": "json"}},
    "PUT /api/v1/batches/{batch_id}": {"json": {"body": {"kind": "notice", "platform": "云集市"}, "revision": 0}},
    "POST /api/v1/batches": {"json": {"kind": "notice", "platform": "某平台"}},
    "POST /api/v1/batches/{batch_id}/checks": {
        "json": {"checked": [{"doubt_id": "check-resale", "words": "已核对"}], "revision": 0}
    },
    "POST /api/v1/batches/{batch_id}/signature": {"json": {"name": "王", "revision": 0}},
    "POST /api/v1/batches/{batch_id}/sending": {"json": {"revision": 0}},
    "POST /api/v1/batches/{batch_id}/withdrawal": {"json": {"reason": "误发", "revision": 0}},
    "POST /api/v1/letters/{letter_id}/answer-files": {"files": {"file": ("a.csv", ANSWERS)}},
    "POST /api/v1/letters/{letter_id}/answers": {"json": {"sha256": "{answers}", "revision": 1}},
    "POST /api/v1/letters/{letter_id}/rows": {
        "json": {"answer": {"item_id": "73003", "state": "received"}, "revision": 1}
    },
    "POST /api/v1/letters/{letter_id}/statements": {
        "json": {
            "statement": {"item_id": "73001", "words": "系正品", "reached_at": "2026-03-20T09:00:00+08:00"},
            "revision": 1,
        }
    },
    "POST /api/v1/letters/{letter_id}/replies": {
        "json": {"reply": {"statement_id": "{statement}", "kind": "sued", "reference": "1"}, "revision": 1}
    },
    "POST /api/v1/letters/{letter_id}/delays": {
        "json": {"delay": {"statement_id": "{statement}", "words": "公证"}, "revision": 1}
    },
    "POST /api/v1/dismissal-reasons": {"json": {"zh": "试用理由"}},
    "POST /api/v1/preview": {"json": {}},
    "POST /api/v1/triage/points": {"json": {"kind": "listing", "point": 9, "reason": "试行"}},
    "PUT /api/v1/registry": {"json": {"marks": []}, "headers": {"If-Match": '"stale"'}},
    "PATCH /api/v1/registry": {"json": {"marks": []}, "headers": {"If-Match": '"stale"'}},
    "POST /api/v1/people": {"json": {"name": "新人", "roles": ["viewer"]}},
    "PATCH /api/v1/people/{account_id}": {"json": {"roles": ["viewer"]}},
    "POST /api/v1/keys": {"json": {"name": "报表", "scopes": ["leads:read"]}},
    "POST /leads/{lead_id}/decision": {"data": FORM},
    "POST /leads/{lead_id}/acceptance": {"data": {"revision": "0", "checked": "yes"}},
    "POST /leads/{lead_id}/group/split": {"data": {}},
    "POST /leads/{lead_id}/group/merge": {"data": {"other": "{twin}"}},
    "POST /leads/{lead_id}/referral": {"data": {"holder": "yunduolu"}},
    "POST /leads/{lead_id}/assignment": {"data": {"officer": "officer@{organisation}"}},
    "POST /leads/{lead_id}/statements": {"data": {**STATEMENT, "revision": "0"}},
    "POST /leads/bulk": {"data": {"act": "dismiss", "lead": "{spare}:0:1", "reason_code": "duplicate"}},
    "POST /leads/chosen": {"data": {"lead": "0" * 32 + ":0:1"}},
    "POST /leads/views": {"data": {"name": "本区"}},
    "POST /leads/capacity": {"data": {"leads": "30"}},
    "POST /campaigns": {"data": CAMPAIGN},
    "POST /campaigns/{campaign_id}": {"data": {**CAMPAIGN, "revision": "1"}},
    "GET /case-leads/new": {"params": {"lead": "{lead}"}},
    "POST /case-leads": {"data": {"lead": "{lead}:0", "checked": "yes"}},
    "POST /case-leads/{case_number}/outcome": {"data": {"filed": "yes"}},
    "POST /case-leads/{case_number}/move": {"data": {"act": "verify", "revision": "0"}},
    "POST /case-leads/{case_number}/amend": {"data": {"reason": "补记", "revision": "0"}},
    "POST /case-leads/{case_number}/answers": {"data": {"finding": "f", "words": "w", "reason": "x", "revision": "0"}},
    "POST /case-leads/{case_number}/estimate": {
        "data": {
            "lead": "",
            "goods": "另",
            "currency": "CNY",
            "low": "1",
            "middle": "2",
            "high": "3",
            "words": "按订单",
            "reason": "补",
            "revision": "0",
        }
    },
    "POST /case-leads/{case_number}/attachments": {
        "data": {"reason": "补", "revision": "0"},
        "files": {"file": ("a.png", b"x")},
    },
    "POST /case-leads/{case_number}/split": {"data": {"lead": "{lead}", "reason": "分", "revision": "0"}},
    "POST /case-leads/{case_number}/merge": {"data": {"other": "{case}", "reason": "合", "revision": "0"}},
    "POST /case-leads/{case_number}/exports": {"data": {"kind": "json"}},
    "POST /batches": {"data": {"kind": "notice", "platform": "某平台"}},
    "POST /batches/{batch_id}/parties": {"data": {"revision": "0", "sender_name": "某"}},
    "POST /batches/{batch_id}/marks": {"data": {"revision": "0"}},
    "POST /batches/{batch_id}/rows": {"data": {"revision": "0"}},
    "POST /batches/{batch_id}/new-row": {"data": {"revision": "0", "item_id": "9"}},
    "POST /batches/{batch_id}/documents": {
        "data": {"revision": "0", "purpose": "evidence"},
        "files": {"file": ("a.png", b"x")},
    },
    "POST /batches/{batch_id}/checks": {"data": {"revision": "0", "doubt": "check-resale", "words": "已核对"}},
    "POST /batches/{batch_id}/signature": {"data": {"revision": "0", "name": "王"}},
    "POST /batches/{batch_id}/sending": {"data": {"revision": "0"}},
    "POST /batches/{batch_id}/withdrawal": {"data": {"revision": "0", "reason": "误发"}},
    "POST /letters/{letter_id}/answer-files": {"files": {"file": ("a.csv", ANSWERS)}},
    "POST /letters/{letter_id}/answers": {"data": {"revision": "1", "sha256": "{answers}"}},
    "POST /letters/{letter_id}/rows": {"data": {"revision": "1", "item_id": "73003", "state": "received"}},
    "POST /letters/{letter_id}/statements": {
        "data": {"revision": "1", "item_id": "73001", "words": "系正品", "reached_on": "2026-03-20"}
    },
    "POST /letters/{letter_id}/replies": {
        "data": {"revision": "1", "statement_id": "{statement}", "kind": "sued", "reference": "1"}
    },
    "POST /letters/{letter_id}/delays": {"data": {"revision": "1", "statement_id": "{statement}", "words": "公证"}},
    "POST /triage/reasons": {"data": {"zh": "试用理由"}},
    "POST /triage/points": {"data": {"kind": "listing", "point": "9", "reason": "试行"}},
    "POST /registry/pictures": {"files": {"file": ("a.png", b"x")}},
    "POST /people": {"data": {"name": "新人二", "role": "viewer"}},
    "POST /people/{account_id}": {"data": {"role": "viewer", "active": "yes"}},
    "POST /keys": {"data": {"name": "报表", "scope": "leads:read", "days": "9"}},
}
BODIES |= {
    "POST /referrals/{referral_id}/opinion": {"data": {"opinion": "unsure", "words": "看不清", "person": "王"}},
    "POST /api/v1/referrals/{referral_id}/opinions": {"json": {"opinion": "unsure", "words": "看不清", "person": "王"}},
    "POST /leads/{lead_id}/feedback": {"data": {"referral": "{given}", "feedback": "accepted"}},
    "POST /api/v1/leads/{lead_id}/feedback": {"json": {"referral_id": "{given}", "feedback": "accepted"}},
    "POST /leads/{lead_id}/records": {"data": {"kind": "purchase", "order_no": "DD-1"}},
    "POST /api/v1/leads/{lead_id}/records": {"json": {"purchase": {"order_no": "DD-1"}}},
    "POST /case-leads/{case_number}/records": {"data": {"revision": "0"}},
    "POST /rights/new": {"data": {"text": "新标"}},
    "POST /rights/preview": {"data": {"text": "新标"}},
    "POST /rights/import": {"data": {"kind": "marks"}, "files": {"file": ("marks.csv", b"mark_id,text\nN-1,x\n")}},
    "POST /rights/import/{upload_id}": {"data": SHA},
    "POST /rights/marks/{own_mark}": {"data": {"text": "改名", "state": "*"}},
    "POST /rights/marks/{own_mark}/pictures": {"data": {"state": "*"}, **PICTURE},
    "POST /rights/marks/{own_mark}/pictures/removal": {"data": {"state": "stale", "address": "{address}"}},
    "POST /rights/marks/{own_mark}/goods": {"data": {"state": "*", "name": "新品"}},
    "POST /rights/marks/{own_mark}/goods/removal": {"data": {"state": "stale", "goods_id": "{own_goods}"}},
    "POST /rights/marks/{own_mark}/sellers": {"data": {"state": "*", "seller_name": "新店"}},
    "POST /rights/marks/{own_mark}/sellers/removal": {"data": {"state": "stale", "seller": "{own_seller}"}},
    "POST /rights/marks/{own_mark}/removal": {"data": {"state": "*"}},
    "POST /api/v1/rights/marks": {"json": {"text": "新标"}},
    "PUT /api/v1/rights/marks/{own_mark}": {"json": {"text": "改名"}, "headers": ANY_STATE},
    "DELETE /api/v1/rights/marks/{own_mark}": {"headers": {"If-Match": "stale"}},
    "PUT /api/v1/rights/marks/{own_mark}/goods": {"json": {}, "headers": {"If-Match": "stale"}},
    "PUT /api/v1/rights/marks/{own_mark}/sellers": {"json": {}, "headers": {"If-Match": "stale"}},
    "POST /api/v1/rights/marks/{own_mark}/pictures": {"content": b"no picture", "headers": ANY_STATE},
    "DELETE /api/v1/rights/marks/{own_mark}/pictures": {
        "params": {"address": "{address}"},
        "headers": {"If-Match": "stale"},
    },
    "POST /api/v1/rights/preview": {"json": {"text": "新标"}},
    "POST /api/v1/rights/imports": {"params": {"kind": "marks", "name": "m.csv"}, "content": b"mark_id,text\nN-2,x\n"},
    "POST /api/v1/rights/imports/{upload_id}/confirmation": {"json": SHA},
    "POST /dead-letters/replay": {"data": {"topic": "jianzhen.none", "confirmed": "yes"}},
    "POST /dead-letters/{dead_letter}/replay": {"data": {"confirmed": "yes"}},
    "POST /api/v1/dead-letters/replays": {"json": {"letters": ["{dead_letter}"]}},
    "POST /mark-checks/{mark_id}": {"data": {**CHECK, "seen": "*"}},
    "POST /api/v1/mark-checks/{mark_id}": {"json": CHECK, "headers": ANY_STATE},
}


# Another's thing named beside one's own: {own:…} is the caller's, the rest somebody else's.
MIXED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/api/v1/leads/{own:lead}/group/split", {"json": {"leads": ["{lead}"]}}),
    ("POST", "/api/v1/leads/{own:lead}/group/merge", {"json": {"other": "{lead}"}}),
    ("POST", "/api/v1/case-leads", {"json": {"leads": {"{own:lead}": 0, "{lead}": 0}}}),
    ("POST", "/api/v1/leads/{own:lead}/referrals", {"json": {"holder_id": "{organisation}"}}),
    (
        "POST",
        "/api/v1/bulk-acts",
        {
            "json": {
                "act": "dismiss",
                "leads": [{"lead_id": "{own:lead}", "revision": 0}, {"lead_id": "{lead}", "revision": 0}],
                "reason_code": "duplicate",
            }
        },
    ),
    (
        "POST",
        "/leads/bulk",
        {"data": {"act": "dismiss", "lead": ["{own:lead}:0:1", "{lead}:0:1"], "reason_code": "duplicate"}},
    ),
    ("POST", "/leads/{own:lead}/group/split", {"data": {"member": "{lead}"}}),
    ("POST", "/leads/{own:lead}/group/merge", {"data": {"other": "{lead}"}}),
    ("POST", "/case-leads", {"data": {"lead": ["{own:lead}:0", "{lead}:0"], "checked": "yes"}}),
    ("POST", "/api/v1/batches", {"json": {"kind": "advice", "platform": "云集市", "case_number": "{case}"}}),
    ("POST", "/batches", {"data": {"kind": "advice", "platform": "云集市", "case_number": "{case}"}}),
    ("POST", "/leads/{own:lead}/referral", {"data": {"holder": "{organisation}"}}),
)


def filled(template: Any, theirs: Mapping[str, str], own: Mapping[str, str] | None = None) -> Any:
    """A request's part with the things in it."""
    if isinstance(template, str):
        for name, value in (own or {}).items():
            template = template.replace(f"{{own:{name}}}", value)
        for name, value in theirs.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, dict):
        return {filled(key, theirs, own): filled(value, theirs, own) for key, value in template.items()}
    return [filled(each, theirs, own) for each in template] if isinstance(template, list) else template


def address(path: str, things: Mapping[str, str]) -> str:
    """A route's path with things in it. A name that is new must be given its meaning in `NAMES`."""
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: things[NAMES[found.group(1)]], path)


def sorts(path: str, body: Mapping[str, Any]) -> set[str]:
    """Which sorts of things a request names."""
    in_path = {NAMES[name] for name in re.findall(r"\{(\w+)(?::path)?\}", path)}
    return in_path | set(re.findall(r"\{(\w+)\}", str(body)))
