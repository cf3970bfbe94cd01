"""ИНН, ОГРН, ОГРНИП, СНИЛС. Every number here is public or made up; codes are compared, never texts."""

import random

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from accounts.identifiers import (
    IdentifierError,
    company_inn_check_digit,
    format_snils,
    looks_like_identifier,
    mask_identifier,
    mask_snils,
    normalise,
    ogrn_check_digit,
    ogrnip_check_digit,
    parse_company_inn,
    parse_ogrn,
    parse_ogrnip,
    parse_snils,
    parse_sole_trader_inn,
    person_inn_check_digits,
    snils_check_digits,
)

PARSERS = [parse_company_inn, parse_sole_trader_inn, parse_ogrn, parse_ogrnip, parse_snils]

VALID = {
    parse_company_inn: """7707083893 7736050003 7830002293 1234567894 0323054892 7017114680 6166000060 5036065113
        1656002652 3818026815 7716800949 6164266561 6168002922""",
    parse_sole_trader_inn: "500100732259 123456789047 526317984689",
    parse_ogrn: """1027700132195 1037739010891 1022200525819 1022500001325 1127746509780 1117746358608 1027700220624
        1026100000080 1057000128184 1057746555811 1021603881683 1093818001375 1020300967257 1157746719240
        1076164009096 1056164000023""",
    parse_ogrnip: "304500116000157 317619600000010 317619600000021 317619600000032",
    parse_snils: """11223344595 12345678964 08765430300 08765430200 08675430300 02100699900 10001899900 10000999999
        10001998901 00100199800 11111111145""",
}

INVALID = [
    (parse_company_inn, "7707083894", "check_digit"),
    (parse_company_inn, "7831002293", "check_digit"),
    (parse_company_inn, "1234567895", "check_digit"),
    (parse_company_inn, "123456789", "length"),
    (parse_company_inn, "77070838930", "length"),
    (parse_company_inn, "", "length"),
    (parse_company_inn, " — ", "length"),
    (parse_company_inn, "0000000000", "same_digits"),
    (parse_company_inn, "4444444444", "same_digits"),
    (parse_company_inn, "77070838a3", "not_digits"),
    (parse_company_inn, "77О7083893", "not_digits"),  # a Cyrillic letter for the zero
    (parse_company_inn, "７707083893", "not_digits"),
    (parse_company_inn, "٧٧٠٧٠٨٣٨٩٣", "not_digits"),
    (parse_company_inn, "770708389²", "not_digits"),
    (parse_company_inn, "7707083893\x00", "not_digits"),
    (parse_company_inn, "7707083893/1", "not_digits"),
    (parse_company_inn, "500100732259", "wrong_kind"),
    (parse_company_inn, "500100732250", "wrong_kind"),  # twelve digits are a person's, mistyped or not
    (parse_company_inn, "1027700132195", "wrong_kind"),
    (parse_company_inn, "1027700132190", "length"),
    (parse_sole_trader_inn, "500100732258", "check_digit"),
    (parse_sole_trader_inn, "123456789037", "check_digit"),
    (parse_sole_trader_inn, "500100733259", "check_digit"),
    (parse_sole_trader_inn, "000000000000", "same_digits"),
    (parse_sole_trader_inn, "7707083893", "wrong_kind"),
    (parse_sole_trader_inn, "304500116000157", "wrong_kind"),
    (parse_ogrn, "1027700132196", "check_digit"),
    (parse_ogrn, "1037739010890", "check_digit"),
    (parse_ogrn, "1022500001328", "check_digit"),
    (parse_ogrn, "10277395526422", "length"),
    (parse_ogrn, "0022500001325", "first_digit"),
    (parse_ogrn, "3022500001325", "first_digit"),
    (parse_ogrn, "304500116000157", "wrong_kind"),
    (parse_ogrn, "7707083893", "wrong_kind"),
    (parse_ogrn, "0000000000000", "same_digits"),
    (parse_ogrnip, "304500116000150", "check_digit"),
    (parse_ogrnip, "304500116000158", "check_digit"),
    (parse_ogrnip, "504500116000157", "first_digit"),
    (parse_ogrnip, "30450011600015", "length"),
    (parse_ogrnip, "385768585948949", "year"),
    (parse_ogrnip, "1027700132195", "wrong_kind"),
    (parse_ogrnip, "500100732259", "wrong_kind"),
    (parse_ogrnip, "333333333333333", "same_digits"),
    (parse_snils, "112-233-445 96", "check_digit"),
    (parse_snils, "112-233-445 00", "check_digit"),
    (parse_snils, "112-233-445 9A", "not_digits"),
    (parse_snils, "112-233-445 9", "length"),
    (parse_snils, "00000000000", "same_digits"),
    (parse_snils, "000-000-000 12", "same_digits"),
    (parse_snils, "500100732259", "wrong_kind"),
    (parse_snils, "7707083893", "wrong_kind"),
]

SEPARATORS = (
    " \t\n.-\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
    "\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{LEFT-TO-RIGHT MARK}"
)

CODES = {"not_digits", "length", "wrong_kind", "same_digits", "first_digit", "year", "check_digit"}

# How each kind makes a number from its first digits: parser, how many there are, what they begin with, the maker.
MAKERS = [
    pytest.param(parse_company_inn, 9, "", company_inn_check_digit, id="company_inn"),
    pytest.param(parse_sole_trader_inn, 10, "", person_inn_check_digits, id="sole_trader_inn"),
    pytest.param(parse_ogrn, 12, "1", ogrn_check_digit, id="ogrn"),
    pytest.param(parse_ogrnip, 14, "31", ogrnip_check_digit, id="ogrnip"),
    pytest.param(parse_snils, 9, "1", snils_check_digits, id="snils"),
]


def code_of(parse, raw):
    """The code of the refusal, or None when the number is taken."""
    try:
        parse(raw)
    except IdentifierError as error:
        return error.code
    return None


@pytest.mark.parametrize(("parse", "number"), [(parse, number) for parse in VALID for number in VALID[parse].split()])
def test_public_number_is_taken_as_it_is(parse, number):
    assert parse(number) == number


@pytest.mark.parametrize(("parse", "raw", "code"), INVALID)
def test_wrong_number_is_refused_for_its_own_reason(parse, raw, code):
    assert code_of(parse, raw) == code


@pytest.mark.parametrize(
    "raw", ["112-233-445 95", "11223344595", "112 233 445 95", "112-233-445-95", " 112–233–445 95 "]
)
def test_snils_is_taken_in_every_usual_form(raw):
    assert parse_snils(raw) == "11223344595"


def test_check_digits_of_snils_are_not_asked_of_the_first_numbers():
    assert parse_snils("001-001-998 77") == "00100199877"
    assert code_of(parse_snils, "001-001-999 77") == "check_digit"


@pytest.mark.parametrize(
    ("today", "code"), [("2016-12-31T23:59Z", "year"), ("2017-01-01T00:00Z", None), ("2026-11-24T00:00Z", None)]
)
def test_year_of_ogrnip_is_not_in_the_future(today, code):
    with time_machine.travel(today):
        assert code_of(parse_ogrnip, "317619600000021") == code


@pytest.mark.parametrize(("parse", "first", "begins", "check_digits"), MAKERS)
def test_thousand_generated_numbers_are_taken(parse, first, begins, check_digits):
    for number in generated(1000, first, begins, check_digits):
        assert parse(number) == number


@pytest.mark.parametrize(("parse", "first", "begins", "check_digits"), MAKERS)
def test_wrong_check_digits_are_never_taken(parse, first, begins, check_digits):
    for number in generated(100, first, begins, check_digits):
        right = number[first:]
        wrong = [f"{value:0{len(right)}}" for value in range(10 ** len(right)) if value != int(right)]

        assert not any(code_of(parse, number[:first] + digits) is None for digits in wrong)


@pytest.mark.parametrize(
    ("parse", "first", "begins", "check_digits", "remainder"),
    [
        pytest.param(*MAKERS[0].values, lambda n: weighted(n, (2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11, id="company_inn"),
        pytest.param(*MAKERS[2].values, lambda n: int(n) % 11, id="ogrn"),
        pytest.param(*MAKERS[3].values, lambda n: int(n) % 13, id="ogrnip"),
        pytest.param(*MAKERS[4].values, lambda n: weighted(n, range(9, 0, -1)) % 101, id="snils"),
    ],
)
def test_single_wrong_digit_is_caught_unless_the_law_itself_cannot_see_it(
    parse, first, begins, check_digits, remainder
):
    """
    One wrong digit always changes the remainder. The check digits are the remainder without its tens (of СНИЛС, without
    its hundreds), so exactly those mistakes pass that lead from a remainder to another with the same ending: 0 and 10
    of ИНН and ОГРН; 0 and 10, 1 and 11, 2 and 12 of ОГРНИП; 0 and 100 of СНИЛС. No stricter check is possible.
    """
    same_ending = 100 if parse is parse_snils else 10
    for number in generated(1000, first, begins, check_digits):
        place = random.Random(number).randrange(len(begins), first)
        for digit in set("0123456789") - {number[place]}:
            mistaken = number[:place] + digit + number[place + 1 :]
            before, after = remainder(number[:first]), remainder(mistaken[:first])

            assert before != after
            assert (code_of(parse, mistaken) == "check_digit") is (before % same_ending != after % same_ending)


def test_single_wrong_digit_of_a_twelve_digit_inn_is_caught_almost_always():
    """Two check digits overlook a mistake only when both remainders jump between 0 and 10."""
    mistakes = missed = 0
    for number in generated(1000, 10, "", person_inn_check_digits):
        place = random.Random(number).randrange(10)
        for digit in set("0123456789") - {number[place]}:
            mistakes += 1
            missed += code_of(parse_sole_trader_inn, number[:place] + digit + number[place + 1 :]) is None

    assert mistakes == 9000
    assert missed < mistakes / 1000


@given(st.data(), st.sampled_from([(parse, numbers.split()[0]) for parse, numbers in VALID.items()]))
def test_separators_make_no_difference(data, case):
    parse, number = case
    gaps = [data.draw(st.text(SEPARATORS, max_size=3)) for _ in range(len(number) + 1)]

    typed = gaps[0] + "".join(digit + gap for digit, gap in zip(number, gaps[1:], strict=True))

    assert parse(typed) == number


@given(st.text())
def test_normalising_twice_changes_nothing(raw):
    assert normalise(normalise(raw)) == normalise(raw)


@given(st.text(st.characters(categories=["Nd", "Nl", "No"], exclude_characters="0123456789"), min_size=1))
def test_digits_of_other_scripts_are_refused(raw):
    assert {code_of(parse, raw) for parse in PARSERS} == {"not_digits"}


@given(st.text(), st.sampled_from(PARSERS))
def test_anything_typed_gives_digits_or_a_message(raw, parse):
    code = code_of(parse, raw)

    assert code in CODES if code else set(parse(raw)) <= set("0123456789")


@pytest.mark.parametrize("number", ["7707083894", "77070838931", "500100732259"])
def test_message_does_not_repeat_the_number(number):
    with pytest.raises(IdentifierError) as refusal:
        parse_company_inn(number)

    assert number not in refusal.value.message


@pytest.mark.parametrize(
    ("digits", "begins"),
    [("1", "Введена 1"), ("12", "Введены 2"), ("123456789", "Введено 9"), ("77070838931", "Введено 11")],
)
def test_message_counts_the_digits_in_good_russian(digits, begins):
    with pytest.raises(IdentifierError) as refusal:
        parse_company_inn(digits)

    assert refusal.value.message.startswith(begins)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("112-233-445 95", "snils"),
        ("7707083893", "inn"),
        ("5001 0073 2259", "inn"),
        ("304500116000157", "ogrnip"),
        ("1027700132195", None),  # the field of the login does not name ОГРН
        ("ivan@example.org", None),
        ("1234567890@example.org", None),
        ("７707083893", None),
        ("", None),
        ("123", None),
    ],
)
def test_identifier_of_a_login_is_known_by_its_length(raw, kind):
    assert looks_like_identifier(raw) == kind


def test_snils_is_shown_in_its_usual_form_or_masked():
    assert format_snils("11223344595") == "112-233-445 95"
    assert mask_snils("11223344595") == "112-***-*** 95"


@pytest.mark.parametrize("number", [numbers.split()[0] for numbers in VALID.values()])
def test_mask_hides_the_middle(number):
    masked = mask_identifier(number)

    assert masked.startswith(number[:3])
    assert masked.endswith(number[-2:])
    assert sum(char.isdigit() for char in masked) == 5


def generated(count, first, begins, check_digits):
    """`count` valid numbers, always the same."""
    chance = random.Random(f"{first}{begins}")
    for _ in range(count):
        head = begins + "".join(chance.choices("0123456789", k=first - len(begins)))
        yield head + check_digits(head)


def weighted(digits, weights):
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
