"""The composition root of customers: the only file that wires."""

from collections.abc import Iterator
from datetime import timedelta

from services.customers.archive.api import customers as archive
from services.customers.buying import api as buying
from services.customers.campaigns import api as campaigns
from services.customers.change_history import api as change_history
from services.customers.churn_model import api as churn_model
from services.customers.churn_model.handlers.runs import fit_next
from services.customers.company import api as company
from services.customers.competitors import api as competitors
from services.customers.completeness import api as completeness
from services.customers.completeness.handlers import judge_anew
from services.customers.context import Context
from services.customers.contract_letters import api as contract_letters
from services.customers.contracts import queries as contract_queries
from services.customers.contracts.api import contracts
from services.customers.contracts.api import rules as network_rules
from services.customers.contracts.handlers import tell_ends
from services.customers.dates import api as dates
from services.customers.dates.handlers import fill
from services.customers.dismissals import api as dismissals
from services.customers.duplicates import api as duplicates
from services.customers.duplicates.handlers import compare
from services.customers.early_warnings import api as early_warnings
from services.customers.entering.domain import EntryLimits
from services.customers.erasure_papers import api as erasure_papers
from services.customers.erasures import api as erasures
from services.customers.erasures.handlers import complete_due
from services.customers.exports import api as exports
from services.customers.finding.handlers import hear
from services.customers.imports import api as imports
from services.customers.imports import queries as imports_now
from services.customers.imports.handlers.undoing import undo_next
from services.customers.imports.handlers.working import work
from services.customers.key_accounts.api import accounts as key_accounts
from services.customers.key_accounts.api import plans as account_plans
from services.customers.key_accounts.api import policy as key_account_policy
from services.customers.key_accounts.api import results as account_results
from services.customers.lifecycle import api as lifecycle
from services.customers.losses import api as losses
from services.customers.me import api as me
from services.customers.merged.handlers import of_kept
from services.customers.merging import api as merging
from services.customers.names import api as names
from services.customers.notes import api as notes
from services.customers.opportunities import api as opportunities
from services.customers.organisation import queries as organisation
from services.customers.organisation.api import lists, staff
from services.customers.organisation.handlers import tell_contacts
from services.customers.outlook import api as outlook
from services.customers.owed_winbacks import api as owed_winbacks
from services.customers.owners import api as owners
from services.customers.owners.handlers import trace
from services.customers.payments import api as payments
from services.customers.people import api as people
from services.customers.person_exports import api as person_exports
from services.customers.policy import POLICY
from services.customers.potentials import api as potentials
from services.customers.prospects import api as prospects
from services.customers.purchases import api as purchases
from services.customers.rankings import api as rankings
from services.customers.reactions import REACTIONS
from services.customers.rebates import api as rebates
from services.customers.relations import api as relations
from services.customers.scheme import api as scheme_api
from services.customers.scheme import handlers as scheme
from services.customers.screening import api as screening
from services.customers.screenpop import api as screenpop
from services.customers.segment_names import api as segment_names
from services.customers.segment_overrides import api as segment_overrides
from services.customers.segments import api as segments
from services.customers.settings import CustomersSettings
from services.customers.shelf import api as shelf
from services.customers.signal_plans import api as signal_plans
from services.customers.signals.api import policy as signal_policy
from services.customers.signals.api import signals
from services.customers.signals.handlers import look, next_look
from services.customers.tags import api as tags
from services.customers.teams import api as teams
from services.customers.tiers import queries as tiers
from services.customers.tiers.api import months, policies, standing
from services.customers.tiers.handlers.closing import close_next, next_close, revise_next
from services.customers.tiers.handlers.overrides import end_due_overrides, seal_reasons
from services.customers.tiers.handlers.policies import start_policies
from services.customers.ties import api as ties
from services.customers.traits import api as traits
from services.customers.winback_corrections import api as winback_corrections
from services.customers.winbacks.api import cases as winbacks
from services.customers.winbacks.api import policy as winback_policy
from services.customers.words.vocabulary import VOCABULARY
from services.customers.worth import api as worth
from services.customers.worth.handlers import judge_due, judge_everybody, place
from services.customers.worth_policies import api as worth_policies
from shared.contracts import care, complaints
from shared.contracts.confirmations import REPORTING
from shared.lookups import LookUps
from shared.loops import DueLoop
from shared.reactions import bind
from shared.runtime import Runtime
from shared.service import Service


def build(runtime: Runtime) -> Service:
    """Puts the service together for one process."""
    settings = CustomersSettings()
    context = Context.of(
        runtime,
        EntryLimits(settings.largest_purchase, settings.entry_months),
        LookUps(settings.lookups_per_hour),
        timedelta(seconds=settings.revise_months_after_seconds),
    )
    return Service(
        name="customers",
        runtime=runtime,
        context=context,
        departed=organisation.DEPARTED,
        routers=(
            lists.routes,
            staff.routes,
            company.routes,
            scheme_api.routes,
            merging.routes,
            me.routes,
            names.routes,
            archive.routes,
            change_history.routes,
            traits.routes,
            completeness.routes,
            screening.routes,
            duplicates.routes,
            notes.routes,
            tags.routes,
            teams.routes,
            screenpop.routes,
            purchases.routes,
            buying.routes,
            owners.routes,
            people.routes,
            dates.routes,
            relations.routes,
            payments.routes,
            rebates.routes,
            policies.routes,
            months.routes,
            contracts.routes,
            contract_letters.routes,
            campaigns.routes,
            shelf.routes,
            network_rules.routes,
            standing.routes,
            prospects.routes,
            opportunities.routes,
            competitors.routes,
            signals.routes,
            signal_policy.routes,
            ties.routes,
            signal_plans.routes,
            outlook.routes,
            potentials.routes,
            lifecycle.routes,
            churn_model.routes,
            segments.routes,
            segment_names.routes,
            rankings.routes,
            worth.routes,
            worth_policies.routes,
            segment_overrides.routes,
            early_warnings.routes,
            losses.routes,
            owed_winbacks.routes,  # before the cases, whose paths have an id in that place
            winbacks.routes,
            dismissals.routes,
            winback_corrections.routes,
            winback_policy.routes,
            key_accounts.routes,
            key_account_policy.routes,
            account_plans.routes,
            account_results.routes,
            exports.routes,
            imports.routes,
            person_exports.routes,
            erasures.routes,
            erasure_papers.routes,
        ),
        policy=POLICY,
        vocabulary=VOCABULARY,
        reactions=bind(context, of_kept(REACTIONS)),
        listens={
            "complaints": (complaints.FACTS,),
            "care": (care.FACTS,),  # touches, and versions of policies
            "reporting": (REPORTING,),  # who was erased there
        },
        loops=(
            *_tier_loops(context, settings.close_months_after_days),
            _import_loop(context),
            DueLoop("customers.undoing", context.clock, step=lambda: undo_next(context)),
            _contact_loop(context),
            _scheme_loop(context),
            DueLoop(
                "contract ends",
                context.clock,
                step=lambda: tell_ends(context),
                next_due=lambda: contract_queries.next_end(context),
                at_most=timedelta(seconds=5),
            ),
            DueLoop(
                "customers.signals",
                context.clock,
                step=lambda: look(context),
                next_due=lambda: next_look(context),
                at_most=timedelta(hours=1),
            ),
            DueLoop("customers.dates", context.clock, step=lambda: fill(context), at_most=timedelta(hours=1)),
            DueLoop(
                "customers.erasures", context.clock, step=lambda: complete_due(context), at_most=timedelta(seconds=5)
            ),
            *_worth_loops(context),
            DueLoop(
                "customers.churn_model", context.clock, step=lambda: fit_next(context), at_most=timedelta(seconds=5)
            ),
            DueLoop("customers.finding", context.clock, step=lambda: hear(context)),
            DueLoop("customers.finding", context.clock, step=lambda: trace(context), at_most=timedelta(seconds=5)),
            DueLoop("customers.duplicates", context.clock, step=lambda: compare(context)),
            DueLoop(
                "customers.completeness",
                context.clock,
                step=lambda: judge_anew(context),
                at_most=timedelta(minutes=1),
            ),
        ),
        upload_bounds={imports.PATH: settings.largest_import},
    )


def _tier_loops(context: Context, close_after_days: int | None) -> Iterator[DueLoop]:
    clock = context.clock
    yield DueLoop(
        "tier policies", clock, step=lambda: start_policies(context), next_due=lambda: tiers.next_policy_start(context)
    )
    yield DueLoop(
        "tier overrides",
        clock,
        step=lambda: end_due_overrides(context),
        next_due=lambda: tiers.next_override_end(context),
    )
    yield DueLoop("tier reasons", clock, step=lambda: seal_reasons(context), at_most=timedelta(hours=1))
    yield DueLoop(
        "month revisions",
        clock,
        step=lambda: revise_next(context, lambda: imports_now.entering(context)),
        at_most=timedelta(seconds=2),
    )
    if close_after_days is not None:
        yield DueLoop(
            "month close",
            clock,
            step=lambda: close_next(context, close_after_days),
            next_due=lambda: next_close(context, close_after_days),
            at_most=timedelta(minutes=1),
        )


def _worth_loops(context: Context) -> Iterator[DueLoop]:
    """Who buys waits neither for everybody to be judged nor for their places."""
    clock = context.clock
    yield DueLoop("customers.worth", clock, step=lambda: judge_due(context), at_most=timedelta(milliseconds=50))
    yield DueLoop("customers.worth", clock, step=lambda: judge_everybody(context))
    yield DueLoop("customers.worth", clock, step=lambda: place(context))


def _contact_loop(context: Context) -> DueLoop:
    """At the first start of this release, and after one of an older release: whom these have entered."""
    return DueLoop("staff contacts", context.clock, step=lambda: tell_contacts(context), at_most=timedelta(minutes=1))


def _scheme_loop(context: Context) -> DueLoop:
    """Likewise: the versions of policies that these have written."""
    return DueLoop(
        "customers.scheme", context.clock, step=lambda: scheme.announce_left(context), at_most=timedelta(minutes=10)
    )


def _import_loop(context: Context) -> DueLoop:
    """One job at a time; several workers share the queue. A new upload is seen half a second later at most."""
    return DueLoop("customers.imports", context.clock, step=lambda: work(context))
