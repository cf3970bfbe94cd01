"""Form fields for what a consumer is asked: identifiers, telephone, names. Each message says how to put it right."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber
from phonenumber_field.widgets import RegionalPhoneNumberWidget

from accounts.identifiers import IdentifierError
from rsmportal.russian import plural


class IdentifierField(forms.CharField):
    """A number of `identifiers`: the bare digits, or ValidationError with the code of IdentifierError."""

    def __init__(self, *, parse: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parse = parse

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        if not typed:
            return ""
        try:
            return self.parse(typed)
        except IdentifierError as error:
            raise ValidationError(error.message, code=error.code) from None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        ours = {"inputmode": "numeric", "autocomplete": "off", "class": "input-digits input-short"}
        return super().widget_attrs(widget) | ours


# -- Telephone ------------------------------------------------------------------------------------------------------

# «доб. 123» and what else people write for it, at the end
_EXTENSION = re.compile(
    r"[\s,;(]*(?:добав\w*|доб|доп|внутр\w*|вн|ext|x|#|,)[\s.:=№]*(?P<digits>[0-9]{1,6})[\s)]*$", re.I
)
_PUNCTUATION = re.compile(r"[\s().,/+\-\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}]")
_LOCAL_NUMBER = range(5, 8)  # digits of a number without its area code
_NOT_PERSONAL = {
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
}


def format_phone(number: PhoneNumber) -> str:
    """«8 (863) 250-31-02 доб. 123»: the usual form; the library has no Russian word for an extension."""
    return str(number.as_national).replace(" ext. ", " доб. ")


class PhoneInput(RegionalPhoneNumberWidget):
    """Shows a stored number in its usual form, and what was typed as it was typed: also what cannot be understood."""

    def format_value(self, value: Any) -> Any:
        return format_phone(value) if isinstance(value, PhoneNumber) else value


class ConsumerPhoneField(PhoneNumberField):
    """
    A Russian telephone on which a person can be reached, with its extension: our rule.

    Gives a PhoneNumber, empty for no answer. ValidationError has one of the codes `characters`, `no_area_code`,
    `length`, `foreign`, `not_personal`, `invalid`.
    """

    widget = PhoneInput

    def to_python(self, value: Any) -> Any:
        typed = forms.CharField.to_python(self, value)
        return _phone(typed) if typed else self.empty_value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs: dict[str, Any] = super().widget_attrs(widget)
        return attrs | {"inputmode": "tel", "autocomplete": "tel", "class": "input-short"}


def _phone(typed: str) -> PhoneNumber:
    main, extension = typed, None
    if found := _EXTENSION.search(typed):
        main, extension = typed[: found.start()], found["digits"]
    digits = _PUNCTUATION.sub("", main)
    if not (digits.isascii() and digits.isdigit()):
        raise _phone_error("characters", "Оставьте в номере только цифры. Добавочный допишите в конце: доб. 123.")
    national = _national(digits, is_international=main.lstrip(" (").startswith("+"))
    number = PhoneNumber(country_code=7, national_number=int(national), extension=extension, raw_input=typed)
    if phonenumbers.number_type(number) in _NOT_PERSONAL:
        raise _phone_error("not_personal", "Нужен номер, по которому можно позвонить вам: мобильный или городской.")
    if not number.is_valid():
        raise _phone_error("invalid", "Такого номера в России нет. Проверьте, все ли цифры на месте.")
    return number


def _national(digits: str, *, is_international: bool) -> str:
    """The ten digits after the country code."""
    if is_international and not digits.startswith("7"):
        raise _phone_error("foreign", "Укажите российский номер: он начинается с +7 или 8.")
    if len(digits) == 11 and digits[0] in "78":
        digits = digits[1:]
    elif len(digits) in _LOCAL_NUMBER:
        raise _phone_error("no_area_code", "Укажите код города: например, 8 863 250-31-02.")
    elif len(digits) != 10:
        entered = plural(len(digits), "Введена", "Введены", "Введено")
        noun = plural(len(digits), "цифра", "цифры", "цифр")
        raise _phone_error("length", f"{entered} {len(digits)}\N{NO-BREAK SPACE}{noun}, нужно 10 или 11 с восьмёркой.")
    if digits[0] in "67":
        raise _phone_error("foreign", "Это номер Казахстана. Укажите российский.")
    return digits


def _phone_error(code: str, message: str) -> ValidationError:
    return ValidationError(message, code=code)


# -- Names ----------------------------------------------------------------------------------------------------------

_HYPHEN = re.compile(r"\s*[-\N{HYPHEN}-\N{EM DASH}\N{MINUS SIGN}]\s*")
_MARKS_OF_NAMES = " -.'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`"


class PersonNameField(forms.CharField):
    """
    A surname, a name or a patronymic, as in the document: letters of any script, «Салтыков-Щедрин», «Мамед оглы», «О».

    Gives it with single spaces and plain hyphens. ValidationError has one of the codes `invisible`, `characters`,
    `mixed_scripts`, `no_letters`, `max_length`.
    """

    def __init__(self, *, max_length: int = 100, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.error_messages["max_length"] = f"Не длиннее {max_length}\N{NO-BREAK SPACE}знаков: сократите."

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        name = _HYPHEN.sub("-", " ".join(unicodedata.normalize("NFC", typed or "").split()))
        if name:
            _check_name(name)
        return name


class OrganisationField(forms.CharField):
    """
    The name of an organisation, with whatever signs it has: «ООО «Вега-2»», on one line and with single spaces.

    ValidationError has one of the codes `invisible`, `no_letters`, `max_length`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)

    def to_python(self, value: Any) -> str:
        name = " ".join(unicodedata.normalize("NFC", super().to_python(value) or "").split())
        if any(unicodedata.category(char)[0] == "C" for char in name):
            raise _invisible()
        if name and not any(char.isalpha() for char in name):
            raise ValidationError("Напишите название буквами, как в уставе.", code="no_letters")
        return name


def _check_name(name: str) -> None:
    strange = next((char for char in name if not _belongs_to_a_name(char)), None)
    if strange is not None and unicodedata.category(strange)[0] == "C":
        raise _invisible()
    if strange is not None:
        raise ValidationError(f"Оставьте буквы, дефис и пробел, уберите «{strange}».", code="characters")
    if not any(char.isalpha() for char in name):
        raise ValidationError("Напишите буквами, как в документе.", code="no_letters")
    if any(_mixes_scripts(word) for word in re.split(r"[\s-]", name)):
        message = "В одном слове русские и латинские буквы. Проверьте раскладку и наберите его заново."
        raise ValidationError(message, code="mixed_scripts")


def _invisible() -> ValidationError:
    return ValidationError("В тексте есть невидимые знаки. Сотрите его и наберите заново.", code="invisible")


def _belongs_to_a_name(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" or char in _MARKS_OF_NAMES


def _mixes_scripts(word: str) -> bool:
    """Latin letters that look like Russian ones make a name that no search finds."""
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()}
    return {"CYRILLIC", "LATIN"} <= scripts
