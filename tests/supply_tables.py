"""Tables of supply points for tests: a row of good data, and files of such rows."""

import io

from requests_app import tables
from requests_app.supply_import.columns import COLUMNS
from tests.factories import company_inn, ogrn

LINE = {
    "contract_number": "ТП-2019/114",
    "address": "г. Ростов-на-Дону, ул. Менжинского, 4",
    "consumer_name": "ООО «Вега»",
    "inn": company_inn(60),
    "ogrn": ogrn(8),
    "ogrnip": "",
    "snils_hash": "",
    "voltage_level": "НН",
    "tariff_note": "Одноставочный",
    "max_power_kw": "150,5",
    "serial": "0110-76148",
    "model": "Меркурий 230",
    "digits_before": "6",
    "digits_after": "2",
    "zones": "2",
    "ratio": "60",
    "verified_until": "31.05.2031",
    "installed_on": "2019-06-01",
    "removed_on": "",
    "is_remote": "да",
}
NO_METER = dict.fromkeys(list(LINE)[10:], "")


def table(*lines, columns=tuple(COLUMNS), ending="csv"):
    """An open file with a row for each of `lines`, which differ from LINE as they say."""
    header = [COLUMNS[name].title for name in columns]
    rows = [[{**LINE, **line}[name] for name in columns] for line in lines]
    if ending == "xlsx":
        return tables.xlsx_file(header, rows)
    return io.BytesIO(b"".join(tables.csv_chunks(header, rows)))


def many(count, **line):
    """A file of so many points with a meter each."""
    return table(*({"contract_number": f"ЭС-{number}", "serial": f"7{number:06}", **line} for number in range(count)))
