"""The headings of the tables, word for word; «над» the columns stands what groups of them have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from requests_app.codes import Category
from requests_app.tables import Value

if TYPE_CHECKING:
    from requests_app.reports.by_category import Line  # which takes its titles from here

FORMS = [
    "Очная форма",
    "Заочная форма с использованием телефонной связи",
    "Электронная форма с использованием сети Интернет",
    "Письменная форма с использованием почтовой связи",
    "Прочее",
]

APPEALS = [
    "N",
    "Идентификационный номер обращения",
    "Дата обращения",
    "Время обращения",
    "Очное обращение",
    "Заочное обращение посредством телефонной связи",
    "Заочное обращение посредством сети Интернет",
    "Письменное обращение посредством почтовой связи",
    "Прочее",
    "Оказание услуг по передаче электрической энергии",
    "Осуществление технологического присоединения",
    "Коммерческий учет электрической энергии",
    "Качество обслуживания потребителей",
    "Техническое обслуживание электросетевых объектов",
    "Прочее",
    "Качество услуг по передаче электрической энергии",
    "Качество электрической энергии",
    "Осуществление технологического присоединения",
    "Коммерческий учет электрической энергии",
    "Качество обслуживания потребителей",
    "Техническое обслуживание электросетевых объектов",
    "Прочее",
    "По технологическому присоединению",
    "Заключение договора на оказание услуг по передаче электроэнергии",
    "Организация коммерческого учета электроэнергии",
    "Прочее",
    "Заявителем был получен исчерпывающий ответ в установленные сроки",
    "Заявителем был получен исчерпывающий ответ с нарушением сроков",
    "Обращение оставлено без ответа",
    "Выполненные мероприятия по результатам обращения",
    "Планируемые мероприятия по результатам обращения",
]

# Columns 10–26, and thereby the lines of table 4.1.
CATEGORIES = dict(zip(Category, APPEALS[9:26], strict=True))

# First and last column of each group, from 1.
_GROUPS = [
    (5, 9, "Форма обращения"),
    (10, 15, "Обращения"),
    (16, 22, "Обращения, содержащие жалобу"),
    (23, 26, "Обращения, содержащие заявку на оказание услуг"),
    (27, 29, "Факт получения потребителем ответа"),
    (30, 31, "Мероприятия по результатам обращения"),
]
APPEALS_ABOVE = [next((title for first, _, title in _GROUPS if first == column), "") for column in range(1, 32)]
APPEALS_MERGED = [f"{get_column_letter(first)}1:{get_column_letter(last)}1" for first, last, _ in _GROUPS]

BY_CATEGORY_ABOVE = ["N", "Категории обращений потребителей", *(part for form in FORMS for part in (form, "", ""))]
BY_CATEGORY_MERGED = [
    f"{get_column_letter(first)}1:{get_column_letter(first + 2)}1" for first in range(3, 3 + 3 * len(FORMS), 3)
]


def by_category_header(before: str, now: str) -> list[str]:
    """Under the forms: the two periods and how the figure has changed."""
    return ["", "", *[before, now, "Динамика, %"] * len(FORMS)]


def by_category_rows(lines: list[Line]) -> Iterator[list[Value]]:
    for line in lines:
        row: list[Value] = [line.number, line.title]
        for cell in line.cells:
            row += [cell.before, cell.now, "—" if cell.change is None else cell.change]
        yield row
