"""Import of supply points: what cells may say, rows beside each other and beside the database, the command."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection

from accounts import snils as snils_at_rest
from requests_app import actions, tables
from requests_app.admin.supply import SupplyPointForm
from requests_app.models import Meter, SupplyImport, SupplyPoint
from requests_app.supply_import.columns import COLUMNS, EXAMPLE, HEADER, METER, POINT
from requests_app.supply_import.lines import MOST_PROBLEMS, read_lines
from requests_app.supply_import.plan import check
from tests.factories import MeterFactory, SupplyPointFactory, ogrn, snils
from tests.supply_tables import LINE, NO_METER, many, table


def problems(*lines, **options):
    """(row, name of the field, message) of everything that is wrong."""
    names = {column.title: name for name, column in COLUMNS.items()}
    found = read_lines(table(*lines, **options)).problems.shown
    return [(problem.row, names.get(problem.column, ""), problem.message) for problem in found]


def imported(*lines, **options):
    with table(*lines, **options) as file:
        return actions.import_supply(file, file_name="Точки.csv")


def everything():
    """All points and meters as they stand in the database."""
    points = SupplyPoint.objects.order_by("pk").values()
    return list(points), list(Meter.objects.order_by("pk").values())


# -- Cells ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("voltage_level", "СН-2", "middle_2"),
        ("voltage_level", "сн 1 (35 кВ)", "middle_1"),
        ("voltage_level", "HH", "low"),  # Latin
        ("voltage_level", "ВН (110 кВ и\N{NO-BREAK SPACE}выше)", "high"),
        ("max_power_kw", "1 500,5", Decimal("1500.50")),
        ("max_power_kw", "0.01", Decimal("0.01")),
        ("inn", "6166 0000 60", None),
        ("verified_until", "01.02.2030", date(2030, 2, 1)),
        ("verified_until", date(2030, 2, 1), date(2030, 2, 1)),
        ("is_remote", "Нет", False),
        ("is_remote", "1", True),
        ("ratio", "1 000", 1000),
        ("contract_number", "5", "5"),
        ("snils_hash", snils(7), None),
    ],
)
def test_cells_are_read_as_people_write_them(name, typed, value):
    read = COLUMNS[name].read(typed)

    assert read == (value if value is not None else read)
    assert read != typed or name in ("contract_number", "verified_until")


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("contract_number", "№", "буквы или цифры"),
        ("contract_number", "я" * 61, "Не больше 60 знаков, сейчас 61"),
        ("contract_number", "1,23457E+11", "Excel сократил"),
        ("address", "---", "буквы или цифры"),
        ("address", "", "Заполните"),
        ("consumer_name", "", "Заполните"),
        ("consumer_name", "я" * 301, "Не больше 300"),
        ("inn", "6166000061", "контрольные цифры"),
        ("inn", "٦١٦٦٠٠٠٠٦٠", "только цифры"),
        ("ogrn", "123", "нужно 13"),
        ("ogrnip", "304500116000158", "контрольные цифры"),
        ("snils_hash", "112-233-445 96", "контрольные цифры"),
        ("voltage_level", "220", "ВН, СН1, СН2 или НН"),
        ("max_power_kw", "0", "больше нуля"),
        ("max_power_kw", "-1", "Нужно число"),
        ("max_power_kw", "1e9", "Нужно число"),
        ("max_power_kw", "9" * 15, "меньше 10 млн"),
        ("max_power_kw", "9" * 400, "Нужно число"),
        ("max_power_kw", "1,234", "двух знаков"),
        ("serial", "---", "буквы или цифры"),
        ("serial", "1.23457E+15", "Excel сократил"),
        ("digits_before", "3", "от 4 до 9"),
        ("digits_before", "10", "от 4 до 9"),
        ("digits_before", "٥", "от 4 до 9"),
        ("digits_after", "4", "от 0 до 3"),
        ("digits_after", "-1", "от 0 до 3"),
        ("zones", "4", "от 1 до 3"),
        ("zones", "1,5", "от 1 до 3"),
        ("ratio", "0", "не меньше 1"),
        ("ratio", "2147483648", "не меньше 1"),
        ("ratio", "9" * 300, "не меньше 1"),
        ("verified_until", "31.02.2030", "Нужна дата"),
        ("verified_until", "46000", "Нужна дата"),
        ("verified_until", "01.01.0001", "Год от 1950"),
        ("removed_on", "01.01.2019", "Снят раньше"),
        ("is_remote", "может быть", "«да» или «нет»"),
    ],
)
def test_a_bad_cell_is_told_by_its_row_and_column(name, typed, told):
    [(row, column, message)] = problems({}, {"serial": "2", name: typed})

    assert (row, column) == (3, name)
    assert told in message


def test_a_number_that_became_a_date_is_told():
    with table({"contract_number": date(2024, 5, 1)}, ending="xlsx") as file:
        [problem] = read_lines(file).problems.shown

    assert "Excel принял номер за дату 01.05.2024" in problem.message


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"inn": "6166000061"},
        {"ogrn": "0" * 13},
        {"ogrnip": "304500116000157", "ogrn": ""},
        {"ogrnip": "304500116000157"},
        {"contract_number": "№№"},
        {"contract_number": "я" * 60},
        {"contract_number": "я" * 61},
        {"address": "!"},
        {"consumer_name": "я" * 300},
        {"tariff_note": "я" * 201},
        {"max_power_kw": "0"},
        {"max_power_kw": "0,01"},
        {"max_power_kw": "9999999,99"},
        {"max_power_kw": "10000000"},
        {"max_power_kw": "1,005"},
        {"max_power_kw": "NaN"},
    ],
)
def test_a_point_passes_here_when_it_passes_in_the_admin(given):
    line = {**LINE, **given}
    typed = {name: line[name] for name in SupplyPointForm.Meta.fields}
    typed |= {
        "voltage_level": "low",
        "max_power_kw": typed["max_power_kw"].replace(",", "."),
    }  # as a browser sends them
    form = SupplyPointForm(typed)

    assert (problems(given) == []) == form.is_valid(), form.errors.as_json()


def test_the_columns_are_the_fields_of_the_models():
    fields = {field.name for model in (SupplyPoint, Meter) for field in model._meta.fields}

    assert set(COLUMNS) == fields - {"id", "point", "contract_key", "address_key", "serial_key"}
    assert {name for name, column in COLUMNS.items() if column.example} >= set(COLUMNS) - {
        *("ogrnip", "snils_hash", "removed_on", "digits_after")
    }
    for name in POINT.keys() & {"contract_number", "address", "consumer_name", "tariff_note"}:
        assert f"Не больше {SupplyPoint._meta.get_field(name).max_length} " in problems({name: "я" * 400})[0][2]
    for name in METER.keys() & {"serial", "model"}:
        assert f"Не больше {Meter._meta.get_field(name).max_length} " in problems({name: "я" * 400})[0][2]


# -- Rows beside each other -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other", [{}, {"serial": "011076148", "contract_number": "№ тп-2019 / 114", "model": "Другая"}]
)
def test_a_meter_twice_is_told(other):
    assert problems({}, other) == [(3, "serial", "Этот прибор у этой точки уже есть в строке 2.")]


def test_a_point_without_a_meter_twice_is_told():
    assert problems(NO_METER, NO_METER) == [(3, "serial", "Эта точка без прибора уже есть в строке 2.")]


def test_data_of_a_meter_without_its_number_are_told():
    [(_, column, message)] = problems({**NO_METER, "model": "Меркурий"})

    assert (column, "есть данные прибора" in message) == ("serial", True)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("consumer_name", "ИП Гринько"),
        ("inn", ""),
        ("max_power_kw", "15"),
        ("voltage_level", "ВН"),
        ("tariff_note", ""),
    ],
)
def test_two_rows_that_say_different_things_of_one_point_are_told(name, other):
    assert problems({}, {"serial": "2", "address": "г Ростов-на-Дону ул Менжинского 4", name: other}) == [
        (3, name, "В строке 2 у этой же точки другое значение. Сделайте одинаковым."),
    ]


def test_a_snils_may_stand_in_one_row_of_a_point_but_not_two_of_them():
    assert problems({"snils_hash": ""}, {"serial": "2", "snils_hash": snils(7)}) == []
    [(row, column, _)] = problems({"snils_hash": snils(7)}, {"serial": "2"}, {"serial": "3", "snils_hash": snils(8)})
    assert (row, column) == (4, "snils_hash")


def test_all_wrong_cells_are_counted_and_the_first_kept():
    found = read_lines(table(*({"serial": str(number), "zones": "9"} for number in range(1, 252)))).problems

    assert (found.count, len(found.shown), found.not_shown) == (251, MOST_PROBLEMS, 51)


def test_a_file_with_a_header_alone_is_told():
    with pytest.raises(tables.TableError, match="только заголовок"):
        read_lines(table())


# -- Beside the database --------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_points_come_with_their_meters(ending):
    done = imported({"snils_hash": snils(7)}, {"serial": "2"}, {**NO_METER, "contract_number": "ЭС-1"}, ending=ending)

    assert (done.points_new, done.meters_new, done.by, done.file.name) == (2, 2, None, "")
    first, second = SupplyPoint.objects.order_by("pk")
    assert (first.contract_key, first.voltage_level, first.max_power_kw) == ("ТП-2019/114", "low", Decimal("150.50"))
    assert first.snils_hash == snils_at_rest.lookup_hash(snils(7))
    meter = first.meters.get(serial_key="011076148")
    assert (meter.digits_before, meter.digits_after, meter.zones, meter.ratio, meter.is_remote) == (6, 2, 2, 60, True)
    assert (meter.installed_on, meter.verified_until, meter.removed_on) == (date(2019, 6, 1), date(2031, 5, 31), None)
    assert (second.address_key, second.meters.count()) == (first.address_key, 0)


@pytest.mark.django_db
def test_the_template_can_be_imported_as_it_is():
    with tables.xlsx_file(HEADER, [EXAMPLE]) as file:
        actions.import_supply(file, file_name="Шаблон.xlsx")

    assert Meter.objects.get().point.inn == EXAMPLE[3]


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing():
    lines = [{}, {"serial": "2"}, {"contract_number": "ЭС-1", "snils_hash": snils(7)}]
    imported(*lines)
    before = everything()

    again = imported(*lines)

    assert everything() == before
    assert (again.points_new, again.points_changed, again.points_same) == (0, 0, 2)
    assert (again.meters_new, again.meters_changed, again.meters_same) == (0, 0, 3)


@pytest.mark.django_db
def test_a_changed_row_updates_its_point_and_its_meter_alone():
    imported({}, {"serial": "2"}, {"contract_number": "ЭС-1"})
    points, meters = everything()

    done = imported({"tariff_note": "Новый"}, {"serial": "2", "tariff_note": "Новый", "ratio": "30"})

    points[0]["tariff_note"], meters[1]["ratio"] = "Новый", 30
    assert everything() == (points, meters)
    assert (done.points_changed, done.meters_changed, done.meters_same) == (1, 1, 1)


@pytest.mark.django_db
def test_other_spelling_finds_the_same_rows_and_is_taken_over():
    point = SupplyPointFactory(contract_number="№ TП-2019/114", address="Г РОСТОВ-НА-ДОНУ УЛ МЕНЖИНСКОГО 4")
    meter = MeterFactory(point=point, serial="0110 76148")

    imported({})

    point.refresh_from_db()
    meter.refresh_from_db()
    assert (point.contract_number, meter.serial) == (LINE["contract_number"], LINE["serial"])
    assert SupplyPoint.objects.count() == Meter.objects.count() == 1


OTHER_ADDRESS = "Ростов-на-Дону, Менжинского ул., д. 4"


@pytest.mark.django_db
@pytest.mark.parametrize("lines", [[{}, {"address": OTHER_ADDRESS}], [{"address": OTHER_ADDRESS}]])
def test_a_meter_at_another_spelling_of_its_address_does_not_double(lines):
    imported({})
    before = everything()

    with pytest.raises(actions.ImportRefused) as refused:
        imported(*lines)

    [problem] = refused.value.plan.problems.shown
    assert (problem.row, problem.column) == (len(lines) + 1, COLUMNS["address"].title)
    assert LINE["address"] in problem.message
    assert everything() == before


@pytest.mark.django_db
def test_a_new_meter_twice_in_a_file_is_told_by_the_other_row():
    with table({}, {"address": OTHER_ADDRESS}) as file:
        [problem] = check(file).problems.shown

    assert problem.row == 3
    assert "в строке 2" in problem.message


@pytest.mark.django_db
def test_a_meter_that_was_moved_is_removed_at_the_old_address():
    imported({})

    imported({"removed_on": "2026-11-01"}, {"address": OTHER_ADDRESS, "installed_on": "2026-11-01"})

    assert Meter.objects.count() == 2
    imported({"address": OTHER_ADDRESS, "installed_on": "2026-11-02"})  # the removed one is not in this file
    assert Meter.objects.get(removed_on=None).installed_on == date(2026, 11, 2)


@pytest.mark.django_db
def test_what_stands_twice_already_holds_no_file_up():
    first = MeterFactory(serial="7")
    MeterFactory(serial="7", point__contract_number=first.point.contract_number)

    line = {"contract_number": first.point.contract_number, "address": first.point.address, "serial": "7"}
    imported({**line, "ogrn": "", "model": "Новая"})

    first.refresh_from_db()
    assert first.model == "Новая"


@pytest.mark.django_db
def test_an_empty_cell_clears_and_a_column_that_is_not_there_does_not():
    imported({"snils_hash": snils(7)})
    before = SupplyPoint.objects.get()

    imported({"inn": "", "max_power_kw": "", "digits_before": "", "model": ""}, columns=[
        *("contract_number", "address", "consumer_name", "inn", "snils_hash", "max_power_kw"),
        *("serial", "digits_before", "model"),
    ])  # fmt: skip

    point, meter = SupplyPoint.objects.get(), Meter.objects.get()
    assert (point.inn, point.max_power_kw, meter.model) == ("", None, "")
    assert (point.ogrn, point.snils_hash, point.tariff_note) == (before.ogrn, before.snils_hash, before.tariff_note)
    assert (meter.digits_before, meter.zones, meter.ratio) == (6, 2, 60)


@pytest.mark.django_db
def test_what_stands_in_the_database_counts_for_the_rules_of_a_row():
    point = SupplyPointFactory(contract_number=LINE["contract_number"], address=LINE["address"], ogrn=ogrn(8))
    MeterFactory(point=point, serial=LINE["serial"], installed_on=date(2024, 1, 1))
    columns = ["contract_number", "address", "consumer_name", "ogrnip", "serial", "removed_on"]

    plan = check(table({"ogrnip": "304500116000157", "removed_on": "01.01.2020"}, columns=columns))

    assert [problem.column for problem in plan.problems.shown] == ["ОГРНИП", "Снят"]


@pytest.mark.django_db
def test_one_wrong_row_and_nothing_is_written():
    with pytest.raises(actions.ImportRefused) as refused:
        imported({}, {"contract_number": "ЭС-1", "inn": "1"})

    assert refused.value.plan.problems.count == 1
    assert not SupplyPoint.objects.exists()
    assert not SupplyImport.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("line", [{"contract_number": "ЭС-1"}, {"model": "Новая"}])
def test_a_failure_in_the_middle_leaves_everything_as_it_was(monkeypatch, line):
    imported({})
    before = everything()

    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(type(Meter.objects), "bulk_create", fail)

    with pytest.raises(actions.ImportRefused, match="Загрузите файл ещё раз"):
        imported({**line, "tariff_note": "Новый"})
    assert everything() == before


@pytest.mark.django_db
def test_who_waits_for_another_import_in_vain_is_told(monkeypatch):
    def wait(*args, **kwargs):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("requests_app.actions.supply_import.compare", wait)

    with pytest.raises(actions.ImportRefused, match="может быть, идёт другой импорт"):
        imported({})


@pytest.mark.django_db
def test_letters_that_grow_do_not_outgrow_their_keys():
    """«ﷺ» is eighteen letters when it is normalised."""
    imported({"contract_number": "ﷺ" * 60, "address": "ﷺ" * 300, "serial": "ﷺ" * 40})

    assert len(SupplyPoint.objects.get().contract_key) == 60


@pytest.mark.django_db
def test_formulas_are_texts_like_others():
    imported({"consumer_name": "=HYPERLINK(1)", "tariff_note": "@SUM(A1)"})

    assert SupplyPoint.objects.get().consumer_name == "=HYPERLINK(1)"


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 100])
def test_the_database_is_asked_by_the_batch(rows, django_assert_num_queries):
    file = many(rows)

    with django_assert_num_queries(1):  # of the points; none is known, so no meters
        plan = check(file)
    assert (len(plan.points.new), len(plan.meters.new)) == (rows, rows)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [2, 40])
def test_the_cost_of_a_second_import_does_not_grow(rows, django_assert_num_queries):
    actions.import_supply(many(rows), file_name="Точки.csv")
    locks = connection.vendor == "postgresql"

    with django_assert_num_queries(7 + locks):  # savepoint, points, meters, two statements to write, the log, release
        done = actions.import_supply(many(rows, tariff_note="Новый", model="Новая"), file_name="Точки.csv")
    assert (done.points_changed, done.meters_changed) == (rows, rows)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_are_one_after_the_other():
    def run(number):
        try:
            return actions.import_supply(many(150, tariff_note=f"Тариф {number}"), file_name="Точки.csv")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, range(2)))

    assert sorted(row.points_new for row in done) == [0, 150]
    assert sorted(row.points_changed for row in done) == [0, 150]
    assert SupplyPoint.objects.count() == Meter.objects.count() == 150
    assert SupplyPoint.objects.values("tariff_note").distinct().count() == 1


# -- The command ----------------------------------------------------------------------------------------------------


def run(path, **options):
    """What import_supply says; errors beside it."""
    said, told = StringIO(), StringIO()
    try:
        call_command("import_supply", str(path), stdout=said, stderr=told, **options)
    except CommandError as error:
        return said.getvalue(), f"{told.getvalue()}{error}"
    return said.getvalue(), told.getvalue()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Точки.csv"


@pytest.mark.django_db
def test_the_command_imports_and_says_what_became_of_it(path):
    path.write_bytes(table({}, {"serial": "2"}).read())

    said, told = run(path)

    assert told == ""
    assert "Точки: новых 1, изменено 0, без изменений: 0\nПриборы: новых 2, изменено 0, без изменений: 0" in said
    assert "Прочитано строк: 2" in said
    assert "Точки: новых 0, изменено 0, без изменений: 1" in run(path)[0]
    assert [(row.by, row.file_name) for row in SupplyImport.objects.all()] == [(None, "Точки.csv")] * 2


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(path):
    path.write_bytes(table({}).read())

    said, _ = run(path, dry_run=True)

    assert "ничего не записано" in said
    assert "Точки: новых 1" in said
    assert not SupplyPoint.objects.exists()
    assert not SupplyImport.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
def test_the_command_names_what_is_wrong(path, dry_run):
    path.write_bytes(table({}, *({"serial": str(number), "zones": "9"} for number in range(1, 252))).read())

    _, told = run(path, dry_run=dry_run)

    assert told.startswith("Строка 3, «Тарифных зон»: Нужно целое число от 1 до 3.\nСтрока 4,")
    assert "… и ещё: 51\n" in told
    assert "Ошибок: 251. Ничего не записано." in told
    assert not SupplyPoint.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("data", "message"), [(None, "Файл не открывается"), (b"", "пустой"), (b"PK", "повреждён")])
def test_the_command_says_which_files_it_cannot_take(path, data, message):
    if data is not None:
        path.write_bytes(data)

    assert message in run(path)[1]
    assert message in run(path, dry_run=True)[1]


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.django_db
def test_progress_is_one_line_on_a_terminal(path):
    path.write_bytes(table({}).read())
    terminal = Terminal()

    call_command("import_supply", str(path), stdout=terminal)

    assert terminal.getvalue().startswith("\rПрочитано строк: 1   \rСверено точек: 1   \rЗаписано точек: 1 ")
    assert "\nТочки: новых 1" in terminal.getvalue()


def test_a_table_error_names_the_columns_that_are_missing():
    with pytest.raises(tables.TableError, match=r"«X» не знаком.*нет столбца «Адрес объекта»"):
        read_lines(BytesIO("Номер договора;X\n1;2".encode()))
