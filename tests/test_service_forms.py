"""What the single services ask and refuse; what all of them keep stands in test_services.py."""

import pytest

from requests_app.services import complaint, consultation, inquiry
from tests.factories import ConsumerFactory, filled, submitted
from tests.files import upload

pytestmark = pytest.mark.django_db


def errors(form):
    """Field → codes of its errors."""
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


# -- Inquiry and consultation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", [inquiry.SERVICE, consultation.SERVICE], ids=lambda service: service.slug)
def test_a_question_has_at_least_ten_characters(service):
    form = filled(service, owner=ConsumerFactory().user, question="Почему?")

    assert errors(form) == {"question": ["min_length"]}


@pytest.mark.parametrize("way", ["call", "video"])
def test_a_call_needs_a_phone_and_finds_its_time(way):
    owner = ConsumerFactory().user

    without = filled(consultation.SERVICE, owner=owner, way=way, call_phone="")
    at_any_time = submitted(consultation.SERVICE, owner=owner, way=way, call_time="")

    assert errors(without) == {"call_phone": ["required"]}
    assert at_any_time.detail.call_time == "any"


def test_a_written_consultation_keeps_no_phone():
    detail = submitted(consultation.SERVICE, way="written").detail

    assert (detail.call_phone, detail.call_time) == ("", "")


def test_the_phone_of_the_profile_is_offered_for_the_call():
    consumer = ConsumerFactory()

    form = consultation.SERVICE.form_class(owner=consumer.user)

    assert form["call_phone"].value() == consumer.phone


def test_a_phone_is_told_in_its_usual_form():
    rows = {row.label: row.value for row in submitted(consultation.SERVICE, call_phone="8 863 250-31-02 доб. 7").rows()}

    assert rows["Телефон для звонка"].replace("\N{NO-BREAK SPACE}", " ") == "8 (863) 250-31-02 доб. 7"


# -- Complaint ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", ["energy", "transmission"])
def test_a_complaint_about_supply_says_where_when_under_which_contract_and_what_is_wanted(category):
    """Government Decree No. 442 as changed by No. 55 of 24.01.2024."""
    form = filled(
        complaint.SERVICE,
        owner=ConsumerFactory().user,
        category=category,
        began_at="",
        object_address="",
        no_contract="",
        demands="",
    )

    assert errors(form) == {
        "began_at": ["required"],
        "object_address": ["required"],
        "contract_number": ["required"],
        "demands": ["required"],
    }


@pytest.mark.parametrize("category", ["connection", "metering", "service", "maintenance", "other"])
def test_another_complaint_needs_none_of_it(category):
    submitted(complaint.SERVICE, category=category, began_at="", object_address="", no_contract="", demands="")


@pytest.mark.parametrize(
    ("began_at", "ended_at", "expected"),
    [
        ("2025-11-02T18:30", "2025-11-02T18:29", {"ended_at": ["end_before_start"]}),
        ("2025-11-02T18:30", "2025-11-02T18:30", {}),
        ("2025-11-02T18:30", "", {}),
        ("02.11.2025 18:30", "", {}),  # typed where the browser has no calendar
        ("2125-11-02T18:30", "", {"began_at": ["future"]}),
        ("1025-11-02T18:30", "", {"began_at": ["long_ago"]}),
        ("0001-01-01T00:00", "", {"began_at": ["long_ago"]}),
        ("2025-11-02T18:30", "2125-11-02T18:30", {"ended_at": ["future"]}),
        ("2025-11-32T18:30", "", {"began_at": ["invalid"]}),
    ],
)
def test_the_time_of_the_breach_is_possible(began_at, ended_at, expected):
    form = filled(complaint.SERVICE, owner=ConsumerFactory().user, began_at=began_at, ended_at=ended_at)

    assert errors(form) == expected


def test_an_end_without_a_beginning_is_incomplete():
    form = filled(
        complaint.SERVICE,
        owner=ConsumerFactory().user,
        category="other",
        began_at="",
        ended_at="2025-11-02T18:30",
    )

    assert errors(form) == {"began_at": ["required"]}


def test_a_representative_attaches_the_power_of_attorney():
    owner = ConsumerFactory().user

    without = filled(complaint.SERVICE, owner=owner, by_representative="on")
    submitted(complaint.SERVICE, owner=owner, by_representative="on", files=[upload("Доверенность.pdf")])

    assert errors(without) == {"files": ["required"]}


def test_earlier_requests_are_offered_by_number_and_without_withdrawn_ones():
    owner = ConsumerFactory().user
    first = submitted(inquiry.SERVICE, owner=owner)
    submitted(inquiry.SERVICE)

    choices = list(complaint.SERVICE.form_class(owner=owner).fields["repeats"].choices)

    assert [label for _, label in choices] == ["Обращаюсь впервые", f"№ {first.number}, Справка: учёт электроэнергии"]


@pytest.mark.parametrize("pk", ["9" * 30, "-1", "x", "\0"])
def test_a_nonsense_earlier_request_is_refused(pk):
    form = filled(complaint.SERVICE, owner=ConsumerFactory().user, repeats=pk)

    assert list(form.errors) == ["repeats"]


@pytest.mark.parametrize(
    ("service", "name", "words"),
    [
        (complaint.SERVICE, "demands", "нужно в жалобе на качество передачи и энергии"),
        (consultation.SERVICE, "call_phone", "нужен для звонка и видеосвязи"),
        (inquiry.SERVICE, "postal_address", "нужен для письма по почте"),
        (inquiry.SERVICE, "contract_number", "необязательно"),
    ],
)
def test_label_says_when_a_field_is_needed(service, name, words):
    form = service.form_class(owner=ConsumerFactory().user)

    html = form[name].as_field_group()

    assert f"({words})" in html


def test_a_complaint_offers_the_newest_earlier_requests_only(monkeypatch):
    monkeypatch.setattr(complaint, "MAX_EARLIER", 2)
    owner = ConsumerFactory().user
    old, new, newest = (submitted(inquiry.SERVICE, owner=owner, question=f"Вопрос номер {n}") for n in range(3))

    form = complaint.SERVICE.form_class(owner=owner)

    assert list(form.fields["repeats"].queryset) == [newest, new]
    assert errors(filled(complaint.SERVICE, owner=owner, repeats=old.pk))["repeats"] == ["invalid_choice"]
