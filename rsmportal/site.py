"""
Who the operator is, and where the menus lead: plain data, no database, so error pages can be drawn without one.

The facts are the operator's own (user guide of the cabinet). A fact that is not known is left out, never invented:
give `office_hours` or `dispatcher` a value here and every page shows it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse


@dataclass(frozen=True, kw_only=True)
class Phone:
    title: str
    number: str
    note: str = ""

    @property
    def href(self) -> str:
        """The number as a link. 8-800 stays as it is: +7 800 is not free from everywhere."""
        digits = "".join(filter(str.isdigit, self.number))
        return f"tel:{digits}" if digits.startswith("8800") else f"tel:+7{digits[1:]}"


@dataclass(frozen=True, kw_only=True)
class Operator:
    name: str
    legal_name: str
    tagline: str = "Электрические сети"
    city: str = "г.\N{NO-BREAK SPACE}Ростов-на-Дону"
    street: str = "ул.\N{NO-BREAK SPACE}Менжинского, 2С"
    office_hours: str = ""
    reception: Phone = Phone(title="Приёмная", number="8\N{NO-BREAK SPACE}(863)\N{NO-BREAK SPACE}250-31-02")
    sales: Phone = Phone(title="Отдел продаж", number="8\N{NO-BREAK SPACE}(863)\N{NO-BREAK SPACE}255-23-25")
    local_line: Phone = Phone(
        title="Заочное обслуживание потребителей",
        number="8\N{NO-BREAK SPACE}(863)\N{NO-BREAK SPACE}250-31-28",
        note="Городской номер, Ростов-на-Дону",
    )
    free_line: Phone = Phone(
        title="Заочное обслуживание потребителей",
        number="8-800-234-46-55",
        note="Бесплатно с\N{NO-BREAK SPACE}любого телефона, мобильного и\N{NO-BREAK SPACE}городского",
    )
    dispatcher: Phone | None = None


@dataclass(frozen=True)
class Entry:
    """One line of a menu: a page of ours (`url_name`), or a `path` on the operator's main site."""

    title: str
    url_name: str = ""
    path: str = ""

    @property
    def href(self) -> str:
        """Where it leads; empty when it belongs to a main site that is not configured."""
        if self.url_name:
            return reverse(self.url_name)
        return f"{settings.MAIN_SITE_URL}{self.path}" if settings.MAIN_SITE_URL else ""


@dataclass(frozen=True)
class Link:
    """An entry as one page draws it; `current` is the value of aria-current."""

    title: str
    href: str
    current: str


@dataclass(frozen=True, kw_only=True)
class Site:
    operator: Operator
    navigation: tuple[Link, ...]
    cabinet_navigation: tuple[Link, ...]


NAVIGATION = (
    Entry("О компании", url_name="about"),
    Entry("Потребителям", url_name="help"),
    Entry("Закупки", path="/zakupki/"),
    Entry("Раскрытие", path="/raskrytie/"),
    Entry("Отчётность", path="/otchetnost/"),
    Entry("Вакансии", path="/vakansii/"),
    Entry("Антикоррупционная политика", path="/antikorruptsionnaya-politika/"),
    Entry("Услуги", url_name="services"),
    Entry("Интернет-приёмная", url_name="requests:new"),
    Entry("Контакты", url_name="contacts"),
)

CABINET_NAVIGATION = (
    Entry("Главная", url_name="requests:cabinet"),
    Entry("Заявки", url_name="requests:list"),
    Entry("Показания", url_name="requests:meters"),
    Entry("Помощь", url_name="help"),
)


def site_at(path: str) -> Site:
    """Operator and menus as the page at `path` shows them; an empty path is a page that stands in no menu."""
    return Site(
        operator=Operator(name=settings.OPERATOR_NAME, legal_name=settings.OPERATOR_LEGAL_NAME),
        navigation=_links(NAVIGATION, path),
        cabinet_navigation=_links(CABINET_NAVIGATION, path),
    )


def _links(entries: tuple[Entry, ...], path: str) -> tuple[Link, ...]:
    hrefs = [(entry.title, entry.href) for entry in entries]
    # the entry that leads nearest to the page: «Показания» stand below the address of «Заявки»
    nearest = max((href for _, href in hrefs if href and path.startswith(href)), key=len, default="")
    return tuple(Link(title, href, _current(href, path) if href == nearest else "") for title, href in hrefs if href)


def _current(href: str, path: str) -> str:
    return "page" if href == path else "true"
