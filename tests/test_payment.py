"""Bank details and the payment code: what ГОСТ Р 56042 wants, and what is drawn."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
import segno
from django.conf import settings

from requests_app.payment import payment_line
from rsmportal.payee import read_payee
from rsmportal.qr import draw

GOOD = {
    "name": "ООО «Пример энергосети»",
    "inn": "6166000060",
    "kpp": "616601001",
    "account": "40702810600000000001",
    "bank": "Банк Пример, г. Ростов-на-Дону",
    "bic": "046000999",
    "corr_account": "30101810500000000999",
}
PAYEE = read_payee(GOOD)


# -- Bank details ---------------------------------------------------------------------------------------------------


def test_without_any_there_is_no_payee():
    assert read_payee({}) is None
    assert read_payee(dict.fromkeys(GOOD, " ")) is None


def test_a_real_bank_passes():
    """The public details of a real bank: one key of the account in ten fits, once the correspondent account does."""
    bank = GOOD | {"bic": "044525225", "corr_account": "30101810400000000225"}
    fitting = [key for key in "0123456789" if is_right(bank | {"account": f"40702810{key}38000000001"})]

    assert len(fitting) == 1


def is_right(values):
    try:
        return read_payee(values) is not None
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "я" * 161),
        ("inn", "6166000061"),
        ("inn", "616600006"),
        ("inn", "500100732259"),
        ("kpp", "61660100"),
        ("kpp", "616б01001"),
        ("account", "40702810600000000002"),
        ("account", "4070281060000000001"),
        ("account", "٤٠٧٠٢٨١٠٦٠٠٠٠٠٠٠٠٠٠١"),
        ("bank", "я" * 46),
        ("bank", ""),
        ("bic", "04600099"),
        ("bic", "046000998"),
        ("corr_account", "30101810500000000998"),
        ("corr_account", ""),
    ],
)
def test_a_wrong_or_missing_detail_names_itself(name, value):
    with pytest.raises(ValueError, match="^(account|" + name + ")$"):
        read_payee(GOOD | {name: value})


def test_a_wrong_detail_stops_the_start():
    environment = {**os.environ, "PAYEE_NAME": "ООО", "PAYEE_INN": "1", "SECRET_KEY": "x" * 50}
    environment |= {
        name: "" for name in environment if name.startswith("PAYEE_") and name not in ("PAYEE_NAME", "PAYEE_INN")
    }

    started = subprocess.run(
        [sys.executable, "-c", "import rsmportal.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert "PAYEE_INN: the value cannot be understood" in started.stderr


def test_the_settings_have_the_details_of_the_environment():
    assert settings.PAYEE == PAYEE


# -- The line -------------------------------------------------------------------------------------------------------


def fields_of(line):
    separator = line[7]
    header, *fields = line.split(separator)
    assert header == "ST00012"
    return [tuple(field.split("=", 1)) for field in fields]


def test_the_line_has_its_fields_in_order():
    line = payment_line(PAYEE, amount=Decimal("184620.40"), purpose="Оплата по счёту № 1042")

    assert line == (
        "ST00012|Name=ООО «Пример энергосети»|PersonalAcc=40702810600000000001|BankName=Банк Пример, г. Ростов-на-Дону"
        "|BIC=046000999|CorrespAcc=30101810500000000999|Sum=18462040|Purpose=Оплата по счёту № 1042"
        "|PayeeINN=6166000060|KPP=616601001"
    )


@pytest.mark.parametrize(("amount", "kopecks"), [("0.01", "1"), ("3540", "354000"), ("9999999999.99", "999999999999")])
def test_the_sum_is_in_kopecks(amount, kopecks):
    assert dict(fields_of(payment_line(PAYEE, amount=Decimal(amount), purpose="x")))["Sum"] == kopecks


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_is_paid_with_no_sum(amount):
    with pytest.raises(ValueError, match="amount"):
        payment_line(PAYEE, amount=Decimal(amount), purpose="x")


@pytest.mark.parametrize("purpose", ["договор А|Б", "договор А|Б~В", "|~^#*", "все сразу |~^#*;"])
def test_a_separator_within_a_value_takes_nothing_apart(purpose):
    found = fields_of(payment_line(PAYEE, amount=Decimal(1), purpose=purpose))

    assert [name for name, _ in found] == [
        "Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc", "Sum", "Purpose", "PayeeINN", "KPP"
    ]  # fmt: skip
    assert dict(found)["Purpose"] == (purpose if "все" not in purpose else purpose.replace("|", "/"))


def test_the_purpose_is_one_line_and_as_long_as_banks_take():
    purpose = dict(fields_of(payment_line(PAYEE, amount=Decimal(1), purpose="a\r\nb\x00c\tPurpose=d " + "я" * 300)))[
        "Purpose"
    ]

    assert purpose.startswith("a b c Purpose=d яя")
    assert len(purpose) == 210


def test_the_longest_line_fits_into_a_code():
    longest = replace(PAYEE, name="я" * 160, bank="я" * 45)

    assert draw(payment_line(longest, amount=Decimal("9999999999.99"), purpose="я" * 210)).side <= 177 + 8


# -- The drawing ----------------------------------------------------------------------------------------------------


def read_path(code):
    """The modules that the path fills, without the border."""
    side = code.side - 8
    matrix = [[0] * side for _ in range(side)]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path)
    assert "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs) == code.path
    for x, y, length in runs:
        for place in range(int(x), int(x) + int(length)):
            matrix[int(y) - 4][place - 4] = 1
    return matrix


def test_the_drawing_is_that_of_the_line():
    line = payment_line(PAYEE, amount=Decimal("192318.75"), purpose="Оплата по счёту № 1067 от 20.11.2026")

    drawn = read_path(draw(line))

    expected = segno.make(line, error="m", micro=False, encoding="utf-8", boost_error=False)
    other = segno.make(line.replace("1067", "1068"), error="m", micro=False, encoding="utf-8", boost_error=False)
    assert drawn == [list(row) for row in expected.matrix]
    assert drawn != [list(row) for row in other.matrix]
