"""Message catalogues: complete for visitors in each language and for staff in Spanish, and up to date with the code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest
from django.utils.translation import to_locale

from tests.architecture.tree import PACKAGE, ROOT, relative
from tests.catalogues import CATALOGUES, Entry, Key, entries, placeholders
from tests.public_messages import extract_messages, public_keys
from wagtail_pledge.core.languages import UNREVIEWED

#: The languages in which visitors and signers can read everything, with their number of plural forms.
LANGUAGES: Final = {
    "ar": 6,
    "de": 2,
    "es": 3,
    "fil": 2,
    "fr": 3,
    "ht": 2,
    "it": 2,
    "ko": 1,
    "nl": 2,
    "pl": 4,
    "pt_BR": 2,
    "vi": 1,
    "zh_Hans": 1,
}
SPANISH = [path for path in CATALOGUES if path.parts[-3] == "es"]
TAG: Final = re.compile(r"<[^>]+>")


def catalogue_of(language: str) -> Path:
    """Return the package's catalogue of a language."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new catalogue of all messages of the code."""
    if shutil.which("xgettext") is None:
        pytest.skip("needs gettext's tools")
    return extract_messages(tmp_path_factory.mktemp("messages"))


@pytest.fixture(scope="module")
def public(extracted: Path) -> set[Key]:
    return public_keys(extracted)


@pytest.mark.requirement("RE5")
def test_the_package_has_these_catalogues() -> None:
    assert {path.parts[-3] for path in CATALOGUES if PACKAGE in path.parents} == set(LANGUAGES)


@pytest.mark.requirement("RE5")
def test_the_guide_lists_these_languages_and_who_reviewed_them() -> None:
    guide = (ROOT / "docs" / "howto" / "languages.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| [\w ()]+ \| (yes|no) \|$", guide, flags=re.MULTILINE))
    assert set(map(to_locale, rows)) == set(LANGUAGES)
    assert {code for code, reviewed in rows.items() if reviewed == "no"} == UNREVIEWED


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_visitors_and_signers_see_is_translated(public: set[Key], language: str) -> None:
    translated = {entry.key for entry in entries(catalogue_of(language)) if entry.is_translated}
    assert sorted(public - translated) == []


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_forms_of_the_language(language: str) -> None:
    catalogue = catalogue_of(language)
    declared = re.search(r"nplurals=(\d)", catalogue.read_text(encoding="utf-8"))
    assert declared is not None
    assert int(declared[1]) == LANGUAGES[language]
    plurals = [entry for entry in entries(catalogue) if entry.plural and any(entry.forms)]
    assert {len(entry.forms) for entry in plurals} == {LANGUAGES[language]}
    assert [entry.key for entry in plurals if not entry.is_translated] == []


@pytest.mark.parametrize(
    ("key", "is_public"),
    [
        (("", "Add my name"), True),  # a template
        (("", "Enter your full name"), True),  # a field of the form
        (("", "Enter a number, like 12"), True),  # an error
        (("", "Confirm your signature on “%(pledge_title)s”"), True),  # a mail
        (("", "accession"), True),  # a choice that a table shows
        (("position", "Supports it"), True),
        (("", "Select at least one signature."), False),  # the admin
        (("", "Choose several"), False),  # the name of a question type
        (("", "Can be shown with the name. One more field to fill in."), False),  # the editor
        (("", "Add a question; until then nothing is shown here."), False),  # the editor's preview
    ],
)
def test_which_messages_are_public(public: set[Key], key: Key, is_public: bool) -> None:
    assert (key in public) is is_public


@pytest.mark.parametrize("catalogue", SPANISH, ids=relative)
def test_spanish_is_complete(catalogue: Path) -> None:
    assert [entry.key for entry in entries(catalogue) if not entry.is_translated] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_no_translation_is_fuzzy_or_obsolete(catalogue: Path) -> None:
    assert [entry.key for entry in entries(catalogue) if entry.is_fuzzy] == []
    assert "#~" not in catalogue.read_text(encoding="utf-8")


def _has_wrong_placeholders(entry: Entry) -> bool:
    """Return whether placeholders differ. A plural form may leave out the number ("two days"), no other one."""
    wanted = placeholders(entry.text) | placeholders(entry.plural)
    if entry.plural:
        return any(not placeholders(form) <= wanted for form in entry.forms) or placeholders(entry.forms[-1]) != wanted
    return placeholders(entry.forms[0]) != wanted


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_every_translation_keeps_the_placeholders(catalogue: Path) -> None:
    translated = [entry for entry in entries(catalogue) if entry.is_translated]
    assert translated
    assert [entry.key for entry in translated if _has_wrong_placeholders(entry)] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_every_translation_keeps_the_markup(catalogue: Path) -> None:
    def tags(text: str) -> list[str]:
        return sorted(TAG.findall(text))

    translated = [entry for entry in entries(catalogue) if entry.is_translated]
    assert [entry.key for entry in translated if tags(entry.forms[-1]) != tags(entry.plural or entry.text)] == []


def test_the_catalogue_has_all_messages_of_the_code(extracted: Path) -> None:
    in_code, in_catalogue = ({entry.key for entry in entries(path)} for path in (extracted, catalogue_of("es")))
    assert in_code == in_catalogue, "make messages, then translate"
