import pytest
from django.urls import resolve

from rsmportal.site import CABINET_NAVIGATION, NAVIGATION, Operator, Phone, site_at

TITLES = [
    "О компании",
    "Потребителям",
    "Закупки",
    "Раскрытие",
    "Отчётность",
    "Вакансии",
    "Антикоррупционная политика",
    "Услуги",
    "Интернет-приёмная",
    "Контакты",
]


def titles(links) -> list[str]:
    return [link.title.replace("\N{NO-BREAK SPACE}", " ") for link in links]


@pytest.mark.parametrize(
    ("number", "href"),
    [
        ("8 (863) 250-31-02", "tel:+78632503102"),
        ("8\N{NO-BREAK SPACE}(863)\N{NO-BREAK SPACE}255-23-25", "tel:+78632552325"),
        ("8-800-234-46-55", "tel:88002344655"),
    ],
)
def test_phone_is_dialled_from_anywhere_and_free_line_stays_free(number, href):
    assert Phone(title="", number=number).href == href


def test_operator_has_the_phones_and_the_address_of_its_guide():
    operator = Operator(name="", legal_name="")

    assert operator.reception.href == "tel:+78632503102"
    assert operator.sales.href == "tel:+78632552325"
    assert operator.local_line.href == "tel:+78632503128"
    assert operator.free_line.href == "tel:88002344655"
    assert operator.street.endswith("Менжинского, 2С")


def test_names_come_from_settings(settings):
    settings.OPERATOR_NAME, settings.OPERATOR_LEGAL_NAME = "РСТ Энерго", "ООО «РСТ»"

    operator = site_at("/").operator

    assert (operator.name, operator.legal_name) == ("РСТ Энерго", "ООО «РСТ»")


def test_navigation_has_ten_entries_in_the_order_of_the_guide(settings):
    settings.MAIN_SITE_URL = "https://www.example.org"

    navigation = site_at("/").navigation

    assert titles(navigation) == TITLES
    assert navigation[2].href == "https://www.example.org/zakupki/"


def test_entries_of_an_unknown_main_site_are_left_out(settings):
    settings.MAIN_SITE_URL = ""

    assert titles(site_at("/").navigation) == [
        "О компании",
        "Потребителям",
        "Услуги",
        "Интернет-приёмная",
        "Контакты",
    ]


def test_no_entry_of_ours_leads_nowhere():
    for entry in [*NAVIGATION, *CABINET_NAVIGATION]:
        if entry.url_name:
            assert resolve(entry.href).view_name == entry.url_name


def test_page_and_its_section_are_marked_as_current():
    site = site_at("/requests/2026-000123/")

    assert {link.title: link.current for link in site.cabinet_navigation} == {
        "Главная": "",
        "Заявки": "true",
        "Показания": "",
        "Помощь": "",
    }
    assert [link.title for link in site_at("/contacts/").navigation if link.current == "page"] == ["Контакты"]


def test_of_two_entries_the_nearer_is_current():
    site = site_at("/requests/new/meter-readings/7/")

    assert {link.title: link.current for link in site.cabinet_navigation if link.current} == {"Показания": "true"}
