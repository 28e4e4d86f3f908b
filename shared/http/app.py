"""A service's FastAPI app: its routers behind the gate, health, metrics, documentation, event feed, audit, problems."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from shared.auth.policy import PolicyTable, only
from shared.auth.principal import PARTNER
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.departed import Departed
from shared.http.audit import audit_router
from shared.http.compression import Compressed
from shared.http.description import describe_with
from shared.http.direct import Direct
from shared.http.docs import add_docs
from shared.http.feed import feed_router
from shared.http.health import add_health
from shared.http.merged import MergedCustomers
from shared.http.middleware import BodyBound, BodyBounds, Observed, ProblemsAsPages, Unpoliced
from shared.http.paging import Cursors
from shared.http.problems import install_problem_handlers
from shared.http.routing import Gate
from shared.limits import RateLimits
from shared.service import Service
from shared.settings import Settings

_LOCAL = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"
"""Where a front end runs while it is developed, on whatever port."""
_EXPOSED = [
    "Content-Location",
    "ETag",
    "Retry-After",
    "Location",
    "Idempotency-Replayed",
    "RateLimit",
    "RateLimit-Policy",
]

SHARED_POLICY: PolicyTable = {
    "read_events": only(*SEE_EVERY_CUSTOMER, PARTNER),
    "read_audit": only("admin_dept"),
}


def create_app(service: Service, limits: RateLimits | None = None, *, needs_bus: bool = False) -> FastAPI:
    """The app of a service, ready to be served; paths carry the service's name, `/complaints/v1/…`.

    Services of one process are given the same `limits`: a rate is a caller's, not a service's. `needs_bus` says that
    the process is of no use without a broker.
    """
    runtime, name = service.runtime, service.name
    policy = {**SHARED_POLICY, **service.policy}
    app = FastAPI(
        title=f"crm {name}",
        version="1",
        openapi_url=f"/{name}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead where the Host header says
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.service = service
    app.state.context = service.context
    app.state.cursors = Cursors(runtime.vault(f"{name}:cursors"))
    app.state.gate = Gate(
        policy=policy,
        verifier=runtime.verifier,
        limits=limits or RateLimits(runtime.settings),
        departed=Departed(runtime.database, service.departed),
        database=runtime.database,
        answers=runtime.vault(f"{name}:answers"),
    )
    for router in (*service.routers, feed_router(name), audit_router(name)):
        app.router.routes.extend(router.routes)  # not included: that would match each request twice
    add_health(app, service, needs_bus=needs_bus)
    add_docs(app, name)
    install_problem_handlers(app)
    app.add_middleware(Unpoliced, paths=(f"/{name}/metrics", f"/{name}/docs", f"/{name}/openapi.json"))
    bounds = BodyBounds(runtime.settings.largest_body, service.upload_bounds)
    app.add_middleware(BodyBound, bounds=bounds)
    app.add_middleware(Compressed)
    app.add_middleware(Direct, served=app, bounds=bounds)
    app.add_middleware(MergedCustomers, database=runtime.database)
    app.add_middleware(Observed, service=name)
    app.add_middleware(ProblemsAsPages, pages=service.pages)
    _allow_origins(app, runtime.settings)
    describe_with(app, policy, service.vocabulary)
    return app


def _allow_origins(app: FastAPI, settings: Settings) -> None:
    if settings.cors_origins or settings.cors_local:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_origin_regex=_LOCAL if settings.cors_local else None,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
