"""Application configuration of ``wagtail_pledge``."""

from __future__ import annotations

from typing import Final

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

MINUTE: Final = 60
#: Minimum interval: every refresh recounts today's rows.
TALLY_SECONDS: Final = 5
CLOSING_SECONDS: Final = 30


class WagtailPledgeConfig(AppConfig):
    """Signatures, treaties, public views and the admin. The concrete page models are in ``wagtail_pledge.pages``."""

    name = "wagtail_pledge"
    label = "wagtail_pledge"
    verbose_name = _("Campaigns")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register checks, receivers, providers and worker jobs. Imports are local: models must be loaded first."""
        from wagtail_pledge import checks  # noqa: F401, PLC0415 - registers the system checks
        from wagtail_pledge.admin import checks as staff_checks  # noqa: F401, PLC0415 - registers more of them
        from wagtail_pledge.admin.key_choosers import key_chooser  # noqa: PLC0415
        from wagtail_pledge.admin.permissions import choosable_by  # noqa: PLC0415
        from wagtail_pledge.campaigns.lookups import register_lookups  # noqa: PLC0415
        from wagtail_pledge.campaigns.publishing import connect_receivers  # noqa: PLC0415
        from wagtail_pledge.campaigns.views.unavailable import unavailable_page  # noqa: PLC0415
        from wagtail_pledge.core.languages import register_languages  # noqa: PLC0415
        from wagtail_pledge.core.log_redaction import install_log_redaction  # noqa: PLC0415
        from wagtail_pledge.core.registry import WorkerJob, providers, worker_jobs  # noqa: PLC0415
        from wagtail_pledge.signing.abuse.networks import delete_expired_network_keys  # noqa: PLC0415
        from wagtail_pledge.signing.messages import register_messages  # noqa: PLC0415
        from wagtail_pledge.signing.services.statement_cache import connect_forget  # noqa: PLC0415
        from wagtail_pledge.signing.worker.budget import delete_expired_mail_records  # noqa: PLC0415
        from wagtail_pledge.signing.worker.late_mail import update_late_mail  # noqa: PLC0415
        from wagtail_pledge.signing.worker.leaves import number_leaves  # noqa: PLC0415
        from wagtail_pledge.signing.worker.mail import send_due  # noqa: PLC0415
        from wagtail_pledge.signing.worker.places import apply_raises, put_closing_first  # noqa: PLC0415
        from wagtail_pledge.signing.worker.retention import delete_expired_submissions  # noqa: PLC0415
        from wagtail_pledge.signing.worker.surge import (  # noqa: PLC0415
            delete_expired_challenges,
            update_mail_quality,
            update_surges,
        )
        from wagtail_pledge.signing.worker.tallies import recount_nightly, refresh_tallies  # noqa: PLC0415

        install_log_redaction()
        register_languages()
        register_lookups()
        register_messages()
        providers.choosable_pledges = choosable_by
        providers.key_chooser = key_chooser
        providers.unavailable_page = unavailable_page
        connect_receivers()
        connect_forget()
        worker_jobs.register("mail", WorkerJob(run=send_due))
        worker_jobs.register("raised_limits", WorkerJob(run=apply_raises, interval=TALLY_SECONDS))
        worker_jobs.register("closing", WorkerJob(run=put_closing_first, interval=CLOSING_SECONDS))
        worker_jobs.register("late_mail", WorkerJob(run=update_late_mail, interval=MINUTE))
        worker_jobs.register("tallies", WorkerJob(run=refresh_tallies, interval=TALLY_SECONDS))
        worker_jobs.register("mail_records", WorkerJob(run=delete_expired_mail_records, interval=MINUTE))
        worker_jobs.register("submissions", WorkerJob(run=delete_expired_submissions, interval=5 * MINUTE))
        worker_jobs.register("leaves", WorkerJob(run=number_leaves, interval=TALLY_SECONDS))
        worker_jobs.register("surges", WorkerJob(run=update_surges, interval=MINUTE))
        worker_jobs.register("mail_quality", WorkerJob(run=update_mail_quality, interval=MINUTE))
        worker_jobs.register("challenges", WorkerJob(run=delete_expired_challenges, interval=10 * MINUTE))
        worker_jobs.register("networks", WorkerJob(run=delete_expired_network_keys, interval=10 * MINUTE))
        worker_jobs.register("recount", WorkerJob(run=recount_nightly, interval=5 * MINUTE))
        if apps.is_installed("wagtail.api.v2"):
            from wagtail_pledge.api.page_fields import use_bulk_ledger_serializer  # noqa: PLC0415 - needs that app

            use_bulk_ledger_serializer()
