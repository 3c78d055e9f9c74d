"""Forty texts that would run if a surface forgot to escape one: none does, with the content security policy off."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, Watch
from tests.campaign_fixtures import campaign, individual, organization
from tests.journey import confirm_path, sign_url, signatures, work
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage
from wagtail_pledge.signing.enums import Approval, Display, SignatureState
from wagtail_pledge.signing.models import EmbedOrigin, PartnerLink, Pledge
from wagtail_pledge.signing.services import MANAGE, approve, token_for
from wagtail_pledge.testing.factories import SignatureFactory

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.requirement("D5", "I10"), pytest.mark.django_db]

#: What each would do if it ran.
RUN: Final = "window.__ran=1"
#: In text, in attributes of either quote, in addresses, in scripts and comments, through odd parsing, for templates.
PAYLOADS: Final = [
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script/x>{RUN}</script>",
    f"<script x='>'>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</noscript><script>{RUN}</script>",
    f"</template><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'>",
    f"<img/src/onerror={RUN}>",
    f"<IMG SRC=x ONERROR={RUN}//",
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f"`><img src=x onerror={RUN}>",
    f'" autofocus onfocus={RUN} x="',
    f"' autofocus onfocus={RUN} x='",
    f'"><svg onload={RUN}>',
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<math><mtext></math><img src=x onerror={RUN}>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    "<iframe srcdoc='<script>parent.__ran=1</script>'>",
    "<iframe src='javascript:parent.__ran=1'></iframe>",
    f"<a href=x onfocus={RUN} autofocus>x</a>",
    f"<style>@keyframes x{{}}</style><b style='animation-name:x' onanimationstart={RUN}></b>",
    f"&lt;img src=x onerror={RUN}&gt;",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"{{% load x %}}{{{{ x|safe }}}}<script>{RUN}</script>",
    f"javascript:parent.{RUN[7:]}",
]
#: Where a text lands that nobody escapes: the proof that each of the forty runs somewhere.
CONTEXTS: Final = (
    "<p>{}</p>",
    "<title>{}</title>",
    "<textarea>{}</textarea>",
    "<style>{}</style>",
    "<noscript>{}</noscript>",
    "<!-- {} -->",
    '<input title="{}">',
    "<input title='{}'>",
    "<input title=`{}`>",
    '<script>document.write("{}")</script>',
    '<iframe src="{}"></iframe>',
)
#: ``autofocus`` is heeded when the page is next drawn.
SETTLED: Final = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(window.__ran ?? 0), {})))"


class Trap:
    """A page on which nothing of the payloads may run."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ran: list[str] = []
        page.on("dialog", lambda dialog: (self.ran.append(dialog.message), dialog.dismiss()))

    def show(self, markup: str | bytes, where: str, wait: int = 0) -> None:
        """Show ``markup``, which holds a payload, without any policy."""
        text = markup.decode() if isinstance(markup, bytes) else markup
        assert "__ran" in text, f"no payload in {where}"
        self.page.set_content(text)
        self.look(where, wait)

    def open(self, url: str) -> None:
        """Open a page of the site, with its scripts, its policy bypassed."""
        answer = self.page.goto(url)
        assert answer is not None
        assert answer.ok, url
        assert "__ran" in self.page.content() or url.endswith("count.json"), f"no payload in {url}"
        self.look(url, 300)

    def look(self, where: str, wait: int = 0) -> None:
        """Note it where something has run."""
        if self.page.evaluate(SETTLED.format(wait)):
            self.ran.append(where)
        self.page.evaluate("window.__ran = 0")


@pytest.fixture
def trap(open_page: Callable[..., Page], watch: Watch) -> Iterator[Trap]:
    trapping = Trap(open_page(DESKTOP, bypass_csp=True))
    yield trapping
    # Pictures without an address and pages shown without their own
    watch.problems.clear()
    assert trapping.ran == []


def _runs(page: Page, markup: str, wait: int) -> bool:
    page.set_content(markup)
    return bool(page.evaluate(SETTLED.format(wait)))


def test_each_payload_runs_where_nobody_escapes_it(open_page: Callable[..., Page], watch: Watch) -> None:
    page = open_page(DESKTOP)
    tame = []
    for payload in PAYLOADS:
        pages = [*(context.format(payload) for context in CONTEXTS), f"<p>{html.unescape(payload)}</p>"]
        # A busy browser takes longer
        if not any(_runs(page, markup, wait) for wait in (0, 50, 500, 3000) for markup in pages):
            tame.append(payload)
        page.goto("about:blank")
    watch.problems.clear()
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 40
    assert tame == []


def questioned(page: Any) -> None:
    """Ask one question, so that answers are shown."""
    question = {"type": "short_text", "value": {"label": "Union", "hint": PAYLOADS[15], "slug": "union"}}
    page.questions = page._meta.get_field("questions").to_python([question])
    page.save_revision().publish()


FIELDS: Final = (
    *("name", "email", "country", "city", "postal_code", "display", "comment", "organization", "website", "role"),
    *("source", "q_union", "statement", "stamp"),
)


@pytest.fixture
def campaign_of_payloads(campaign: Any, individual: Any, organization: Any) -> Any:
    """A campaign whose editor and whose signers have typed nothing but payloads: eighty wait, eighty are shown."""
    for page in (individual, organization):
        questioned(page)
    campaign.title, campaign.kicker, campaign.lead = PAYLOADS[5], PAYLOADS[4], " ".join(PAYLOADS)
    campaign.button_text, campaign.thanks_heading = PAYLOADS[16][:40], PAYLOADS[0]
    campaign.seo_title, campaign.search_description = PAYLOADS[5], PAYLOADS[16]
    words = {"heading": PAYLOADS[12], "text": PAYLOADS[15]}
    questions = [{"question": payload, "answer": "<p>x</p>"} for payload in PAYLOADS]
    body = [
        {"type": "faq", "value": {"heading": PAYLOADS[22], "questions": questions}},
        {"type": "endorsement", "value": {"quote": PAYLOADS[0], "name": PAYLOADS[12], "role": PAYLOADS[21]}},
        {"type": "share", "value": {**words, "message": PAYLOADS[19], "qr": True, "pledge": ""}},
        {"type": "progress", "value": {"heading": PAYLOADS[23], "pledge": ""}},
        {"type": "recent_signers", "value": {"heading": PAYLOADS[12], "pledge": "", "limit": 100}},
        *(
            {"type": "organizations", "value": {"heading": PAYLOADS[13], "pledge": "", "limit": 100, "layout": layout}}
            for layout in ("list", "wall")
        ),
    ]
    campaign.body = PledgePage._meta.get_field("body").to_python(body)
    campaign.save_revision().publish()
    pledge = campaign.pledge
    Pledge.objects.filter(pk=pledge.pk).update(title=PAYLOADS[16])
    EmbedOrigin.objects.create(pledge=pledge, origin="https://partner.example")
    for number, payload in enumerate(PAYLOADS):
        PartnerLink.objects.create(pledge=pledge, slug=f"p{number}", name=payload)
        signed(campaign, payload, f"person{number}@example.org", kind="individual")
        signed(campaign, payload, f"office{number}@example.org", kind="organization", organization=payload)
        signed(campaign, payload, f"seen{number}@example.org", kind="individual", state=SignatureState.CONFIRMED)
        # Numbered: two that differ only in what names are compared without would be one organization
        known: dict[str, Any] = {"kind": "organization", "organization": f"{payload} {number}"}
        decided = {"state": SignatureState.CONFIRMED, "approval": Approval.APPROVED}
        signed(campaign, payload, f"known{number}@example.org", **known, **decided)
    long_ago = timezone.now() - timedelta(hours=72)
    signatures().filter(state=SignatureState.CONFIRMED).update(confirmed_at=long_ago)
    return campaign


def signed(campaign: Any, payload: str, email: str, **values: Any) -> None:
    details = dict.fromkeys(("city", "postal_code", "comment", "website", "role", "organization"), payload)
    details |= {"organization": values["organization"]} if "organization" in values else {}
    SignatureFactory(
        pledge=campaign.pledge,
        name=payload,
        email=email,
        display=Display.NAME_PLACE,
        details=details,
        answers={"union": payload},
        **{"state": SignatureState.PENDING, **values},
    )


def test_none_runs_in_what_visitors_and_signers_see(
    trap: Trap, client: Client, campaign_of_payloads: Any, individual: Any, organization: Any
) -> None:
    index = publish(home(), PledgeIndexPage(title=PAYLOADS[5], slug="campaigns", lead=PAYLOADS[12]))
    campaign_of_payloads.move(index, "last-child")
    here = PledgePage.objects.get(pk=campaign_of_payloads.pk).url
    listed = client.get(here).content.decode()
    for number, payload in enumerate(PAYLOADS):
        # A person with its place, an organization in the list and on the wall
        assert f'<bdi dir="auto">{html.escape(payload)}, ' in listed
        assert listed.count(f'<bdi dir="auto">{html.escape(f"{payload} {number}")}') == 2
    for path in (here, index.url, f"{index.url}?q={PAYLOADS[16]}", f"{here}?source={PAYLOADS[16]}&lang={PAYLOADS[16]}"):
        trap.open(path)
    for name in ("embed/", "pledge.json", "count.json"):
        trap.open(f"/pledge/{campaign_of_payloads.pledge.uuid}/{name}")
    for payload in PAYLOADS:
        answer = client.post(sign_url(organization), dict.fromkeys(FIELDS, payload))
        assert answer.status_code == 200
        trap.show(answer.content, f"form with {payload}")
    answer = client.post(sign_url(individual), dict.fromkeys(FIELDS, " ".join(PAYLOADS)))
    trap.show(answer.content, "form of a person")


def test_none_runs_in_mail_or_behind_its_links(trap: Trap, client: Client, campaign_of_payloads: Any) -> None:
    work()
    assert len(mail.outbox) == 2 * len(PAYLOADS)
    for letter in mail.outbox[:]:
        if letter.to[0].startswith("person"):  # says less than an organization's
            continue
        trap.show(str(letter.alternatives[0][0]), f"mail to {letter.to}")
        path = confirm_path(letter.to[0])
        trap.show(client.get(path).content, f"confirm of {letter.to}")
        client.post(path)
        trap.show(client.get(path).content, f"thanks to {letter.to}")
    for signature in signatures().filter(kind="organization"):
        trap.show(client.get(f"/pledge/manage/{token_for(MANAGE, signature)}/").content, f"manage {signature.pk}")


def test_none_runs_in_the_admin(trap: Trap, client: Client, campaign_of_payloads: Any, live_server: Any) -> None:
    signatures().update(state=SignatureState.CONFIRMED, confirmed_at=timezone.now())
    client.force_login(User.objects.create_superuser("root", password="root"))
    key = client.cookies["sessionid"].value
    trap.page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    waiting = list(signatures().filter(approval=Approval.WAITING).values_list("pk", flat=True))
    assert len(waiting) == len(PAYLOADS)
    bulk = reverse("wagtail_bulk_action", args=["wagtail_pledge", "signature", "approve"])
    pages = (
        "pledge-signatures/",
        "pledge-signatures/?p=2",
        "pledges/",
        f"pledges/inspect/{campaign_of_payloads.pledge_id}/",
    )
    for path in (*pages, f"pledge-signatures/inspect/{waiting[12]}/"):
        trap.open(f"/admin/{path}")
    trap.open(f"{bulk}?{urlencode([('id', pk) for pk in waiting])}&next=/admin/")
    for signature in signatures().all():
        path = reverse("wagtail_pledge_signatures:inspect", args=[signature.pk])
        trap.show(client.get(path).content, f"inspect {signature.pk}")
        if signature.pk in waiting:
            approve(signature)
    trap.open("/admin/pledge-organizations/")
    trap.open("/admin/pledge-signatures/?q=1")
