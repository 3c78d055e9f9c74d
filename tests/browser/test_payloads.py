"""Forty cross-site scripting payloads: none runs on any page, with the Content Security Policy bypassed."""

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

from tests.browser.conftest import DESKTOP, PageErrors
from tests.campaign_fixtures import campaign, individual, organization
from tests.journey import confirm_all, confirm_path, sign_url, signatures, submissions, work
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage
from wagtail_pledge.signing.enums import Approval, Display
from wagtail_pledge.signing.models import EmbedOrigin, PartnerLink, Pledge
from wagtail_pledge.signing.services import MANAGE, approve, token_for
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.requirement("D5", "I10"), pytest.mark.django_db, pytest.mark.long]

BLANK: Final = "about:blank"
#: What each payload does if it runs.
RUN: Final = "window.__ran=1"
#: For text, quoted attributes, URLs, scripts, comments, parser quirks and templates.
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
#: Contexts without escaping, to prove that each payload runs in at least one of them.
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
#: Triggers one event of each kind that payloads use and waits for all of them. By then those of payloads have fired, as
#: they were in the page before. Network requests, frames and inline scripts precede the load event; the first frame
#: processes ``autofocus``, the second fires the events of started animations. What scripts of the page insert has been
#: inserted when the page is idle; a frame among it is loaded before the marker's, which only pages with scripts need.
SETTLED: Final = """async (hasScripts) => {
  const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const fired = (marker, name, container = marker) => new Promise((done) => {
    marker.addEventListener(name, () => { container.remove(); done(); });
    (document.body ?? document.documentElement).append(container);
  });
  const html = (tag, values) => Object.assign(document.createElement(tag), values);
  const frame = () => new Promise(requestAnimationFrame);
  const [image, beginning] = [svg("svg"), svg("animate")];
  beginning.setAttribute("attributeName", "x");
  beginning.setAttribute("dur", "1s");
  image.append(beginning);
  const animated = html("b");
  await new Promise((done) => requestIdleCallback(done));
  await Promise.all([
    fired(html("img", {src: "x?marker"}), "error"),
    fired(html("audio", {src: "x?marker"}), "error"),
    fired(html("details", {open: true}), "toggle"),
    hasScripts && fired(html("iframe", {srcdoc: "<script>1</script>"}), "load"),
    fired(beginning, "beginEvent", image),
  ]);
  document.documentElement.append(animated);
  await animated.animate([], {duration: 1}).finished;
  animated.remove();
  await frame();
  await frame();
  return window.__ran ?? 0;
}"""


class PayloadCheck:
    """Shows pages that contain payloads and records on which of them a payload has run."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ran: list[str] = []
        page.on("dialog", lambda dialog: (self.ran.append(dialog.message), dialog.dismiss()))

    def show(self, markup: str | bytes, where: str, *, without_files: bool = False) -> None:
        """Check ``markup``, which contains a payload, without any policy.

        ``without_files`` loads no stylesheets and scripts of the site: those of the admin take a second for each page.
        """
        text = markup.decode() if isinstance(markup, bytes) else markup
        assert "__ran" in text, f"no payload in {where}"
        if without_files and self.page.url != BLANK:
            self.page.goto(BLANK)
        self.page.set_content(text)
        self.check(where, has_scripts=False)

    def open(self, url: str) -> None:
        """Check a page of the site, with its scripts, bypassing its policy."""
        answer = self.page.goto(url)
        assert answer is not None
        assert answer.ok, url
        assert "__ran" in self.page.content() or url.endswith("count.json"), f"no payload in {url}"
        self.check(url, has_scripts=True)

    def check(self, where: str, *, has_scripts: bool) -> None:
        """Record ``where`` if a payload has run."""
        if self.page.evaluate(SETTLED, has_scripts):
            self.ran.append(where)
        self.page.evaluate("window.__ran = 0")


@pytest.fixture
def payload_check(open_page: Callable[..., Page], page_errors: PageErrors) -> Iterator[PayloadCheck]:
    check = PayloadCheck(open_page(DESKTOP, bypass_csp=True))
    yield check
    # Images without an address and pages shown without their own are expected errors
    page_errors.problems.clear()
    assert check.ran == []


def _runs(page: Page, markup: str) -> bool:
    page.set_content(markup)
    return bool(page.evaluate(SETTLED, False))


def test_each_payload_runs_where_it_is_not_escaped(open_page: Callable[..., Page], page_errors: PageErrors) -> None:
    page = open_page(DESKTOP)
    harmless = []
    for payload in PAYLOADS:
        pages = [*(context.format(payload) for context in CONTEXTS), f"<p>{html.unescape(payload)}</p>"]
        if not any(_runs(page, markup) for markup in pages):
            harmless.append(payload)
        page.goto(BLANK)
    page_errors.problems.clear()
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 40
    assert harmless == []


def add_question(page: Any) -> None:
    """Add a question, so that answers are shown."""
    question = {"type": "short_text", "value": {"label": "Union", "hint": PAYLOADS[15], "slug": "union"}}
    page.questions = page._meta.get_field("questions").to_python([question])
    page.save_revision().publish()


FIELDS: Final = (
    *("name", "email", "country", "city", "postal_code", "display", "comment", "organization", "website", "role"),
    *("source", "q_union", "statement", "stamp"),
)


@pytest.fixture
def campaign_of_payloads(campaign: Any, individual: Any, organization: Any) -> Any:
    """A campaign with payloads in all fields of editors and signers: eighty forms wait, eighty signatures are shown."""
    for page in (individual, organization):
        add_question(page)
    campaign.title, campaign.lead = PAYLOADS[5], " ".join(PAYLOADS)
    campaign.asker, campaign.addressee = PAYLOADS[4], PAYLOADS[3]
    campaign.button_text, campaign.thanks_heading = PAYLOADS[16][:40], PAYLOADS[0]
    campaign.seo_title, campaign.search_description = PAYLOADS[5], PAYLOADS[16]
    texts = {"heading": PAYLOADS[12], "text": PAYLOADS[15]}
    questions = [{"question": payload, "answer": "<p>x</p>"} for payload in PAYLOADS]
    body = [
        {"type": "faq", "value": {"heading": PAYLOADS[22], "questions": questions}},
        {"type": "endorsement", "value": {"quote": PAYLOADS[0], "name": PAYLOADS[12], "role": PAYLOADS[21]}},
        {"type": "share", "value": {**texts, "message": PAYLOADS[19], "qr": True, "pledge": ""}},
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
        waiting, stored = SubmissionFactory, SignatureFactory
        add(waiting, campaign, payload, f"person{number}@example.org", kind="individual")
        add(waiting, campaign, payload, f"office{number}@example.org", kind="organization", organization=payload)
        add(stored, campaign, payload, f"seen{number}@example.org", kind="individual")
        # Numbered: names that differ only in punctuation would be one organization
        known: dict[str, Any] = {"kind": "organization", "organization": f"{payload} {number}"}
        add(stored, campaign, payload, f"known{number}@example.org", approval=Approval.APPROVED, **known)
    signatures().update(confirmed_at=timezone.now() - timedelta(hours=72))
    return campaign


def add(factory: Any, campaign: Any, payload: str, email: str, **values: Any) -> None:
    """Add a submission or a signature with the payload in each of its texts."""
    details = dict.fromkeys(("city", "postal_code", "comment", "website", "role", "organization"), payload)
    details |= {"organization": values["organization"]} if "organization" in values else {}
    factory(
        pledge=campaign.pledge,
        name=payload,
        email=email,
        display=Display.NAME_PLACE,
        details=details,
        answers={"union": payload},
        **values,
    )


def test_no_payload_runs_on_public_pages(
    payload_check: PayloadCheck, client: Client, campaign_of_payloads: Any, individual: Any, organization: Any
) -> None:
    index = publish(home(), PledgeIndexPage(title=PAYLOADS[5], slug="campaigns", lead=PAYLOADS[12]))
    campaign_of_payloads.move(index, "last-child")
    here = PledgePage.objects.get(pk=campaign_of_payloads.pk).url
    listed = client.get(here).content.decode()
    for number, payload in enumerate(PAYLOADS):
        # A person with city; an organization in the list and on the logo wall
        assert f'<bdi dir="auto">{html.escape(payload)}, ' in listed
        assert listed.count(f'<bdi dir="auto">{html.escape(f"{payload} {number}")}') == 2
    for path in (here, index.url, f"{index.url}?q={PAYLOADS[16]}", f"{here}?source={PAYLOADS[16]}&lang={PAYLOADS[16]}"):
        payload_check.open(path)
    for name in ("embed/", "pledge.json", "count.json"):
        payload_check.open(f"/pledge/{campaign_of_payloads.pledge.uuid}/{name}")
    for payload in PAYLOADS:
        answer = client.post(sign_url(organization), dict.fromkeys(FIELDS, payload))
        assert answer.status_code == 200
        payload_check.show(answer.content, f"form with {payload}")
    answer = client.post(sign_url(individual), dict.fromkeys(FIELDS, " ".join(PAYLOADS)))
    payload_check.show(answer.content, "form of a person")


def test_no_payload_runs_in_mails_or_the_pages_they_link_to(
    payload_check: PayloadCheck, client: Client, campaign_of_payloads: Any
) -> None:
    work()
    assert len(mail.outbox) == 2 * len(PAYLOADS)
    for email in mail.outbox[:]:
        if email.to[0].startswith("person"):  # contains less than an organization's
            continue
        payload_check.show(str(email.alternatives[0][0]), f"mail to {email.to}")
        path = confirm_path(email.to[0])
        payload_check.show(client.get(path).content, f"confirm of {email.to}")
        client.post(path)
        payload_check.show(client.get(path).content, f"thanks to {email.to}")
    for signature in signatures().filter(kind="organization"):
        payload_check.show(
            client.get(f"/pledge/manage/{token_for(MANAGE, signature)}/").content, f"manage {signature.pk}"
        )


def test_no_payload_runs_in_the_admin(
    payload_check: PayloadCheck, client: Client, campaign_of_payloads: Any, live_server: Any
) -> None:
    client.force_login(User.objects.create_superuser("root", password="root"))
    key = client.cookies["sessionid"].value
    payload_check.page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    payload_check.open("/admin/pledge-submissions/")
    for submission in submissions().filter(kind="organization"):
        path = reverse("wagtail_pledge_submissions:inspect", args=[submission.pk])
        payload_check.show(client.get(path).content, f"inspect {submission.pk}", without_files=True)
    payload_check.open(path)
    confirm_all()
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
        payload_check.open(f"/admin/{path}")
    payload_check.open(f"{bulk}?{urlencode([('id', pk) for pk in waiting])}&next=/admin/")
    for signature in signatures().all():
        path = reverse("wagtail_pledge_signatures:inspect", args=[signature.pk])
        payload_check.show(client.get(path).content, f"inspect {signature.pk}", without_files=True)
        if signature.pk in waiting:
            approve(signature)
    payload_check.open("/admin/pledge-organizations/")
    payload_check.open("/admin/pledge-signatures/?q=1")
