"""How the review API and console behave for the people of one installation; `jianzhen.settings` reads the values."""

from typing import Literal

from pydantic import Field, SecretStr

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
    idle_minutes: int = Field(
        default=30, ge=1, le=24 * 60, description="How long a session may be left idle before it ends, in minutes."
    )
    sign_in_attempts: int = Field(
        default=10, ge=1, le=100, description="Failed sign-ins after which a name is locked for a while."
    )
    sign_in_wait_seconds: int = Field(default=900, ge=1, le=86_400, description="How long it is locked, in seconds.")
    oidc_issuer: str = Field(
        default="",
        max_length=512,
        description="Address of an OpenID provider that people may sign in with; empty: none.",
    )
    oidc_client_id: str = Field(default="", description="What the provider knows this console by.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="The secret that goes with it.")
    public_address: str = Field(
        default="", description="The console's own address as browsers see it; the provider sends people back there."
    )
    maximum_body_bytes: int = Field(
        default=10 * 1024 * 1024, ge=1024, description="The largest request body that is read, in bytes."
    )
    claim_minutes: int = Field(
        default=30, ge=1, le=24 * 60, description="How long a claimed lead is its officer's alone, in minutes."
    )
    assignment_hours: int = Field(
        default=48, ge=1, le=24 * 30, description="How long an assigned lead is its officer's alone, in hours."
    )
    undo_minutes: int = Field(
        default=10, ge=1, le=24 * 60, description="How long an act on many leads can be taken back, in minutes."
    )
    unit_name: str = Field(
        default="",
        max_length=100,
        description="The unit's name as documents of case leads show it; the organisation's own name when empty.",
    )
    templates: str = Field(
        default="", description="A folder whose DOCX templates take the place of the shipped ones of the same name."
    )
    platform_mappings: str = Field(
        default="", description="A folder whose TOML files add column mappings of platforms to the shipped ones."
    )
