"""Runs of the fit: asked for by administration or by the night, made one after the other, and kept."""

import time
from datetime import date
from functools import partial
from uuid import UUID

from services.customers.churn_model import store
from services.customers.churn_model.domain.expectations import alive
from services.customers.churn_model.domain.fits import BothFits, FitOutcome
from services.customers.churn_model.domain.schedule import ChurnFit, last_night
from services.customers.churn_model.handlers.fitting import PATIENCE, fitted
from services.customers.context import Context
from services.customers.worth_policies import store as policies
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.telemetry import MODEL_FITS, log


async def ask(context: Context, *, by: UUID) -> ChurnFit:
    """Has the models fitted now; where a run is under way or waits already, it is that one."""
    async with context.database.transaction() as transaction:
        waiting = await store.unfinished(transaction)
        if waiting is not None:
            return waiting
        asked = ChurnFit(new_id(), context.clock.now(), by)
        await store.ask(transaction, asked)
        await audit.enter(transaction, by, "churn_model.asked", asked.id)
    return asked


async def fit_next(context: Context, patience: float = PATIENCE) -> int:
    """Due work: the next run, for so many seconds at most; how many customers were fitted."""
    rules = (await policies.present(context.database)).rules.model
    await _ask_nightly(context, rules.hour)
    async with context.database.transaction() as transaction:
        asked = await store.take(transaction)
        if asked is None:
            return 0
        today, began = context.today(), time.monotonic()
        enough = await store.enough(transaction, rules.fewest)
        said = await _fitted(context, today, patience, rules.fewest) if enough else FitOutcome.TOO_FEW
        before = await store.latest(transaction)
        fit = asked.finished(said, today, context.clock.now(), round((time.monotonic() - began) * 1000))
        await store.finish(transaction, fit)
        await _judge(context, transaction, fit, today)
    _tell(fit, before)
    return fit.customers or 0


async def _ask_nightly(context: Context, hour: int) -> None:
    now = context.clock.now()
    last = await store.last_nightly(context.database)
    if last is None or last < last_night(now, context.zone, hour):
        await store.ask(context.database, ChurnFit(new_id(), now, None))


async def _fitted(context: Context, today: date, patience: float, fewest: int) -> BothFits | FitOutcome:
    async with context.database.connection() as reader:  # one of its own: where this takes too long, it goes alone
        lines = partial(store.write_lines, reader, until=today, zone=context.zone.key)
        return await fitted(lines, patience=patience, fewest=fewest)


async def _judge(context: Context, transaction: Connection, run: ChurnFit, today: date) -> None:
    """Everybody's chance anew, by the last fit that has converged: time goes on, whatever came of this run."""
    fit = await store.converged(transaction)
    model = fit.buying if fit else None
    if model is None:
        return
    async for some in store.came_back(transaction, today, context.zone.key):
        chances = [(each.customer_id, alive(each, model, today)) for each in some]
        await store.judge(transaction, run.id, today, [(id_, chance) for id_, chance in chances if chance is not None])
    await store.forget_others(transaction, run.id)


def _tell(fit: ChurnFit, before: ChurnFit | None) -> None:
    """What lasts is said when it begins and when it is over: it warns once that nothing came of the models."""
    MODEL_FITS.labels(fit.outcome).inc()
    lasts, logger = before is not None and _is_trouble(before), log("churn_model")
    if _is_trouble(fit):
        say = logger.info if lasts else logger.warning
        say("no fit; the one before stays in use", outcome=fit.outcome, run=str(fit.id))
    elif lasts:
        logger.warning("a fit again, or too few customers for one", outcome=fit.outcome, run=str(fit.id))


def _is_trouble(fit: ChurnFit) -> bool:
    return fit.outcome not in (FitOutcome.CONVERGED, FitOutcome.TOO_FEW)
