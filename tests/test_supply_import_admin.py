"""The import of supply points on the work desk: upload, look, apply."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from requests_app import actions, tables
from requests_app.models import Meter, SupplyImport, SupplyPoint
from requests_app.supply_import.columns import COLUMNS, TITLES
from requests_app.supply_import.lines import read_lines
from tests.factories import StaffFactory, snils
from tests.files import empty_storage, fill_disk, stored_files
from tests.supply_tables import table

pytestmark = pytest.mark.django_db

UPLOAD = reverse("admin:requests_app_supplyimport_upload")
LOG = reverse("admin:requests_app_supplyimport_changelist")
POINTS = reverse("admin:requests_app_supplypoint_changelist")


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor", name="Ольга Сергеевна")
    client.force_login(supervisor)
    return supervisor


def upload(*lines, name="Точки.csv", ending="csv", data=None):
    if data is None:
        with table(*lines, ending=ending) as file:
            data = file.read()
    return {"file": SimpleUploadedFile(name, data)}


def text_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def uploaded(client, *lines, **options):
    """The address of the page on which the uploaded file is looked at."""
    response = client.post(UPLOAD, upload(*lines, **options))
    assert response.status_code == 302, response.context["form"].errors
    return response.url


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("in_memory", [0, 2**20])
def test_a_file_is_uploaded_looked_at_and_applied(client, supervisor, ending, in_memory, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = in_memory
    page = uploaded(client, {}, {"serial": "2"}, ending=ending, name=f"Точки.{ending}")
    looked = client.get(page)

    assert '<th scope="row">Новые</th><td>1</td><td>2</td>' in text_of(looked)
    assert "Применить" in text_of(looked)
    assert not SupplyPoint.objects.exists()

    done = client.post(page, follow=True)

    assert done.redirect_chain == [(POINTS, 302)]
    assert "Точки: новых 1, изменено 0, без изменений 0. Приборы: новых 2" in text_of(done)
    assert Meter.objects.count() == 2
    row = SupplyImport.objects.get()
    assert (row.by, row.file.name, row.points_new, row.meters_new) == (supervisor, "", 1, 2)
    assert stored_files() == []


def test_wrong_rows_are_shown_with_their_number_and_nothing_can_be_applied(client, supervisor):
    page = uploaded(client, {}, *({"serial": str(number), "zones": "9"} for number in range(1, 252)))

    for response in (client.get(page), client.post(page)):
        assert "251 ошибка" in text_of(response)
        assert "Первые 200 из 251" in text_of(response)
        assert '<th scope="row">Строка 3, «Тарифных зон»</th><td>Нужно целое число от 1 до 3.</td>' in text_of(response)
        assert text_of(response).count("Нужно целое число") == 200
        assert "Применить" not in text_of(response)
    assert not SupplyPoint.objects.exists()


def test_what_is_typed_in_a_file_is_no_markup(client, supervisor):
    page = uploaded(client, {"zones": "<script>", "contract_number": "<b>"}, name="<img>.csv")

    assert "<script>alert" not in text_of(client.get(page))
    assert "<img>" not in text_of(client.get(page))


def test_everything_is_checked_again_when_it_is_applied(client, supervisor):
    page = uploaded(client, {"ogrn": "", "ogrnip": "304500116000157"})
    assert "Применить" in text_of(client.get(page))
    with table({"ogrnip": ""}) as file:
        actions.import_supply(file, file_name="Раньше.csv")
    columns = ["contract_number", "address", "consumer_name", "ogrnip"]
    with table({"ogrnip": "304500116000157"}, columns=columns) as file:
        page = uploaded(client, data=file.read())

    response = client.post(page)

    assert "ОГРН бывает у организации" in text_of(response)
    assert SupplyPoint.objects.get().ogrnip == ""


def test_applying_twice_is_once(client, supervisor):
    page = uploaded(client, {})
    client.post(page)

    again = client.post(page, follow=True)

    assert "применён" in text_of(again)
    assert SupplyImport.objects.count() == SupplyPoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_in_the_same_moment_are_one_import(client, supervisor):
    uploaded(client, {}, {"serial": "2"})
    stale = [SupplyImport.objects.get() for _ in range(2)]

    def click(draft):
        try:
            return actions.apply_supply_table(draft, by=supervisor)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(click, stale))

    assert [row.points_new for row in done] == [1, 1]
    assert SupplyImport.objects.count() == SupplyPoint.objects.count() == 1
    assert actions.apply_supply_table(SupplyImport(pk=done[0].pk, by=supervisor, file="imports/gone"), by=supervisor)


def test_nobody_applies_the_file_of_another_or_without_permission(client, supervisor):
    uploaded(client, {})
    draft = SupplyImport.objects.get()

    for by in (StaffFactory(group="supervisor"), StaffFactory(group="operator")):
        with pytest.raises(PermissionDenied):
            actions.apply_supply_table(draft, by=by)
    with pytest.raises(PermissionDenied):
        actions.upload_supply_table(SimpleUploadedFile("Точки.csv", b"1"), by=StaffFactory(group="operator"))


def test_a_file_that_changes_nothing_has_nothing_to_apply(client, supervisor):
    client.post(uploaded(client, {}))

    response = client.get(uploaded(client, {}))

    assert "применять нечего" in text_of(response)
    assert "Применить" not in text_of(response)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "required"),
        (upload(data=b""), "empty"),
        (upload(data="Номер договора;Адрес\n1;2".encode()), "table"),
        (upload(data=b"%PDF-1.4"), "table"),
        (upload(data=b"PK\x03\x04", name="Точки.xlsx"), "table"),
        (upload(data=bytes(1000)), "table"),
        (upload(), "no_rows"),
    ],
)
def test_wrong_files_are_told_by_the_field(client, supervisor, sent, code):
    response = client.post(UPLOAD, sent)

    assert response.context["form"].errors.as_data()["file"][0].code == code
    assert not SupplyImport.objects.exists()


def test_a_file_that_is_too_large_is_told(client, supervisor, monkeypatch):
    monkeypatch.setattr("requests_app.admin.supply_import.MAX_FILE_SIZE", 10)

    response = client.post(UPLOAD, upload({}))

    assert response.context["form"].errors.as_data()["file"][0].code == "too_large"


def test_a_file_that_breaks_later_is_told_on_its_page(client, supervisor):
    with table({}) as file:
        page = uploaded(client, data=file.read() + b'"a";"b')

    assert "кавычки" in text_of(client.get(page))
    assert "кавычки" in text_of(client.post(page))


def test_a_full_disk_is_told(client, supervisor, monkeypatch):
    fill_disk(monkeypatch)

    assert "на сервере нет места" in text_of(client.post(UPLOAD, upload({})))
    assert stored_files() == []


def test_a_file_that_is_gone_is_told(client, supervisor):
    page = uploaded(client, {})
    empty_storage()

    assert "Файл уже удалён" in text_of(client.get(page))
    assert "Файл уже удалён" in text_of(client.post(page))


def test_a_file_is_for_whom_it_was_uploaded_by(client, supervisor):
    page = uploaded(client, {})
    client.force_login(StaffFactory(group="supervisor"))

    assert client.get(page).status_code == client.post(page).status_code == 404
    assert not SupplyPoint.objects.exists()


def test_operators_do_not_import(client, supervisor):
    page = uploaded(client, {})
    client.force_login(StaffFactory(group="operator"))

    assert client.post(page).status_code == client.post(UPLOAD, upload({})).status_code == 403
    assert UPLOAD not in text_of(client.get(POINTS))
    assert not SupplyPoint.objects.exists()


def test_who_may_import_finds_it_from_the_list_of_points(client, supervisor):
    assert f'href="{UPLOAD}"' in text_of(client.get(POINTS))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_is_a_good_file(client, supervisor, ending):
    response = client.get(reverse("admin:requests_app_supplyimport_template", args=[ending]))
    data = b"".join(response)
    response.close()

    lines = read_lines(BytesIO(data))
    assert (lines.rows, lines.problems.count) == (1, 0)
    [row] = tables.read(BytesIO(data), columns=TITLES)
    assert list(row.cells) == list(COLUMNS)


def test_there_is_no_template_of_another_kind(client, supervisor):
    assert client.get(reverse("admin:requests_app_supplyimport_template", args=["exe"])).status_code == 404


def test_wrong_methods(client, supervisor):
    template = reverse("admin:requests_app_supplyimport_template", args=["csv"])

    assert client.post(template).status_code == client.put(UPLOAD).status_code == 405


def test_the_log_shows_who_imported_what_and_no_drafts(client, supervisor):
    client.post(uploaded(client, {}, name="Осень.csv"))
    uploaded(client, {"serial": "5"}, name="Черновик.csv")
    row = SupplyImport.objects.applied().get()

    page = text_of(client.get(LOG))

    assert "Осень.csv" in page
    assert "Ольга Сергеевна" in page
    assert "Черновик.csv" not in page
    assert row.sha256 in text_of(client.get(reverse("admin:requests_app_supplyimport_change", args=[row.pk])))


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_log_does_not_grow(client, supervisor, rows, django_assert_num_queries):
    for _ in range(rows):
        SupplyImport.objects.create(by=StaffFactory(), file_name="Точки.csv", sha256="", applied_at=timezone.now())

    with django_assert_num_queries(6):  # session, user, two of permissions, count, imports
        client.get(LOG)


def test_no_snils_is_left_in_what_is_stored(client, supervisor):
    client.post(uploaded(client, {"snils_hash": snils(7)}))

    assert snils(7) not in str(SupplyImport.objects.values().get()) + str(SupplyPoint.objects.values().get())


# -- Drafts ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_only_the_last_files_of_a_person_are_kept(client, supervisor):
    pages = [uploaded(client, {"serial": str(number)}) for number in range(1, 6)]

    assert len(stored_files()) == 3
    assert [client.get(page).status_code for page in pages] == [404, 404, 200, 200, 200]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_nobody_applies_is_removed_after_a_day(client, supervisor):
    old, fresh = uploaded(client, {}), uploaded(client, {})
    long_ago = SupplyImport.objects.order_by("pk").first()
    SupplyImport.objects.filter(pk=long_ago.pk).update(uploaded_at=timezone.now() - timedelta(hours=25))
    said = StringIO()

    call_command("cleanup_files", stdout=said)

    assert "Drafts removed: 1;" in said.getvalue()
    assert len(stored_files()) == 1
    assert (client.get(old).status_code, client.get(fresh).status_code) == (404, 200)
