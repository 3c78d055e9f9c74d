"""Flat ``WAGTAIL_PLEDGE_*`` settings, read at call time so that tests and sites may override them."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

PREFIX: Final = "WAGTAIL_PLEDGE_"

#: Every setting of the package with its default. The reference documents each (a test compares).
DEFAULTS: Final[dict[str, Any]] = {
    # Page bodies
    "BODY_BLOCKS": "wagtail_pledge.blocks.body.PledgeBodyBlock",
    # Questions that editors can add to the sign form
    "QUESTION_BLOCKS": "wagtail_pledge.blocks.questions.QuestionsBlock",
    # Keys: {"dedup": {1: "base64…"}, "encryption": {…}, "token": {…}}; the highest version is used for new data
    "KEYS": None,
    # Scheme and host of links in mail when a pledge has no page
    "BASE_URL": None,
    "FROM_EMAIL": None,
    # Reply-To header of the mails
    "REPLY_TO": None,
    # Time limits and mail limits
    "CONFIRM_DAYS": 14,
    "INBOX_TICKET_MINUTES": 30,
    "STAMP_HOURS": 24,
    "STAMP_MIN_SECONDS": 3,
    "CLOSING_GRACE_HOURS": 24,
    # Mails to one mailbox in 24 hours over all pledges, for one pledge, and caused by one network
    "MAIL_PER_DAY": 3,
    "MAIL_PER_PLEDGE": 2,
    "MAIL_PER_NETWORK": 2,
    # The first two are sent at once, a third one after this time
    "MAIL_MIN_MINUTES": 15,
    "MAIL_TIMEOUT_SECONDS": 10,
    "MAIL_GREETS_BY_NAME": False,
    "REMINDER_HOURS": 24,
    "SUPPRESS_DAYS": 365,
    "SIGN_BODY_MAX_BYTES": 32 * 1024,
    "WORKER_SECONDS": 2,
    # After each signature, enqueue a task that sends due mail at once
    "WAKE_UP_TASK": False,
    # Token with which health/ tells details; None: nobody gets them
    "HEALTH_TOKEN": None,
    "PAGE_MAX_AGE": 30,
    "COUNT_MAX_AGE": 5,
    # Content security policy directives of public pages that replace the defaults; None: the site sends its own policy
    "CSP": {},
    # Alias of the cache that PageCacheMiddleware uses
    "PAGE_CACHE": "default",
    # Rules per mail provider that make addresses canonical; None: the built-in rules
    "MAILBOX_RULES": None,
    "SIGN_VALIDATORS": [],
    # Languages whose texts a native reader has checked for the site: the page editor does not warn about them
    "REVIEWED_LANGUAGES": [],
    # Further mail domains of disposable mailboxes
    "DISPOSABLE_DOMAINS": [],
    # Function that tells the deployment check whether a user has a second factor; None: found by itself
    "SECOND_FACTOR": None,
    # Number of the site's own proxies in front of the application; 0: REMOTE_ADDR is the client
    "TRUSTED_PROXIES": 0,
    # POSTs of the form from one network in one process; above it they are answered with 503, without database work
    "POSTS_PER_MINUTE": 60,
    # Forms and corrections from one network over all pledges whose mail is sent at once; the others wait
    "NETWORK_MAILS_PER_10_MINUTES": 20,
    "NETWORK_MAILS_PER_HOUR": 60,
    "NETWORK_MAILS_PER_DAY": 300,
    # Signatures from one network (/24 or /64) for one pledge that count without review
    "NETWORK_PER_HOUR": 10,
    "NETWORK_PER_DAY": 60,
    # The same per /16 or /32, per mail domain (large providers excepted), per name, and for john001@, john002@, …
    "WIDE_NETWORK_PER_HOUR": 500,
    "DOMAIN_PER_HOUR": 50,
    "NAME_PER_HOUR": 10,
    "NUMBERED_PER_HOUR": 10,
    # A surge of a pledge begins above this many signatures per hour and this multiple of its usual hour
    "SURGE_PER_HOUR": 100,
    "SURGE_FACTOR": 6,
    # A surge of all pledges begins when this percentage of the last 500 confirmation mails is unconfirmed after two
    # hours, or refused by the mail server
    "SURGE_UNCONFIRMED": 30,
    "SURGE_REFUSED": 5,
    # Whether an automatic surge holds signatures without proof of work; None: only if ALTCHA is on
    "SURGE_HOLDS": None,
    # max-age in seconds of a pledge's count during a surge
    "SURGE_MAX_AGE": 60,
    # Offer proof of work during a surge; needs the package altcha
    "ALTCHA": False,
    "ALTCHA_COST": 1000,
    "ALTCHA_MINUTES": 120,
    # Whether the site has treaties: page type, blocks, admin, addresses and the table of States
    "TREATIES": True,
    # A treaty's data is reported as stale after this many days
    "FACT_MAX_DAYS": 180,
    # Path of another world.json, made by tools/worldmap/build.py of the source repository
    "MAP_GEOMETRY": None,
    # Import formats; the first one that can read a file is used
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
    """Return the value of ``WAGTAIL_PLEDGE_<name>``, else its default. Raises ``KeyError`` for an unknown name."""
    default = DEFAULTS[name]
    return getattr(settings, PREFIX + name, default)
