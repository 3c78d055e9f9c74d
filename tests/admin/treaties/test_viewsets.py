"""Treaties and States in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests.admin.responses import outcome, text
from tests.treaties import treaty_data
from wagtail_pledge.admin.treaties.forms import StateForm
from wagtail_pledge.admin.treaties.viewsets import (
    StateAliasViewSet,
    StateViewSet,
    TreatyDeclarationViewSet,
    TreatyNameViewSet,
    TreatyViewSet,
)
from wagtail_pledge.treaties.importing.catalogue import catalogue, load_from_catalogue
from wagtail_pledge.treaties.models import State, StateAlias, Treaty, TreatyDeclaration, TreatyImport, TreatyName
from wagtail_pledge.treaties.states import resolve
from wagtail_pledge.treaties.status import status_as_of

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.fixture
def make_admin() -> Callable[..., Client]:
    """Return a function that logs in a new user with the given permissions."""

    def make(*codenames: str) -> Client:
        user = get_user_model().objects.create_user("-".join(codenames))
        user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.mark.requirement("TR1")
class TestTreaties:
    @pytest.fixture
    def treaty(self, db: None) -> Treaty:
        treaty = Treaty.objects.create(key="test", short_name="TEST", name="the Test Treaty", title="Treaty on Tests")
        state = State.objects.order_by("pk").first() or State.objects.create(key="XXA", name="Exland")
        treaty.actions.create(party=state, action="ratification", date="2003-07-01")
        return treaty

    def test_facts_can_be_edited_and_the_key_can_not(self, log_in: Login, treaty: Treaty) -> None:
        client = log_in("superuser")
        address = reverse("wagtail_pledge_treaties:edit", args=[treaty.pk])
        form = client.get(address).context["form"]
        assert {"key", "as_of"}.isdisjoint(form.fields)
        data = {name: form.initial.get(name) or "" for name in form.fields} | {
            "depositary": "The Registrar",
            "key": "x",
        }
        assert client.post(address, data).status_code == 302
        treaty.refresh_from_db()
        assert (treaty.key, treaty.depositary) == ("test", "The Registrar")

    def test_acts_are_shown(self, log_in: Login, treaty: Treaty) -> None:
        page = text(log_in("superuser").get(reverse("wagtail_pledge_treaties:inspect", args=[treaty.pk])))
        assert "July 1, 2003" in page
        assert str(treaty.actions.get().party) in page

    def test_states_are_found_by_the_names_used_in_sources(self, log_in: Login) -> None:
        state = State.objects.create(key="XXB", name="Exland Republic")
        state.aliases.create(name="Exlandia", normalized="exlandia")
        client = log_in("superuser")
        answer = client.get(reverse("wagtail_pledge_states:index"), {"q": "Exlandia"})
        assert list(answer.context["object_list"]) == [state]
        state.aliases.create(name="Republic of Exlandia", normalized="republic of exlandia")
        answer = client.get(reverse("wagtail_pledge_states:index"), {"q": "Exlandia"})
        assert list(answer.context["object_list"]) == [state]
        assert "Exlandia" in text(client.get(reverse("wagtail_pledge_states:inspect", args=[state.pk])))


def _field_values(form: Any, **values: str) -> dict[str, Any]:
    return {name: form.initial.get(name) or form.fields[name].initial or "" for name in form.fields} | values


@pytest.mark.requirement("TR1", "TR2")
class TestAdding:
    def test_a_site_gets_its_first_treaty_with_status_by_a_click(self, log_in: Login) -> None:
        treaty_data.states()
        client = log_in("superuser")
        index = text(client.get(reverse("wagtail_pledge_treaties:index")))
        assert "Add from the catalogue" in index
        address = reverse("wagtail_pledge_treaties:catalogue")
        assert "International Convention on the Protection of the Rights of All Migrant" in text(client.get(address))
        answer = client.post(address, {"key": ["cmw", "protocol1967"]}, follow=True)
        assert "2 treaties were added." in text(answer)
        treaty = Treaty.objects.get(key="cmw")
        assert (treaty.as_of, treaty.actions.count()) == (treaty_data.CMW_DAY, 100)
        assert status_as_of(treaty).parties == 60
        assert treaty.text_url.startswith("https://www.ohchr.org/")
        assert treaty.names.get(language="es").name == "la Convención sobre los Trabajadores Migratorios"
        assert TreatyImport.objects.filter(treaty=treaty).get().uploaded_by is not None
        assert "on this site already" in text(client.get(address))

    def test_a_treaty_that_exists_is_left_as_it_is(self, log_in: Login) -> None:
        treaty_data.states()
        Treaty.objects.create(key="cmw", short_name="Ours", name="ours", title="Ours")
        client = log_in("superuser")
        answer = client.post(reverse("wagtail_pledge_treaties:catalogue"), {"key": ["cmw"]}, follow=True)
        assert "0 treaties were added." in text(answer)
        assert Treaty.objects.get().title == "Ours"
        wrong = client.post(reverse("wagtail_pledge_treaties:catalogue"), {"key": ["nothing"]}, follow=True)
        assert "has no treaty with the key" in text(wrong)

    def test_the_catalogue_needs_both_rights(self, make_admin: Callable[..., Client]) -> None:
        address = reverse("wagtail_pledge_treaties:catalogue")
        for names in ("add_treaty", "import_treaty", "add_treaty import_treaty"):
            client, allowed = make_admin(*names.split()), " " in names
            assert (client.get(address).status_code == 200) is allowed
            assert (client.post(address, {"key": ["nothing"]}).headers.get("Location") == address) is allowed

    def test_a_treaty_is_added_with_its_key_and_names(self, log_in: Login) -> None:
        client = log_in("superuser")
        address = reverse("wagtail_pledge_treaties:add")
        form = client.get(address).context["form"]
        assert "key" in form.fields
        data = _field_values(form, key="test", short_name="TEST", name="the Test Treaty", title="Treaty on Tests")
        assert client.post(address, data).status_code == 302
        treaty = Treaty.objects.get(key="test")
        names = reverse("wagtail_pledge_treaty_names:add")
        values = {"treaty": treaty.pk, "language": "es", "name": "el Tratado", "title": "Tratado de Prueba"}
        assert client.post(names, values).status_code == 302
        assert treaty.names.get().title == "Tratado de Prueba"

    def test_a_state_and_a_name_are_added_and_found(self, log_in: Login) -> None:
        treaty_data.states()
        client = log_in("superuser")
        address = reverse("wagtail_pledge_states:add")
        data = _field_values(client.get(address).context["form"], key="ABK", name="Abkhazia", kind="other_state")
        assert "capital letters" in text(client.post(address, {**data, "key": "a b"}))
        assert "already a name of Germany" in text(client.post(address, {**data, "name": "Germany"}))
        assert client.post(address, data).status_code == 302
        state = State.objects.get(key="ABK")
        found = resolve("Abkhazia")
        assert found == state
        names = reverse("wagtail_pledge_state_names:add")
        value = {"state": state.pk, "name": "Apsny", "kind": "variant", "note": ""}
        assert "already a name of Türkiye" in text(client.post(names, {**value, "name": "  TURKEY "}))
        assert client.post(names, value).status_code == 302
        assert resolve("apsný") == state
        edit = reverse("wagtail_pledge_state_names:edit", args=[state.aliases.get(name="Apsny").pk])
        assert client.post(edit, {**value, "name": "Apsny State"}).status_code == 302
        assert resolve("Apsny") is None
        assert resolve("apsny state") == state
        changed = client.get(reverse("wagtail_pledge_states:edit", args=[state.pk])).context["form"]
        assert "key" not in changed.fields

    @pytest.mark.parametrize("name", ["ß" * 120, "\ufdfa" * 10, "!!!"])
    def test_a_name_by_which_imports_cannot_find_a_state_is_an_error(self, log_in: Login, name: str) -> None:
        client, state = log_in("superuser"), State.objects.create(key="XXA", name="Exland")
        alias = state.aliases.create(name="Exlandia", normalized="exlandia")
        values = {"state": state.pk, "name": name, "kind": "variant", "note": ""}
        for view in ("states", "state_names"):
            row = state if view == "states" else alias
            for address in (
                reverse(f"wagtail_pledge_{view}:add"),
                reverse(f"wagtail_pledge_{view}:edit", args=[row.pk]),
            ):
                data = _field_values(client.get(address).context["form"], **values, key="XXB")
                answer = client.post(address, {**data, "kind": "other_state" if view == "states" else "variant"})
                assert answer.status_code == 200, address
                assert answer.context["form"].errors.keys() == {"name"}, address

    @pytest.mark.parametrize(
        ("view", "names"),
        [
            ("treaties", ("short_name", "name", "title", "depositary", "reference", "source", "note")),
            ("treaty_names", ("name", "title")),
            ("treaty_declarations", ("article", "text", "source")),
            ("states", ("name",)),
            ("state_names", ("name", "note")),
        ],
    )
    def test_invisible_characters_are_refused(self, log_in: Login, view: str, names: tuple[str, ...]) -> None:
        client = log_in("superuser")
        fields = client.get(reverse(f"wagtail_pledge_{view}:add")).context["form"].fields
        for name in names:
            answer = client.post(reverse(f"wagtail_pledge_{view}:add"), {**dict.fromkeys(fields, ""), name: "a\u202eb"})
            assert "Enter text without invisible characters" in answer.context["form"].errors[name], name

    def test_all_or_none_of_the_ticked_treaties_are_added(self, log_in: Login, monkeypatch: pytest.MonkeyPatch) -> None:
        # Without States, no list can be read; treaties without a list could be added
        State.objects.all().delete()
        keys = list(catalogue())
        answer = log_in("superuser").post(reverse("wagtail_pledge_treaties:catalogue"), {"key": keys}, follow=True)
        assert "was added" not in text(answer)
        assert not Treaty.objects.exists()
        treaty_data.states()
        assert [treaty.key for treaty in load_from_catalogue(["crc", "cmw", "crc"])] == ["crc", "cmw"]

    def test_a_treaty_that_an_editor_adds_or_changes_meanwhile_is_left_as_it_is(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        treaty_data.states()

        reads: list[Any] = []

        def after_an_editor() -> Any:
            reads.append(None)
            if len(reads) > 1:
                Treaty.objects.update_or_create(
                    key="cmw", defaults={"title": "Ours", "short_name": "O", "name": "ours"}
                )
            return catalogue()

        monkeypatch.setattr("wagtail_pledge.treaties.importing.catalogue.catalogue", after_an_editor)
        assert load_from_catalogue(["cmw"]) == []
        assert Treaty.objects.get().title == "Ours"


#: Views that change nothing: any right on the model opens them.
READ = {"index", "index_results", "inspect", "history", "history_results"}
#: What each right opens besides them.
OPENED = {"view": set(), "add": {"add"}, "change": {"edit", "usage"}, "delete": {"delete"}}


@pytest.mark.requirement("TR1", "ED3")
@pytest.mark.parametrize("action", OPENED)
@pytest.mark.parametrize(
    "viewset", [TreatyViewSet, TreatyNameViewSet, TreatyDeclarationViewSet, StateViewSet, StateAliasViewSet]
)
def test_each_view_of_reference_data_needs_its_own_right(
    make_admin: Callable[..., Client], viewset: Any, action: str
) -> None:
    state = State.objects.create(key="XXA", name="Exland")
    treaty = Treaty.objects.create(key="test", short_name="TEST", name="the Test Treaty", title="Treaty on Tests")
    rows = {
        State: state,
        Treaty: treaty,
        StateAlias: state.aliases.create(name="Exlandia", normalized="exlandia"),
        TreatyName: treaty.names.create(language="es", name="el Tratado", title="Tratado"),
        TreatyDeclaration: treaty.declarations.create(party=state, kind="acceptance", article="77"),
    }
    views = viewset(viewset.name)
    client, others = make_admin(f"{action}_{views.model_name}"), make_admin("view_pledge", "add_image")
    names = {pattern.name for pattern in views.get_urlpatterns()}
    opened = set()
    for name in names:
        is_list = name in {"index", "index_results", "add", "catalogue"}
        address = reverse(f"{viewset.name}:{name}", args=[] if is_list else [rows[viewset.model].pk])
        if client.get(address).status_code == 200:
            opened.add(name)
        else:
            assert outcome(client.post(address, {"key": ["cmw"]})) == "denied", name
        assert outcome(others.get(address)) == outcome(others.post(address)) == "denied", name
    assert opened - READ == names & OPENED[action]
    assert [type(row).objects.filter(pk=row.pk).exists() for row in rows.values()] == [True] * len(rows)


@pytest.mark.requirement("TR2")
def test_an_acceptance_of_an_optional_article_is_added(log_in: Login) -> None:
    treaty_data.states()
    treaty, state = treaty_data.treaty(), State.objects.get(key="MEX")
    client = log_in("superuser")
    address = reverse("wagtail_pledge_treaty_declarations:add")
    values = {"treaty": treaty.pk, "party": state.pk, "kind": "acceptance", "article": "", "date": "2008-09-15"}
    assert "Name the article" in text(client.post(address, values))
    early = {**values, "article": "77", "withdrawn_on": "2007-01-01"}
    assert "before it was made" in text(client.post(address, early))
    assert client.post(address, {**values, "article": "77"}).status_code == 302
    assert treaty.declarations.get().article == "77"


@pytest.mark.requirement("TR1")
def test_treaties_of_the_catalogue_are_added_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    treaty_data.states()
    call_command("pledge_load_treaties")
    assert "cmw            2026-02-03  International Convention" in capsys.readouterr().out
    call_command("pledge_load_treaties", "--all")
    assert Treaty.objects.count() == 17
    assert all(treaty.text_url for treaty in Treaty.objects.all())
    assert status_as_of(Treaty.objects.get(key="crc")).parties == 196
    call_command("pledge_load_treaties", "cmw")
    assert "No change." in capsys.readouterr().out
    with pytest.raises(CommandError, match="nothing"):
        call_command("pledge_load_treaties", "nothing")


@pytest.mark.requirement("TR3")
@pytest.mark.parametrize("change", [False, True])
def test_two_admins_who_save_the_same_state_at_once_get_a_form_error(
    log_in: Login, monkeypatch: pytest.MonkeyPatch, change: bool
) -> None:
    client, save = log_in("superuser"), StateForm.save
    state = State.objects.create(key="XXA", iso3="XXA", name="Exland") if change else None
    values = {
        "key": "XXB",
        "name": "Whyland",
        "kind": "other_state",
        "iso3": "XXB",
        "iso2": "",
        "m49": "",
        "ended_on": "",
    }

    def save_after_another(form: StateForm, commit: bool = True) -> Any:
        # The other admin's row is committed after the form was checked
        State.objects.create(key="XXB", iso3="XXB", name="Zedland")
        if change:
            form.instance.key = "XXB"
        return save(form, commit)

    monkeypatch.setattr(StateForm, "save", save_after_another)
    address = ("edit", [state.pk]) if state else ("add", [])
    answer = client.post(reverse(f"wagtail_pledge_states:{address[0]}", args=address[1]), values)
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert "Somebody else has just saved the same entry." in text(answer)
    assert "Whyland" in answer.content.decode()
    assert not State.objects.filter(name="Whyland").exists()
