"""How the review API and console behave for the people of one installation; `jianzhen.settings` reads the values."""

from typing import Literal

from pydantic import Field

from models.values import Value


class ReviewSettings(Value):
    """Sign-in, paging and language of the console and its API."""

    session_hours: float = Field(default=12, gt=0, le=24 * 14, description="How long a sign-in lasts, in hours.")
    secure_cookies: bool = Field(
        default=False, description="Send cookies over HTTPS only; set it wherever the console is served by HTTPS."
    )
    page_size: int = Field(default=50, ge=1, le=200, description="Leads on one page of the queue.")
    default_language: Literal["zh", "en"] = Field(
        default="zh", description="The console's language until a person switches it: zh or en."
    )
    sign_in_attempts: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Failed sign-ins for a name before that client address waits.",
    )
    sign_in_wait_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="How long it waits, in seconds.",
    )
    maximum_body_bytes: int = Field(
        default=10 * 1024 * 1024, ge=1024, description="The largest request body that is read, in bytes."
    )
    unit_name: str = Field(
        default="",
        max_length=100,
        description="The unit's name as documents of case leads show it; the organisation's id when empty.",
    )
    templates: str = Field(
        default="", description="A folder whose DOCX templates take the place of the shipped ones of the same name."
    )
