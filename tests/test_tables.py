import contextlib
import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from requests_app import tables
from requests_app.table_responses import table_response
from requests_app.tables import TableError, guarded, reading
from tests import files

COLUMNS = {"Номер договора": "contract", "Адрес объекта": "address", "Счётчик": "serial", "Заводской номер": "serial"}
MAY_DAY = datetime(2030, 5, 1)  # noqa: DTZ001 - Excel knows no time zones
HEADER = "Номер договора;Адрес объекта;Счётчик\r\n"


def rows(data, **options):
    file = data if hasattr(data, "read") else io.BytesIO(data)
    return list(tables.read(file, columns=COLUMNS, **options))


def cells(data):
    return [list(row.cells.values()) for row in rows(data)]


def refusal(data, **options):
    with pytest.raises(TableError) as refused:
        rows(data, **options)
    return refused.value.message


def sheet(*lines, formats=None):
    """The bytes of an XLSX with these rows; `formats`: address of a cell → its number format."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    for address, number_format in (formats or {}).items():
        book.active[address].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data, name, content):
    """The same archive with one part put in place of its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return file.getvalue()


# -- Reading CSV ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_in_every_hand(encoding, delimiter):
    text = f"{HEADER}ТП-1;Портовая ёлка 71;00123\r\n".replace(";", delimiter)

    [row] = rows(text.encode(encoding))

    assert row.number == 2
    assert row.cells == {"contract": "ТП-1", "address": "Портовая ёлка 71", "serial": "00123"}


def test_delimiters_inside_texts_belong_to_the_texts():
    assert cells(f'{HEADER}ТП-1;"г. Ростов, ул. Портовая; 71";5'.encode()) == [
        ["ТП-1", "г. Ростов, ул. Портовая; 71", "5"]
    ]


def test_titles_are_compared_without_case_yo_and_punctuation():
    [row] = rows(" НОМЕР  договора *;адрес объекта;СЧЕТЧИК\nТП-1;Портовая;5".encode())

    assert row.cells == {"contract": "ТП-1", "address": "Портовая", "serial": "5"}


def test_one_field_may_have_several_titles():
    [row] = rows("Номер договора;Заводской номер\nТП-1;5".encode())

    assert row.cells == {"contract": "ТП-1", "serial": "5"}
    assert row.text("address") == ""


def test_rows_are_counted_as_a_person_sees_them():
    text = f'sep=;\r\n\r\n{HEADER}ТП-1;"Портовая,\r\n71";5\r\n;;\r\n\r\nТП-2;Мира;6'

    assert [(row.number, row.cells["address"]) for row in rows(text.encode())] == [(4, "Портовая, 71"), (7, "Мира")]


def test_short_rows_have_empty_cells():
    assert cells(f"{HEADER}ТП-1".encode()) == [["ТП-1", "", ""]]


def test_an_apostrophe_before_a_formula_is_not_part_of_the_text():
    assert cells(f"{HEADER}'=1+1;'Мира;5".encode()) == [["=1+1", "'Мира", "5"]]


def test_an_uploaded_file_is_read_and_stays_open():
    upload = SimpleUploadedFile("Точки.csv", f"{HEADER}ТП-1;Мира;5".encode())

    assert len(rows(upload)) == len(rows(upload)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Файл пустой"),
        (" ;;\r\n\r\n", "Файл пустой"),
        ("ТП-1;Мира;5\n", "столбец «ТП-1» не знаком"),
        (f"{HEADER[:-2]};Цвет\n", "столбец «Цвет» не знаком"),
        ("Счётчик;Заводской номер\n", "столбец «Счётчик» есть дважды"),
        (f"{HEADER}a;b;c;d\n", "Строка 2: значение стоит в столбце 4"),
        (f'{HEADER}a;"b;c\n', "Строка 2: кавычки"),
        (f"{HEADER}a;{'б' * 2001};c\n", "Строка 2: в ячейке больше 2000 знаков"),
        (f"{HEADER}a;{'b' * 200_000};c\n", "Строка 2"),
        (f"{HEADER}a;b\0;c\n", "нечитаемые знаки"),
        (f"{HEADER}{';' * 100}a\n", "Строка 2: больше 100 столбцов"),
    ],
)
def test_wrong_csv_is_told_in_words(text, message):
    assert message in refusal(text.encode())


def test_all_wrong_columns_are_told_at_once():
    message = refusal("Номер договора;Цвет\nТП-1;2".encode(), required=["contract", "address"])

    assert "«Цвет» не знаком" in message
    assert "нет столбца «Адрес объекта»" in message


def test_a_file_has_no_more_rows_than_allowed():
    text = HEADER + "ТП-1;Мира;5\n" * 3

    assert len(rows(text.encode(), max_rows=3)) == 3
    assert "больше 2 строк" in refusal(text.encode(), max_rows=2)


def test_a_csv_is_not_larger_than_allowed(monkeypatch):
    monkeypatch.setattr(reading, "MAX_CSV_SIZE", 10)

    assert "Файл больше" in refusal(HEADER.encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_told_not_to_be(data):
    with contextlib.suppress(TableError):
        rows(data)


# -- Reading XLSX ---------------------------------------------------------------------------------------------------


def test_cells_of_xlsx_are_what_a_person_sees():
    titles = [f"Столбец {number}" for number in range(1, 10)]
    values = [123.0, "00123", 123, 0.1 + 0.2, MAY_DAY, True, " а\n б ", None, 123456789012345]
    data = sheet(titles, values, formats={"C2": "00000"})

    [row] = tables.read(io.BytesIO(data), columns={title: title[-1] for title in titles})

    assert list(row.cells.values()) == [
        *("123", "00123", "00123", "0.3", date(2030, 5, 1), "да", "а б", "", "123456789012345"),
    ]
    assert row.text("5") == "01.05.2030"


def test_a_formula_counts_by_its_result_which_a_program_may_have_left_out():
    assert cells(sheet(list(COLUMNS)[:3], ["ТП-1", "Мира", "=1+1"])) == [["ТП-1", "Мира", ""]]


def test_rows_of_xlsx_are_counted_as_a_person_sees_them():
    assert [row.number for row in rows(sheet([], list(COLUMNS)[:3], [], ["ТП-1"], [None, None], ["ТП-2"]))] == [4, 6]


def test_the_first_sheet_that_is_shown_is_read():
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("Точки")
    shown.append(["Номер договора"])
    shown.append(["ТП-1"])
    file = io.BytesIO()
    book.save(file)

    assert cells(file) == [["ТП-1"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (files.ole("Workbook"), "закрыт паролем или сохранён в старом формате"),
        (files.archive(), "повреждён или это не таблица"),
        (files.xlsx(), "повреждён или это не таблица"),
        (files.docx(), "повреждён или это не таблица"),
        (sheet(["Номер договора"])[:-40], "повреждён"),
        (b"PK", "повреждён"),
        (files.PDF, "не знаком"),
        (files.picture("PNG"), "нечитаемые знаки"),
    ],
)
def test_wrong_files_are_told_in_words(data, message):
    assert message in refusal(data)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData></worksheet>'
TITLE = '<row r="1"><c r="A1" t="inlineStr"><is><t>Номер договора</t></is></c></row>'
BOMB = '<!DOCTYPE b [<!ENTITY a "1">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 50}">' for before, name in ("ab", "bc", "cd", "de", "ef", "fg")
)


@pytest.mark.parametrize(
    "content",
    [
        "<worksheet>",
        SHEET.format("", f'{TITLE}<row r="99999999999"><c t="n"><v>1</v></c></row>'),
        SHEET.format("", f'{TITLE}<row r="2"><c r="A2" t="s"><v>77</v></c></row>'),
        SHEET.format("", f'{TITLE}<row r="2"><c r="?" t="n"><v>1</v></c></row>'),
        BOMB + "]>" + SHEET.format("", f'{TITLE}<row r="2"><c r="A2" t="str"><v>&g;</v></c></row>'),
    ],
)
def test_a_spoilt_sheet_is_told_to_be_broken(content):
    assert "повреждён" in refusal(with_part(sheet([1]), "xl/worksheets/sheet1.xml", content))


def test_the_size_that_a_sheet_claims_is_not_believed():
    content = SHEET.format('<dimension ref="A1:XFD1048576"/>', f'{TITLE}<row r="2"><c t="n"><v>5</v></c></row>')

    assert cells(with_part(sheet([1]), "xl/worksheets/sheet1.xml", content)) == [["5"]]


def test_a_zip_bomb_is_not_unpacked():
    data = with_part(sheet([1]), "xl/styles.xml", b" " * (reading.MAX_PART_SIZE + 1))

    assert len(data) < 2**17
    assert "слишком большой" in refusal(data)


def test_a_huge_sheet_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(reading, "MAX_UNPACKED_SIZE", 1000)

    assert "слишком большой" in refusal(sheet(["Номер договора"]))


# -- Writing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+7 863", "-5", "@SUM(A1)", "\tx", "\rx", " =1+1"])
def test_what_would_be_a_formula_is_disarmed(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ул. Портовая, 71", "5-й", "—", "a=b"])
def test_plain_texts_stay(text):
    assert guarded(text) == text


VALUES = [None, "00123", "=1+1", -5, Decimal("-5.30"), 1.5, date(2030, 5, 1), True, 323456789012345_6]
MOMENT = datetime(2026, 11, 24, 11, 32, tzinfo=UTC)


def test_csv_is_as_the_russian_excel_wants_it():
    data = b"".join(tables.csv_chunks(["Номер", "Ещё"], [[*VALUES, MOMENT]]))

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines(keepends=True) == [
        '"Номер";"Ещё"\r\n',
        '"";"00123";"\'=1+1";"-5";"-5,30";"1,5";"01.05.2030";"да";"3234567890123456";"24.11.2026 14:32"\r\n',
    ]


def test_xlsx_keeps_numbers_and_dates():
    with tables.xlsx_file(["Номер"], [[*VALUES, MOMENT, float("inf"), "a\0b"]], sheet="Точки: 2026/11") as file:
        page = openpyxl.load_workbook(file).active

    assert page.title == "Точки  2026 11"
    assert [cell.value for cell in page[2]] == [
        *(None, "00123", "'=1+1", -5, -5.3, 1.5, MAY_DAY, "да", "3234567890123456"),
        *(MOMENT.replace(hour=14, tzinfo=None), None, "ab"),
    ]
    assert {cell.data_type for cell in page[2]} <= {"n", "s", "d"}
    assert page["G2"].number_format == "DD.MM.YYYY"


plain_texts = (
    st.text(max_size=50)
    .map(lambda text: " ".join(guarded(text).lstrip("'").split()))
    .filter(lambda text: not text.startswith("'"))
)


@given(st.lists(st.tuples(plain_texts, plain_texts), min_size=1, max_size=5))
def test_what_is_written_is_read_again(written):
    """By whichever program: no text becomes a formula, none is lost."""
    data = b"".join(tables.csv_chunks(["Номер договора", "Счётчик"], written))

    assert cells(data) == [list(pair) for pair in written if any(pair)]
    assert not [
        cell for line in csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";") for cell in line
        if cell.startswith(("=", "+", "-", "@"))
    ]  # fmt: skip


@given(st.lists(st.tuples(plain_texts, plain_texts), min_size=1, max_size=3))
def test_what_is_written_as_xlsx_is_read_again(written):
    with tables.xlsx_file(["Номер договора", "Счётчик"], written) as file:
        assert cells(file) == [list(pair) for pair in written if any(pair)]


def test_csv_goes_out_while_rows_come_in():
    taken = []
    source = (taken.append(number) or [number] for number in range(10_000))

    next(tables.csv_chunks(["Номер"], source))

    assert len(taken) == 500


@pytest.mark.parametrize("write", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(write):
    def peak(count):
        source = ([number, "Портовая улица, 71", Decimal("5.50")] for number in range(count))
        tracemalloc.start()
        if write == "csv":
            for _ in tables.csv_chunks(["Номер"], source):
                pass
        else:
            tables.xlsx_file(["Номер"], source).close()
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)  # what is imported and cached once

    assert peak(5_000) < peak(1_000) + 300_000


def test_reading_does_not_hold_the_rows():
    text = HEADER + "ТП-1;Мира;5\n" * 50

    assert next(islice(tables.read(io.BytesIO(text.encode()), columns=COLUMNS), 49, None)).number == 51


@pytest.mark.django_db  # an answer that is closed looks after the connections
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_is_answered_as_a_file(ending):
    response = table_response(ending, name="Точки поставки", header=["Номер договора"], rows=[["ТП-1"]])

    try:
        assert cells(b"".join(response)) == [["ТП-1"]]
    finally:
        response.close()
    assert "attachment; filename*=utf-8''%D0%A2" in response.headers["Content-Disposition"]
    assert response.headers["Content-Disposition"].endswith(f".{ending}")
    assert response.headers["Cache-Control"] == "no-store, private"
