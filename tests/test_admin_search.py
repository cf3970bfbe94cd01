"""Search in the queue: the shape of the term decides what it is compared with."""

import pytest
from django.urls import reverse

from accounts import identifiers
from accounts.models import LegalForm
from requests_app.models import NumberSequence, ServiceRequest
from requests_app.name_keys import name_key
from requests_app.services import violation_report
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, submitted
from tests.readings import confirmed_meter, send, send_unknown

pytestmark = pytest.mark.django_db

LIST = reverse("admin:requests_app_servicerequest_changelist")


@pytest.fixture
def find(client):
    """`find(term)`: the numbers of the requests found."""
    client.force_login(StaffFactory(group="operator"))

    def find(term):
        response = client.get(LIST, {"q": term})
        assert response.status_code == 200
        return {service_request.number for service_request in response.context["cl"].result_list}

    return find


def request_of(*, number, **consumer):
    return ServiceRequestFactory(owner=ConsumerFactory(**consumer).user, number=number)


@pytest.mark.parametrize("term", ["2026-000123", "№ 2026-000123", " №2026-123 ", "2026–123", "000123", "123", "№ 123"])
def test_number_or_its_last_part(find, term):
    NumberSequence.objects.create(year=2026, last=200)
    request_of(number="2026-000123")
    request_of(number="2026-001230")

    assert find(term) == {"2026-000123"}


@pytest.mark.parametrize(
    "term",
    [
        "Заявка № 2026-000123: взята в работу",  # the subject of our letters
        "Добрый день! По заявке 2026-000123 ответа нет",
        "Заявка № 2026-123",
        "заявка 123",
        "#2026-000123",
        "2026-000123.",
    ],
)
def test_number_as_it_is_pasted(find, term):
    NumberSequence.objects.create(year=2026, last=200)
    request_of(number="2026-000123")

    assert find(term) == {"2026-000123"}


@pytest.mark.parametrize("term", ["ЭС-2026-000123", "2026-000123/4", "12026-000123", "2026-0001234"])
def test_a_part_of_another_number_is_none_of_ours(find, term):
    request_of(number="2026-000123")

    assert find(term) == set()


def test_last_part_is_found_in_every_year(find):
    NumberSequence.objects.create(year=2025, last=200)
    NumberSequence.objects.create(year=2026, last=200)
    for number in ("2025-000123", "2026-000123"):
        request_of(number=number)

    assert find("123") == {"2025-000123", "2026-000123"}


@pytest.mark.parametrize(
    "term",
    ["vega@example.org", " Vega@Example.ORG ", "<vega@example.org>", "mailto:vega@example.org", "vega@example.org."],
)
def test_email_in_full(find, term):
    request_of(number="2026-000001", user__email="vega@example.org")
    request_of(number="2026-000002", user__email="vega@example.organisation")

    assert find(term) == {"2026-000001"}
    assert find("vega@example.or") == set()


def test_email_of_then_and_of_today(find):
    service_request = request_of(number="2026-000001", user__email="new@example.org")
    service_request.applicant_email = "old@example.org"
    service_request.save()

    assert find("new@example.org") == find("old@example.org") == {"2026-000001"}


def written(digits):
    """How people write a number of so many digits."""
    return [
        digits,
        f" {digits[:3]} {digits[3:6]} {digits[6:]} ",
        f"{digits[:4]}-{digits[4:]}",
        f"{digits[:3]}\N{NO-BREAK SPACE}{digits[3:6]}\N{EN DASH}{digits[6:]}",
    ]


@pytest.mark.parametrize(
    ("legal_form", "name"),
    [
        (LegalForm.COMPANY, "inn"),
        (LegalForm.COMPANY, "ogrn"),
        (LegalForm.SOLE_TRADER, "ogrnip"),
        (LegalForm.PERSON, "snils"),
    ],
)
def test_identifier_with_any_separators(find, legal_form, name):
    consumer = ConsumerFactory(legal_form=legal_form)
    ServiceRequestFactory(owner=consumer.user, number="2026-000001")
    request_of(number="2026-000002", legal_form=legal_form)
    digits = getattr(consumer, name)

    for term in written(digits):
        assert find(term) == {"2026-000001"}


@pytest.mark.parametrize(("word", "name"), [("ИНН", "inn"), ("ОГРН:", "ogrn")])
def test_identifier_as_it_stands_in_papers(find, word, name):
    consumer = ConsumerFactory(legal_form=LegalForm.COMPANY)
    ServiceRequestFactory(owner=consumer.user, number="2026-000001")

    assert find(f"{word} {getattr(consumer, name)}") == {"2026-000001"}


def test_inn_of_a_sole_trader(find):
    inn = "6166000001" + identifiers.person_inn_check_digits("6166000001")
    request_of(number="2026-000001", legal_form=LegalForm.SOLE_TRADER, inn=inn)

    assert find(inn) == {"2026-000001"}


def test_what_may_be_a_number_or_an_inn_finds_both(find):
    inn = "201400006" + identifiers.company_inn_check_digit("201400006")
    request_of(number="2026-000001", legal_form=LegalForm.COMPANY, inn=inn)
    request_of(number=f"2014-{inn[4:]}")

    assert find(f"{inn[:4]}-{inn[4:]}") == {"2026-000001", f"2014-{inn[4:]}"}


def test_a_part_of_an_identifier_finds_nothing(find):
    consumer = ConsumerFactory()
    ServiceRequestFactory(owner=consumer.user, number="2026-000001")

    assert find(consumer.snils[:10]) == set()
    assert find(consumer.snils_hash) == set()
    assert find("12345678901234") == set()


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("Семёнов Пётр Ильич", "семен"),
        ("Семёнов Пётр Ильич", "СЕМЁНОВ  ПЁТР"),
        ("ООО «Вега»", "вега"),
        ("ООО «Вега»", "ООО Вега"),
        ("ООО «Вега»", "ООО «Вега»"),
        ("ПАО «Вега (Юг)»", "вега (ю"),
        ("ИП Гринько Тамара Ильинична", "Гринько"),
    ],
)
def test_beginning_of_a_name(find, name, term):
    ServiceRequestFactory(applicant_name=name, number="2026-000001")
    ServiceRequestFactory(applicant_name="Авега Иван", number="2026-000002")

    assert find(term) == {"2026-000001"}


@pytest.mark.parametrize(
    "term", ["   ", "«»", "%", "_", "\\", "(", "[а", "*", "'; DROP TABLE", "\x00", "😀", "@", "№", "0" * 400]
)
def test_strange_terms_are_harmless(find, term):
    ServiceRequestFactory(applicant_name="Самойлов Николай Петрович")

    find(term)


def test_help_says_what_may_be_typed(client):
    client.force_login(StaffFactory(group="operator"))

    html = client.get(LIST).content.decode()

    for word in ("2026-000123", "телефон", "договора", "счётчика", "email", "ИНН", "ОГРН", "ОГРНИП", "СНИЛС", "имени"):
        assert word in html


# -- Telephone, contract, meter -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "term",
    ["8 (863) 250-31-02", "+7 863 250 31 02", "88632503102", "78632503102", "8632503102", "тел. 8 863 250-31-02"],
)
def test_telephone_as_people_write_it(find, term):
    ServiceRequestFactory(applicant_phone="8 (863) 250-31-02", number="2026-000001")
    ServiceRequestFactory(applicant_phone="8 (863) 250-31-02 доб. 12", number="2026-000002")
    ServiceRequestFactory(applicant_phone="8 (863) 250-31-03", number="2026-000003")

    assert find(term) == {"2026-000001", "2026-000002"}


def test_telephone_with_its_extension(find):
    ServiceRequestFactory(applicant_phone="8 (863) 250-31-02", number="2026-000001")
    ServiceRequestFactory(applicant_phone="8 (863) 250-31-02 доб. 12", number="2026-000002")

    assert find("8 863 250-31-02 доб. 12") == {"2026-000002"}


@pytest.mark.parametrize("term", ["ТП-2019/114", "тп–2019 / 114", "TП-2019/114", "договор № ТП-2019/114", "тп-2019"])
def test_contract_however_it_is_written(find, term):
    ServiceRequestFactory(contract_number="№ ТП-2019/114", number="2026-000001")
    ServiceRequestFactory(contract_number="ТП-2020/114", number="2026-000002")

    assert find(term) == {"2026-000001"}


def test_contract_of_digits_in_full(find):
    """The last digits of a number must not bring every contract that begins with them."""
    ServiceRequestFactory(contract_number="1234", number="2026-000001")
    ServiceRequestFactory(contract_number="12345678", number="2026-000002")

    assert find("1234") == {"2026-000001"}
    assert find("12345") == {"2026-000002"}


def test_contract_key_follows_the_number(find):
    service_request = ServiceRequestFactory(contract_number="ТП-2019/114", number="2026-000001")
    service_request.contract_number = "ТП-2020/7"
    service_request.save(update_fields=["contract_number"])

    assert find("ТП-2019/114") == set()
    assert find("ТП-2020/7") == {"2026-000001"}


def test_meter_by_its_serial(find):
    """What its owner sent, and what somebody sent who only typed the number."""
    sent = send(confirmed_meter(serial="011-076148"), 120)
    typed = send_unknown(by=ConsumerFactory().user, serial="№ 0110 76148")
    send_unknown(by=ConsumerFactory().user, serial="011076149")

    assert find("011076148") == find("счётчик 011 076 148") == {sent.number, typed.number}


def test_contract_of_an_anonymous_report_finds_nothing(client):
    """A contract is somebody's, and would lead to the reporter."""
    client.force_login(StaffFactory(group="supervisor"))
    hidden = submitted(violation_report.SERVICE, reporter="anonymous")
    ServiceRequest.objects.filter(pk=hidden.pk).update(contract_key="ТП-2019/114", contract_number="ТП-2019/114")

    assert hidden.is_anonymous
    for term in ("ТП-2019/114", "Заявитель скрыт", hidden.owner.email, hidden.owner.consumer.snils):
        assert not client.get(LIST, {"q": term}).context["cl"].result_list


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ООО «Вега»", "ВЕГА"),
        ("ПАО «Вега (Юг)»", "ВЕГА (ЮГ)"),
        ("Семёнов  Пётр", "СЕМЕНОВ ПЕТР"),
        ("ИП Гринько Тамара", "ГРИНЬКО ТАМАРА"),
        ("Аоки Иван", "АОКИ ИВАН"),
        ("«»", ""),
        ("я" * 300, "Я" * 100),
    ],
)
def test_key_of_a_name(name, key):
    assert name_key(name) == key
