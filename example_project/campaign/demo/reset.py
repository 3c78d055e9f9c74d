"""Deletes everything that the demo has created, and every signature. Not for a site in production."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import transaction
from wagtail.documents import get_document_model
from wagtail.models import Collection, ModelLogEntry, Page, Site

from example_project.campaign import mail
from example_project.campaign.demo.users import COLLECTION, EDITORS, MODERATORS, USERS
from example_project.campaign.models import HomePage
from wagtail_pledge.delivery.models import DecisionStage, PledgeRecipient, Recipient
from wagtail_pledge.signing.models import (
    DirtyDay,
    MailSent,
    Organization,
    OrganizationLogo,
    OutboxMessage,
    Pledge,
    SignatureEvent,
    SignerType,
    Statement,
    Tally,
    get_signature_model,
)
from wagtail_pledge.treaties.models import Treaty, TreatyAction


@transaction.atomic
def reset_demo() -> None:
    """Delete the demo's pages, signatures, decision-makers, treaties, documents, groups, users and mail."""
    _delete_pages()
    for logo in OrganizationLogo.objects.exclude(file=""):
        logo.file.delete(save=False)
    # Referencing models first: foreign keys are protected. The base manager also deletes from append-only tables
    for model in (OrganizationLogo, SignatureEvent, OutboxMessage, MailSent, Tally, DirtyDay, get_signature_model()):
        model._base_manager.all().delete()
    ModelLogEntry.objects.get_for_model(Pledge).delete()
    for deletable in (PledgeRecipient, DecisionStage, Recipient, Statement, SignerType, Pledge, Organization):
        deletable._base_manager.all().delete()
    for treaty_model in (TreatyAction, Treaty):
        treaty_model._base_manager.all().delete()
    collection = Collection.objects.filter(name=COLLECTION).first()
    if collection is not None:
        get_document_model().objects.filter(collection=collection).delete()
        collection.delete()
    get_user_model().objects.filter(username__in=USERS).delete()
    Group.objects.filter(name__in=(EDITORS, MODERATORS)).delete()
    mail.delete_all()
    cache.clear()


def _delete_pages() -> None:
    homes = list(HomePage.objects.filter(depth=2))
    if not homes:
        return
    welcome = Page(title="Home", slug="home")
    Page.get_first_root_node().add_child(instance=welcome)
    Site.objects.filter(root_page__in=homes).update(root_page=welcome)
    for home in homes:
        home.delete()
