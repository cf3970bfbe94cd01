"""The form of a violation report: what it asks, refuses and stores; its photos; how many a day."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from post_office.models import Email

from accounts.models import LegalForm
from requests_app import actions, services
from requests_app.codes import Category
from requests_app.models import Attachment, ServiceRequest
from requests_app.services import violation_report
from requests_app.services.base import CannotBeSent
from requests_app.services.violation_report.form import MAX_A_DAY
from requests_app.services.violation_report.models import ViolationKind
from tests import files
from tests.factories import ConsumerFactory, StaffFactory, filled, said, submitted
from tests.files import exif_of_a_phone, picture, upload

pytestmark = pytest.mark.django_db

SERVICE = violation_report.SERVICE
NEW = reverse("requests:submit", args=[SERVICE.slug])


@pytest.fixture
def user(client):
    user = ConsumerFactory(agreed=True).user
    client.force_login(user)
    return user


def errors(form):
    """Field → codes of its errors."""
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


def refused(**answers):
    return errors(filled(SERVICE, owner=ConsumerFactory().user, **answers))


def told(service_request):
    return {row.label: row.value for row in service_request.rows()}


# -- The page -------------------------------------------------------------------------------------------------------


def test_danger_stands_above_everything_that_is_asked(client, user):
    html = client.get(NEW).content.decode()

    assert html.index("Звоните, не&nbsp;пишите") < html.index('href="tel:112"') < html.index("<form class")
    assert html.index("Там опасно прямо сейчас") < html.index("Что произошло")


def test_danger_does_not_hold_up_the_sending(client, user):
    response = client.post(NEW, {**SERVICE.example, "is_dangerous": "on"})

    sent = ServiceRequest.objects.get()
    assert response.url == sent.get_absolute_url()
    assert sent.is_urgent
    assert told(sent)["Опасность сейчас"] == "да"


def test_the_page_says_what_the_reporter_will_be_told_and_promises_no_day(client, user):
    html = client.get(NEW).content.decode()

    assert "Не&nbsp;подтвердилось" in html
    assert "ответим до" not in html
    assert "Заведомо ложное сообщение может повлечь ответственность" in html
    assert "КоАП" not in html


def test_nobody_is_named_or_unnamed_without_being_asked(client, user):
    html = client.get(NEW).content.decode()

    assert 'name="reporter"' in html
    assert "checked" not in html[html.index('name="reporter"') :]
    assert refused(reporter="") == {"reporter": ["required"]}


def test_the_page_is_for_consumers(client):
    assert "/login/" in client.get(NEW).url
    client.force_login(StaffFactory(group="inspector"))
    assert client.get(NEW).url == reverse("admin:index")


def test_other_methods_are_not_answered(client, user):
    assert client.put(NEW).status_code == 405


@pytest.mark.parametrize("legal_form", LegalForm)
def test_every_legal_form_may_report(client, legal_form):
    client.force_login(ConsumerFactory(legal_form=legal_form, agreed=True).user)

    assert client.get(NEW).status_code == 200


def test_nothing_typed_is_lost_when_one_field_is_wrong(client, user):
    typed = {**SERVICE.example, "kind": "", "suspect": "Бригада с синим фургоном", "coordinates": "где-то там"}

    html = client.post(NEW, typed).content.decode()

    assert "Напишите два числа" in html
    for text in ("Бригада с синим фургоном", "где-то там", SERVICE.example["description"], SERVICE.example["place"]):
        assert text in html
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize(
    "name", ["status", "owner", "is_anonymous", "is_urgent", "applicant_name", "latitude", "longitude", "category"]
)
def test_extra_fields_are_ignored(client, user, name):
    client.post(NEW, {**SERVICE.example, name: "5"})

    sent = ServiceRequest.objects.get()
    assert (sent.status, sent.owner, sent.is_anonymous, sent.is_urgent) == ("registered", user, False, False)
    assert sent.applicant_name == user.consumer.display_name
    assert sent.detail.coordinates == SERVICE.example["coordinates"]


def test_it_asks_for_nothing_that_only_an_answer_needs():
    fields = filled(SERVICE, owner=ConsumerFactory().user).fields

    assert {"reply_channel", "postal_address", "contract_number", "object_address"}.isdisjoint(fields)


# -- What is asked --------------------------------------------------------------------------------------------------


def test_several_signs_are_rows_of_their_own():
    sent = submitted(SERVICE, signs=["seal", "cut"])

    assert [sign.sign for sign in sent.detail.signs.all()] == ["seal", "cut"]
    assert told(sent)["Признаки"] == "Сорвана или повреждена пломба; Что-то оборвано или срезано"


def test_a_sign_sent_twice_is_one():
    sent = submitted(SERVICE, signs=["cut", "seal", "cut"])

    assert [sign.sign for sign in sent.detail.signs.all()] == ["cut", "seal"]


@pytest.mark.parametrize("signs", [["smell"], ["seal", "\0"], ["9" * 400]])
def test_a_sign_that_nobody_offered_is_refused(signs):
    assert refused(signs=signs) == {"signs": ["invalid_choice"]}


@pytest.mark.parametrize(
    ("typed", "latitude", "longitude"),
    [
        ("47.222078, 39.720349", "47.222078", "39.720349"),
        ("47,222078, 39,720349", "47.222078", "39.720349"),
        ("47,222078 39,720349", "47.222078", "39.720349"),
        ("47.222078;39.720349", "47.222078", "39.720349"),
        ("  47.2220784999  ,  -39.7 ", "47.222078", "-39.700000"),
        ("90 180", "90.000000", "180.000000"),
    ],
)
def test_coordinates_are_taken_as_maps_show_them(typed, latitude, longitude):
    detail = submitted(SERVICE, coordinates=typed).detail
    detail.refresh_from_db()

    assert (detail.latitude, detail.longitude) == (Decimal(latitude), Decimal(longitude))
    assert told(detail.service_request)["Координаты"] == f"{latitude}, {longitude}"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("47.222078", "invalid"),
        ("сорок семь", "invalid"),
        ("٤٧.٢٢, ٣٩.٧٢", "invalid"),
        ("1e3, 2", "invalid"),
        ("47.2, 39.7, 12", "invalid"),
        ("91, 39", "range"),
        ("47, -181", "range"),
        ("9" * 400, "max_length"),
        ("47\0, 39", "null_characters_not_allowed"),
    ],
)
def test_nonsense_coordinates_are_said_by_their_field(typed, code):
    assert refused(coordinates=typed) == {"coordinates": [code]}


def test_coordinates_may_be_left_out():
    detail = submitted(SERVICE, coordinates="").detail

    assert (detail.latitude, detail.longitude, detail.coordinates) == (None, None, "")


@time_machine.travel("2026-01-12T15:00:00Z", tick=False)  # 18:00 in Moscow
@pytest.mark.parametrize(
    ("seen_at", "expected"),
    [
        ("2026-01-12T18:00", {}),
        ("12.01.2026 18:00", {}),
        ("2026-01-12T18:01", {"seen_at": ["future"]}),
        ("1026-01-12T18:00", {"seen_at": ["long_ago"]}),
        ("0001-01-01T00:00", {"seen_at": ["long_ago"]}),
        ("2026-01-32T18:00", {"seen_at": ["invalid"]}),
        ("", {"seen_at": ["required"]}),
    ],
)
def test_it_was_seen_already(seen_at, expected):
    assert refused(seen_at=seen_at) == expected


def test_who_shows_the_place_says_how_to_be_met():
    assert refused(may_show_place="on") == {"contact": ["required"]}
    assert refused(contact="8 863 250-31-02") == {"may_show_place": ["contact_alone"]}
    assert told(submitted(SERVICE, may_show_place="on", contact="8 863 250-31-02"))["Как связаться"]


def test_who_is_not_named_leaves_no_contact():
    """Dropping it silently would lose what was typed, keeping it would name who asked not to be named."""
    answers = {"reporter": "anonymous", "may_show_place": "on", "contact": "Николай, 8 928"}

    assert refused(**answers) == {"may_show_place": ["unnamed"], "contact": ["unnamed"]}


@pytest.mark.parametrize("kind", ViolationKind)
def test_every_kind_has_a_subject_and_an_official_category(kind):
    sent = submitted(SERVICE, kind=kind)

    assert sent.subject[0].islower()
    is_theft = kind == ViolationKind.THEFT
    assert sent.category == (Category.APPEAL_MAINTENANCE if is_theft else Category.APPEAL_METERING)


@pytest.mark.parametrize("name", ["place", "description", "suspect", "pole_number", "substation_number"])
def test_markup_is_shown_as_it_was_typed(client, user, name):
    text = '<script>alert("1")</script>'
    sent = submitted(SERVICE, owner=user, **{name: text})
    pages = [client.get(sent.get_absolute_url()).content.decode()]
    client.force_login(StaffFactory(group="inspector"))
    pages.append(client.get(reverse("admin:requests_app_servicerequest_change", args=[sent.pk])).content.decode())

    for html in pages:
        assert text not in html
        assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;" in html


# -- Photos ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "image_format"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.heic", "HEIF")])
def test_the_stored_photo_knows_neither_place_nor_camera(client, user, name, image_format):
    photo = picture(image_format, exif=exif_of_a_phone())
    assert Image.open(io.BytesIO(photo)).getexif().get_ifd(files.GPS)

    client.post(NEW, {**SERVICE.example, "files": upload(name, photo)})

    with Attachment.objects.get().file.open() as file:
        stored = file.read()
    assert not Image.open(io.BytesIO(stored)).getexif()
    assert b"TESTCAMERA" not in stored
    assert b"Exif" not in stored


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Акт.pdf", files.PDF),
        ("Письмо.docx", files.docx()),
        ("Папка.zip", files.archive()),
        ("Видео.mp4", b"\0\0\0\x18ftypmp42"),
        ("Страница.html", b"<script>1</script>"),
        ("Рисунок.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("фото.jpg.exe", b"MZ"),
        ("без окончания", picture()),
    ],
)
def test_only_photos_are_taken(name, content):
    form = filled(SERVICE, owner=ConsumerFactory().user, files=[upload(name, content)])

    assert errors(form) == {"files": ["type"]}
    assert "Подойдут фото" in form.errors["files"][0]


def test_only_photos_are_taken_with_a_message_either(client, user):
    sent = submitted(SERVICE, owner=user)
    address = reverse("requests:message", args=[sent.number])

    html = client.post(address, {"body": "Вот ещё документ.", "files": upload("Акт.pdf")}).content.decode()

    assert "Подойдут фото" in html
    assert not sent.messages.exists()
    client.post(address, {"body": "Вот ещё фото.", "files": upload("a.jpg", picture())})
    assert sent.messages.get().attachments.count() == 1


def test_staff_may_add_any_document():
    inspector = StaffFactory(group="inspector")
    sent = submitted(SERVICE)

    actions.write_note(sent, form=said("Акт.", by=inspector, files=[upload("Акт.pdf")]), by=inspector)

    assert sent.attachments.get().original_name == "Акт.pdf"


# -- Once, and not too many -----------------------------------------------------------------------------------------


def test_the_same_report_twice_is_one():
    owner = ConsumerFactory().user

    first, second = (submitted(SERVICE, owner=owner, signs=["seal", "cut"]) for _ in range(2))

    assert first == second
    assert Email.objects.filter(to=owner.email).count() == 1


@pytest.mark.parametrize("change", [{"signs": ["seal"]}, {"reporter": "anonymous"}, {"is_dangerous": "on"}])
def test_another_answer_makes_another_report(change):
    owner = ConsumerFactory().user

    assert submitted(SERVICE, owner=owner) != submitted(SERVICE, owner=owner, **change)


def made_so_many(owner, amount):
    for number in range(amount):
        submitted(SERVICE, owner=owner, pole_number=str(number))


def test_more_than_ten_a_day_are_refused_and_nothing_is_lost(client, user):
    made_so_many(user, MAX_A_DAY)
    Email.objects.all().delete()

    html = client.post(
        NEW, {**SERVICE.example, "pole_number": "77", "files": upload("a.jpg", picture())}
    ).content.decode()

    assert ServiceRequest.objects.count() == MAX_A_DAY
    assert f"За\N{NO-BREAK SPACE}сутки можно отправить {MAX_A_DAY}" in html
    assert SERVICE.example["description"] in html
    assert "Уже приложено" in html
    assert not Email.objects.exists()


def test_the_next_day_and_other_people_are_free():
    owner = ConsumerFactory().user
    made_so_many(owner, MAX_A_DAY)

    submitted(SERVICE, pole_number="77")
    ServiceRequest.objects.filter(owner=owner).update(submitted_at=timezone.now() - timedelta(days=1, seconds=1))
    submitted(SERVICE, owner=owner, pole_number="77")


def test_other_services_do_not_count():
    owner = ConsumerFactory().user
    for number in range(MAX_A_DAY):
        submitted(services.get("inquiry"), owner=owner, question=f"Какие документы нужны, вопрос {number}?")

    submitted(SERVICE, owner=owner)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_do_not_pass_the_limit():
    owner = ConsumerFactory().user
    made_so_many(owner, MAX_A_DAY - 1)

    def send(number):
        try:
            return submitted(SERVICE, owner=owner, pole_number=f"вкладка {number}")
        except CannotBeSent:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(send, range(4)))

    assert sum(service_request is not None for service_request in sent) == 1
    assert ServiceRequest.objects.count() == MAX_A_DAY
