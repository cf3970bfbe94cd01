"""Identifiers, telephones and names as they are typed into forms. Codes are compared, never texts."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from phonenumber_field.phonenumber import PhoneNumber

from accounts.fields import ConsumerPhoneField, IdentifierField, PersonNameField, format_phone
from accounts.identifiers import parse_company_inn, parse_snils

LATIN_O, CYRILLIC_O = "o", "о"


class ConsumerForm(forms.Form):
    inn = IdentifierField(label="ИНН", parse=parse_company_inn)
    phone = ConsumerPhoneField(label="Номер телефона", required=False)
    last_name = PersonNameField(label="Фамилия")


def code_of(field, typed):
    """The code of the refusal, or None when the answer is taken."""
    try:
        field.clean(typed)
    except ValidationError as refusal:
        return refusal.error_list[0].code
    return None


# -- Identifiers ----------------------------------------------------------------------------------------------------


def test_identifier_comes_out_as_bare_digits():
    assert IdentifierField(parse=parse_snils).clean(" 112-233-445 95 ") == "11223344595"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("7707083894", "check_digit"),
        ("770708389", "length"),
        ("7707083893\x00", "not_digits"),
        ("---", "length"),
        ("9" * 10_000, "length"),
    ],
)
def test_identifier_is_refused_with_the_code_of_its_fault(typed, code):
    assert code_of(IdentifierField(parse=parse_company_inn), typed) == code


def test_identifier_may_be_left_out_where_it_is_optional():
    assert IdentifierField(parse=parse_snils, required=False).clean("") == ""


def test_refused_identifier_stays_in_the_form_as_it_was_typed():
    form = ConsumerForm({"inn": "77-07-08", "last_name": "Ёлкина"})

    html = form["inn"].as_field_group()

    assert 'value="77-07-08"' in html
    assert 'aria-invalid="true"' in html
    assert 'inputmode="numeric"' in html
    assert 'autocomplete="off"' in html
    assert "input-digits" in html


# -- Telephones -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number", "extension"),
    [
        ("8(863) 250-31-02", "+78632503102", None),
        ("+7 863 250 31 02 доб. 123", "+78632503102", "123"),
        ("+7 (863) 250-31-02 (доб.5)", "+78632503102", "5"),
        ("8 863 250-31-02, 123", "+78632503102", "123"),
        ("8 863 250-31-02 добавочный 123", "+78632503102", "123"),
        ("8 863 250-31-02 вн. 12", "+78632503102", "12"),
        ("8 863 250-31-02 ext 12", "+78632503102", "12"),
        ("8 863 250-31-02 #12", "+78632503102", "12"),
        ("8-928-123-45-67", "+79281234567", None),
        ("8–928–123–45–67", "+79281234567", None),
        ("8\N{NO-BREAK SPACE}928\N{NO-BREAK SPACE}123.45.67", "+79281234567", None),
        ("9281234567", "+79281234567", None),
        ("7 928 1234567", "+79281234567", None),
        ("+7(928)1234567", "+79281234567", None),
    ],
)
def test_telephone_is_understood_as_people_write_it(typed, number, extension):
    phone = ConsumerPhoneField().clean(typed)

    assert (phone.as_e164, phone.extension) == (number, extension)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("250-31-02", "no_area_code"),
        ("50-31-02", "no_area_code"),
        ("8-800-234-46-55", "not_personal"),
        ("8-803-555-55-55", "not_personal"),
        ("+375 29 123-45-67", "foreign"),
        ("+1 202 555 01 23", "foreign"),
        ("+7 701 123-45-67", "foreign"),
        ("8 928 123-45", "length"),
        ("8 928 123-45-67-89", "length"),
        ("8 928 123-45-67, 8 863 250-31-02", "length"),
        ("123", "length"),
        ("8 000 123-45-67", "invalid"),
        ("8 928 ВЕГА", "characters"),
        ("1-800-FLOWERS", "characters"),
        ("８９２８１２３４５６７", "characters"),
        ("8928\x001234567", "characters"),
        ("доб. 123", "characters"),
        ("+", "characters"),
    ],
)
def test_telephone_is_refused_with_the_code_of_its_fault(typed, code):
    assert code_of(ConsumerPhoneField(), typed) == code


def test_telephone_may_be_left_out_where_it_is_optional():
    assert ConsumerPhoneField(required=False).clean("") == ""


def test_extension_survives_a_round_through_the_form():
    first = ConsumerPhoneField().clean("8 863 250-31-02 доб. 123")

    shown = ConsumerForm(initial={"phone": first})["phone"].as_widget()

    assert format_phone(first) == "8 (863) 250-31-02 доб. 123"
    assert format_phone(first) in shown
    assert ConsumerPhoneField().clean(format_phone(first)) == first


@pytest.mark.parametrize("typed", ["250-31-02", "8 928 123-45-67, 8 863 250-31-02", "1-800-FLOWERS", "+375 29 1234567"])
def test_refused_telephone_stays_in_the_form_as_it_was_typed(typed):
    html = ConsumerForm({"phone": typed})["phone"].as_widget()

    assert f'value="{typed}"' in html


@given(st.text(max_size=40))
def test_any_telephone_gives_a_number_or_a_message(typed):
    field = ConsumerPhoneField()

    assert code_of(field, typed) or isinstance(field.clean(typed), PhoneNumber)


# -- Names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ёлкина", "Ёлкина"),
        ("Салтыков-Щедрин", "Салтыков-Щедрин"),
        ("Салтыков — Щедрин", "Салтыков-Щедрин"),
        ("Салтыков‑Щедрин", "Салтыков-Щедрин"),
        ("  Мамед   оглы ", "Мамед оглы"),
        ("Мамед\N{NO-BREAK SPACE}оглы", "Мамед оглы"),
        ("О", "О"),
        ("Д'Артаньян", "Д'Артаньян"),
        ("О’Нил", "О’Нил"),
        ("Иванов мл.", "Иванов мл."),
        ("Müller", "Müller"),
        ("Mu\N{COMBINING DIAERESIS}ller", "Müller"),
        ("王", "王"),
        ("ნინო", "ნინო"),
        ("Пётр II", "Пётр II"),
    ],
)
def test_name_is_taken_with_its_spaces_and_hyphens_in_order(typed, name):
    assert PersonNameField().clean(typed) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        (" \N{NO-BREAK SPACE} ", "required"),
        ("-", "no_letters"),
        ("Иванов2", "characters"),
        ("<b>Иванов</b>", "characters"),
        ("Иванов, Пётр", "characters"),
        ("Иванов 😀", "characters"),
        ("=cmd", "characters"),
        ("Ива\x00нов", "invisible"),
        ("Ива\x07нов", "invisible"),
        ("Иванов\N{RIGHT-TO-LEFT OVERRIDE}", "invisible"),
        ("Ива\N{ZERO WIDTH SPACE}нов", "invisible"),
        (f"Иван{LATIN_O}в", "mixed_scripts"),
        (f"Салтыков-Щ{LATIN_O}дрин", "mixed_scripts"),
        ("я" * 101, "max_length"),
    ],
)
def test_name_is_refused_with_the_code_of_its_fault(typed, code):
    assert code_of(PersonNameField(), typed) == code


def test_lines_of_a_name_cannot_make_a_header():
    assert PersonNameField().clean("Иванов\r\nBcc. all") == "Иванов Bcc. all"


def test_name_of_the_greatest_length_is_taken():
    assert PersonNameField(max_length=255).clean("я" * 255) == "я" * 255


def test_message_about_the_length_is_in_russian():
    with pytest.raises(ValidationError, match="Не длиннее"):
        PersonNameField().clean("я" * 101)


@given(st.text(max_size=40))
def test_any_name_gives_a_clean_name_or_a_message(typed):
    field = PersonNameField()

    if code_of(field, typed) is None:
        assert field.clean(typed).replace(" ", "").isprintable()
        assert field.clean(field.clean(typed)) == field.clean(typed)
