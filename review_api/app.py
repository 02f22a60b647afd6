"""The application: the API, the console and their common gate, put together from what it is given."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Depends, FastAPI

from models.health import Watchman
from models.moments import now
from models.ports import ObjectStore, Store
from models.scoring_ports import PicturePort, ScreeningPort
from review_api import problems
from review_api.access.oidc import provider_of
from review_api.access.trail import with_trail
from review_api.api import (
    audit,
    campaigns,
    dead_letters,
    desk_views,
    groups,
    health,
    leads,
    mark_checks,
    operators,
    people,
    pictures,
    preview,
    referrals,
    registry,
    rights,
    search,
    session,
    triage,
    turns,
    verification,
)
from review_api.cases import acts as case_acts
from review_api.cases import api as case_leads
from review_api.cases import files as case_files
from review_api.console import (
    audit_pages,
    batch_forms,
    batch_pages,
    campaign_pages,
    case_pages,
    check_pages,
    dead_letter_pages,
    group_pages,
    import_pages,
    lead_pages,
    letter_pages,
    navigation,
    oidc_pages,
    operator_pages,
    people_pages,
    picture_pages,
    queue,
    referral_pages,
    registry_pages,
    rights_forms,
    rights_pages,
    search_pages,
    sign_in,
    triage_pages,
    turn_pages,
    verification_forms,
)
from review_api.console import case_acts as case_forms
from review_api.console.assets import Assets
from review_api.console.pages import Pages
from review_api.desk import Desk, gate
from review_api.headers import with_headers
from review_api.liaison import api as batches
from review_api.liaison import letters
from review_api.openapi import DESCRIPTION, TAGS, with_document
from review_api.openapi import router as openapi_router
from review_api.settings import ReviewSettings
from review_api.timing import Timed, timing

ROUTERS = (
    health.router,
    openapi_router,
    session.router,
    leads.router,
    groups.router,
    turns.router,
    desk_views.router,
    campaigns.router,
    operators.router,
    search.router,
    case_leads.router,
    case_acts.router,
    case_files.router,
    triage.router,
    registry.router,
    preview.router,
    pictures.router,
    referrals.router,
    batches.router,
    letters.router,
    rights.router,
    mark_checks.router,
    verification.router,
    dead_letters.router,
    people.router,
    audit.router,
    sign_in.router,
    oidc_pages.router,
    navigation.router,
    queue.router,
    lead_pages.router,
    turn_pages.router,
    group_pages.router,
    operator_pages.router,
    campaign_pages.router,
    search_pages.router,
    case_pages.router,
    case_forms.router,
    triage_pages.router,
    registry_pages.router,
    picture_pages.router,
    referral_pages.router,
    batch_pages.router,
    batch_forms.router,
    letter_pages.router,
    import_pages.router,
    rights_pages.router,
    rights_forms.router,
    check_pages.router,
    verification_forms.router,
    dead_letter_pages.router,
    people_pages.router,
    audit_pages.router,
)


def create_app(
    store: Store,
    objects: ObjectStore,
    screening: ScreeningPort,
    settings: ReviewSettings,
    *,
    clock: Callable[[], datetime] = now,
    decoder: PicturePort | None = None,
    watchman: Watchman | None = None,
    timed: Timed | None = None,
) -> FastAPI:
    """The review API and console over one store. `clock` answers with the present, in UTC; without a `decoder` no
    picture can be uploaded, and that is said. `watchman` answers for what `/readyz` looks at beside the database;
    `timed` is told of every answer."""
    app = FastAPI(
        title="Jianzhen review API",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(gate)],
        max_body_size=settings.maximum_body_bytes,
        redirect_slashes=False,
    )
    app.state.desk = Desk(
        store=store,
        objects=objects,
        screening=screening,
        settings=settings,
        clock=clock,
        provider=provider_of(settings),
        decoder=decoder,
        watchman=watchman or Watchman(()),
    )
    app.state.pages = Pages(settings.default_language, secure_cookies=settings.secure_cookies)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", Assets(), name="static")
    app.middleware("http")(with_trail)
    app.middleware("http")(with_headers)
    if timed is not None:
        app.middleware("http")(timing(timed))
    problems.install(app)
    with_document(app)
    return app
