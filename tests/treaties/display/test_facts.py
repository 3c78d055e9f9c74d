"""Sentences, spotlight cards and tables rendered from treaty data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import translation

from tests.treaties import treaty_data
from wagtail_pledge.treaties.display.facts import treaty_label, treaty_sentence, treaty_sentence_html
from wagtail_pledge.treaties.display.spotlight import spotlight
from wagtail_pledge.treaties.display.tables import status_table
from wagtail_pledge.treaties.enums import Act, ParticipantStatus
from wagtail_pledge.treaties.formatting import format_date, format_list
from wagtail_pledge.treaties.models import State, TreatyAction, TreatyName
from wagtail_pledge.treaties.status import status_as_of

pytestmark = pytest.mark.django_db
NAME = "the Migrant Workers Convention"


def test_the_sentence_depends_on_the_day() -> None:
    treaty = treaty_data.cmw()
    assert treaty_sentence(status_as_of(treaty), NAME, ["MEX", "PHL"]) == (
        "As of 3 February 2026, 60 States are party to the Migrant Workers Convention, "
        "including Mexico and the Philippines; 11 more have signed but are not party."
    )
    assert treaty_sentence(status_as_of(treaty, dt.date(2016, 12, 18)), NAME, ["MEX", "PHL"]) == (
        "As of 18 December 2016, 49 States are party to the Migrant Workers Convention, "
        "including Mexico and the Philippines; 17 more have signed but are not party."
    )


def test_an_example_is_named_only_while_it_is_a_party() -> None:
    treaty = treaty_data.cmw()
    status = status_as_of(treaty, dt.date(1996, 1, 1))
    assert "including the Philippines" in treaty_sentence(status, NAME, ["MEX", "PHL", "USA", "gone"])
    assert "Mexico" not in treaty_sentence(status, NAME, ["MEX", "PHL"])


def test_the_sentence_for_zero_and_one() -> None:
    treaty = treaty_data.cmw()
    first = treaty_sentence(status_as_of(treaty, dt.date(1990, 12, 18)), NAME)
    assert first == "As of 18 December 1990, no State is party to the Migrant Workers Convention."
    status = replace(status_as_of(treaty), parties=1, signed_only=1)
    assert treaty_sentence(status, NAME) == (
        "As of 3 February 2026, 1 State is party to the Migrant Workers Convention; 1 more has signed but is not party."
    )
    assert "1 has signed but is not party" in treaty_sentence(replace(status, parties=0), NAME)


def test_an_organization_is_not_called_a_state() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("crpd")
    treaty_data.import_csv(treaty, treaty_data.content("status/crpd.csv"))
    sentence = treaty_sentence(status_as_of(treaty), "the CRPD", ["EU", "MEX"])
    assert sentence == (
        "As of 3 February 2026, 192 States are party to the CRPD, including Mexico; 1 organization is party as well;"
        " 3 more have signed but are not party."
    )


def test_the_sentence_as_html_marks_numbers_and_escapes_names() -> None:
    treaty = treaty_data.cmw()
    html = treaty_sentence_html(status_as_of(treaty), "the <b>Treaty</b>")
    assert '<time datetime="2026-02-03">3 February 2026</time>' in html
    assert '<span class="pledge-fact">60</span> States' in html
    assert "&lt;b&gt;" in html


def test_dates_and_names_are_in_the_active_language() -> None:
    treaty = treaty_data.cmw()
    TreatyName.objects.create(treaty=treaty, language="es", name="la Convención", title="Convención Internacional")
    with translation.override("es"):
        status = status_as_of(treaty)
        assert treaty_label(treaty).name == "la Convención"
        assert format_date(treaty_data.CMW_DAY) == "3 de febrero de 2026"
        sentence = treaty_sentence(status, treaty_label(treaty).name, ["MEX", "PHL"])
        assert "3 de febrero de 2026" in sentence
        assert "México" in sentence
        assert "Filipinas" in sentence
    with translation.override("es-mx"):
        assert treaty_label(treaty).title == "Convención Internacional"
    with translation.override("ar"):
        assert treaty_label(treaty).title == treaty.title


def test_format_list() -> None:
    assert format_list([]) == ""
    assert format_list(["Mexico"]) == "Mexico"
    assert format_list(["Mexico", "Peru", "Italy"]) == "Mexico, Peru and Italy"


def test_the_card_has_a_text_for_every_status() -> None:
    treaty = treaty_data.cmw()
    status = status_as_of(treaty)
    states = {key: spotlight(status, key, NAME) for key in ("USA", "ARM", "MNE", "MEX")}
    texts = {key: card and (card.heading, card.text, card.signed, card.bound) for key, card in states.items()}
    assert texts == {
        "USA": (
            "Has not signed or joined",
            (
                "As of 3 February 2026, the United States of America has neither signed the Migrant Workers"
                " Convention nor become a party to it."
            ),
            False,
            False,
        ),
        "ARM": (
            "Signed, not party",
            (
                "Armenia signed the Migrant Workers Convention on 26 September 2013. As of 3 February 2026, it has not"
                " become a party."
            ),
            True,
            False,
        ),
        "MNE": (
            "Signed, not party",
            (
                "Montenegro succeeded to the signature of the Migrant Workers Convention on 23 October 2006. As of"
                " 3 February 2026, it has not become a party."
            ),
            True,
            False,
        ),
        "MEX": (
            "Party",
            "Mexico has been a party to the Migrant Workers Convention since its ratification of 8 March 1999.",
            True,
            True,
        ),
    }
    assert spotlight(status, "XXX", NAME) is None


def test_the_card_of_a_state_that_withdrew() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("iccpr_op1")
    treaty_data.import_csv(treaty, treaty_data.content("status/iccpr_op1.csv"))
    card = spotlight(status_as_of(treaty), "JAM", "the Protocol")
    assert card is not None
    assert (card.heading, card.bound) == ("Withdrew", False)
    assert "does not say since when" in card.text
    past = spotlight(status_as_of(treaty, dt.date(2000, 1, 1)), "JAM", "the Protocol")
    assert past is not None
    assert (past.heading, past.bound, past.status) == ("Not known", None, ParticipantStatus.UNKNOWN)
    TreatyAction.objects.filter(party__key="JAM", action=Act.WITHDRAWAL).update(date=dt.date(1997, 10, 23))
    dated = spotlight(status_as_of(treaty), "JAM", "the Protocol")
    assert dated is not None
    assert dated.text == "Jamaica was a party to the Protocol and withdrew on 23 October 1997."


def test_the_table_is_sorted_and_filtered_by_query_parameters() -> None:
    status = status_as_of(treaty_data.cmw())
    by_name = status_table(status, {})
    assert len(by_name.rows) == 197
    assert [row.name for row in by_name.rows[:2]] == ["Afghanistan", "Albania"]
    assert [column.aria_sort for column in by_name.columns] == ["ascending", "", "", "", "", ""]
    latest = status_table(status, {"sort": "consent", "dir": "desc", "as_of": "2026-02-03"}, only_acts=True)
    assert len(latest.rows) == 71
    days = [row.consent.iso for row in latest.rows if row.consent]
    assert days == sorted(days, reverse=True)
    assert [row.consent for row in latest.rows[60:]] == [None] * 11
    assert latest.columns[3].url == "?as_of=2026-02-03&sort=consent&dir=asc"
    assert latest.columns[3].aria_sort == "descending"
    assert status_table(status, {"sort": "secret", "dir": "up"}) == by_name


def test_names_are_sorted_without_their_accents() -> None:
    treaty_data.states()
    names = [
        row.name for row in status_table(status_as_of(treaty_data.treaty("x", as_of=treaty_data.CMW_DAY)), {}).rows
    ]
    assert names.index("Costa Rica") < names.index("Côte d'Ivoire") < names.index("Croatia")
    assert State.objects.get(key="CIV").name in names
