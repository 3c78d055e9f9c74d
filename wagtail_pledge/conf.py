"""Flat ``WAGTAIL_PLEDGE_*`` settings, read at call time so that tests and sites may override them."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

PREFIX: Final = "WAGTAIL_PLEDGE_"

#: Every setting of the package with its default. The reference documents each (a test compares).
DEFAULTS: Final[dict[str, Any]] = {
    # Page bodies
    "BODY_BLOCKS": "wagtail_pledge.blocks.body.PledgeBodyBlock",
    # What editors may ask signers
    "QUESTION_BLOCKS": "wagtail_pledge.blocks.questions.QuestionsBlock",
    # Keys: {"dedup": {1: "base64…"}, "encryption": {…}, "token": {…}}; the highest number writes
    "KEYS": None,
    # Links in mail when a pledge has no page: scheme and host
    "BASE_URL": None,
    "FROM_EMAIL": None,
    # Where answers to the mails go
    "REPLY_TO": None,
    # Numbers of the contract
    "CONFIRM_DAYS": 14,
    "INBOX_TICKET_MINUTES": 30,
    "STAMP_HOURS": 24,
    "STAMP_MIN_SECONDS": 3,
    "CLOSING_GRACE_HOURS": 24,
    "MAIL_PER_DAY": 3,
    "MAIL_MIN_MINUTES": 15,
    "MAIL_TIMEOUT_SECONDS": 10,
    "MAIL_GREETS_BY_NAME": False,
    "REMINDER_HOURS": 24,
    "SUPPRESS_DAYS": 365,
    "SIGN_BODY_MAX_BYTES": 32 * 1024,
    "WORKER_SECONDS": 2,
    # After each signature, ask the site's task workers to send mail at once
    "WAKE_UP_TASK": False,
    "PAGE_MAX_AGE": 30,
    "COUNT_MAX_AGE": 5,
    # Directives of the content security policy of public pages, in the place of ours; None: the site sends its own
    "CSP": {},
    # Alias of the cache that PageCacheMiddleware keeps public pages in
    "PAGE_CACHE": "default",
    # Provider rules of canonical addresses, replaced or extended by a site
    "MAILBOX_RULES": None,
    "SIGN_VALIDATORS": [],
    # Mail domains of throw-away mailboxes besides the known ones
    "DISPOSABLE_DOMAINS": [],
    # How many proxies of ours stand before the application; 0: the peer of the connection is the client
    "TRUSTED_PROXIES": 0,
    # Signatures of one network (/24 or /64) for one pledge that count without a look
    "NETWORK_PER_HOUR": 10,
    "NETWORK_PER_DAY": 60,
    # The same of a /16 or /32, of a mail domain outside the large providers, of one name, of john001@, john002@, …
    "WIDE_NETWORK_PER_HOUR": 500,
    "DOMAIN_PER_HOUR": 50,
    "NAME_PER_HOUR": 10,
    "NUMBERED_PER_HOUR": 10,
    # A pledge is in a surge beyond so many signatures an hour and so many times its usual hour
    "SURGE_PER_HOUR": 100,
    "SURGE_FACTOR": 6,
    # All pledges are, beyond so many percent of the last 500 confirmation mails unconfirmed after two hours, or refused
    "SURGE_UNCONFIRMED": 30,
    "SURGE_REFUSED": 5,
    # Whether such a surge holds what has no proof of work: None asks for it only where ALTCHA offers one
    "SURGE_HOLDS": None,
    # Seconds that anybody may keep the count of a pledge in a surge
    "SURGE_MAX_AGE": 60,
    # Offer proof of work in a surge; needs the package altcha
    "ALTCHA": False,
    "ALTCHA_COST": 1000,
    "ALTCHA_MINUTES": 120,
    # A treaty's data older than this is called stale
    "FACT_MAX_DAYS": 180,
    # Path of another world.json, made by tools/worldmap/build.py of the source repository
    "MAP_GEOMETRY": None,
    # Asked in this order whether they can read a file
    "TREATY_SOURCES": [
        "wagtail_pledge.treaties.sources.untc_page.UntcPageSource",
        "wagtail_pledge.treaties.sources.mtdsg_xml.MtdsgXmlSource",
        "wagtail_pledge.treaties.sources.untc_record.UntcRecordSource",
        "wagtail_pledge.treaties.sources.normlex.NormlexSource",
        "wagtail_pledge.treaties.sources.untreaties.UntreatiesSource",
        "wagtail_pledge.treaties.sources.csv.CsvSource",
    ],
}


def get_setting(name: str) -> Any:
    """Return the site's value of ``WAGTAIL_PLEDGE_<name>``, else the default. An unknown name is a ``KeyError``."""
    default = DEFAULTS[name]
    return getattr(settings, PREFIX + name, default)
