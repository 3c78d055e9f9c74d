"""The app: label ``wagtail_pledge``."""

from __future__ import annotations

from typing import Final

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

MINUTE: Final = 60
#: A recount reads today's rows; a worker that has just counted would else count again at once.
TALLY_SECONDS: Final = 5


class WagtailPledgeConfig(AppConfig):
    """Ledger, treaties, public views, admin. Concrete pages live in ``wagtail_pledge.pages``."""

    name = "wagtail_pledge"
    label = "wagtail_pledge"
    verbose_name = _("Pledges")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the rooms register what the rooms below ask for. Imported here because models must be loaded first."""
        from wagtail_pledge import checks  # noqa: F401, PLC0415 - registers the system checks
        from wagtail_pledge.admin.permissions import visible_to  # noqa: PLC0415
        from wagtail_pledge.caching.local import watch_requests  # noqa: PLC0415
        from wagtail_pledge.campaigns.lookups import register_finders  # noqa: PLC0415
        from wagtail_pledge.campaigns.publishing import connect_receivers  # noqa: PLC0415
        from wagtail_pledge.core.log_redaction import guard_loggers  # noqa: PLC0415
        from wagtail_pledge.core.registry import WorkerJob, providers, worker_jobs  # noqa: PLC0415
        from wagtail_pledge.signing.abuse.networks import forget_networks  # noqa: PLC0415
        from wagtail_pledge.signing.messages import register_messages  # noqa: PLC0415
        from wagtail_pledge.signing.worker.mail import forget_budgets, send_due  # noqa: PLC0415
        from wagtail_pledge.signing.worker.surge import (  # noqa: PLC0415
            forget_challenges,
            watch_mail,
            watch_surges,
        )
        from wagtail_pledge.signing.worker.tallies import recount_nightly, refresh_tallies  # noqa: PLC0415

        guard_loggers()
        watch_requests()
        register_finders()
        register_messages()
        providers.choosable_pledges = visible_to
        connect_receivers()
        worker_jobs.register("mail", WorkerJob(run=send_due))
        worker_jobs.register("tallies", WorkerJob(run=refresh_tallies, every=TALLY_SECONDS))
        worker_jobs.register("budgets", WorkerJob(run=forget_budgets, every=MINUTE))
        worker_jobs.register("surges", WorkerJob(run=watch_surges, every=MINUTE))
        worker_jobs.register("doubts", WorkerJob(run=watch_mail, every=MINUTE))
        worker_jobs.register("challenges", WorkerJob(run=forget_challenges, every=10 * MINUTE))
        worker_jobs.register("networks", WorkerJob(run=forget_networks, every=10 * MINUTE))
        worker_jobs.register("recount", WorkerJob(run=recount_nightly, every=5 * MINUTE))
        if apps.is_installed("wagtail.api.v2"):
            from wagtail_pledge.api.page_fields import read_listings_at_once  # noqa: PLC0415 - needs that app

            read_listings_at_once()
