"""
What the pictures of the guide show: who sits at the desk, what they open and do, which part of the page is taken.

Scenes are played in order on one portal, so a later one finds what an earlier one did. `screenshots.py` makes them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp

from accounts.models import Consumer, User
from requests_app.demo.people import INSPECTOR, OPERATOR, SUPERVISOR
from requests_app.lifecycle import Status
from requests_app.models import AccessGrant, GrantStatus, Invoice, Meter, Reading, ReadingPeriod, ServiceRequest
from requests_app.services.appointment.offices import Office
from requests_app.services.survey.models import Survey

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # a Tuesday, 10:30 in Moscow
DPO, EDITOR, ADMIN = "dpo@example.org", "editor@example.org", "admin@example.org"
QUEUE = "/admin/requests_app/servicerequest"

# What the browser writes itself is in the language of the system that makes the pictures; colleagues read Russian.
IN_RUSSIAN = """() => {
    for (const field of document.querySelectorAll("input[type=date]")) {
        const value = field.value.split("-").reverse().join(".") || "дд.мм.гггг";
        field.type = "text";
        field.value = value;
    }
    for (const field of document.querySelectorAll("input[type=datetime-local]")) {
        const [day, time] = field.value.split("T");
        field.type = "text";
        field.value = day ? `${day.split("-").reverse().join(".")} ${time}` : "дд.мм.гггг --:--";
    }
    for (const field of document.querySelectorAll("input[type=time]")) {
        const value = field.value || "--:--";
        field.type = "text";
        field.value = value;
    }
    for (const field of document.querySelectorAll("input[type=file]")) {
        const button = Object.assign(document.createElement("button"), {type: "button", textContent: "Выберите файл"});
        field.replaceWith(button, " Файл не выбран");
    }
}"""
# Django's menu at the left takes the room of what a picture is about.
NO_MENU = "localStorage.setItem('django.admin.navSidebarIsOpen', 'false')"
PATIENCE = 15_000  # milliseconds: the machine may be busy


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One picture: images/<name>.png."""

    name: str
    by: str = OPERATOR  # who is logged in; empty: nobody
    address: str | Callable[[], str]
    steps: Callable[[Page], object] | None = None  # what is done before the picture
    parts: tuple[str, ...] = ("#content > h1", "#content-main")  # the rectangle around them; empty: the window
    width: int = 900
    height: int = 800
    second_factor: bool = False  # is it asked for?


@dataclass
class Stage:
    """The browser, in which each colleague has a window of their own."""

    browser: Browser
    portal: str
    now: datetime
    pages: dict[str, Page] = field(default_factory=dict)

    def play(self, scene: Scene, shoot: Callable[[Page, tuple[str, ...]], bytes]) -> bytes:
        settings.STAFF_SECOND_FACTOR = scene.second_factor
        page = self._page(scene)
        address = scene.address if isinstance(scene.address, str) else scene.address()
        answer = page.goto(self.portal + address)
        if answer is None or answer.status != 200:
            raise ValueError(f"{address} answers {answer and answer.status}")
        if scene.steps:
            scene.steps(page)
        page.evaluate(IN_RUSSIAN)
        page.evaluate("document.activeElement && document.activeElement.blur()")
        return shoot(page, scene.parts)

    def _page(self, scene: Scene) -> Page:
        if scene.by not in self.pages:
            context = self.browser.new_context(
                locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce", color_scheme="light"
            )
            context.set_default_timeout(PATIENCE)
            context.add_init_script(NO_MENU)
            if scene.by:
                context.add_cookies([self._session(scene.by)])
            self.pages[scene.by] = context.new_page()
            self.pages[scene.by].clock.set_fixed_time(self.now)
        self.pages[scene.by].set_viewport_size({"width": scene.width, "height": scene.height})
        return self.pages[scene.by]

    def _session(self, email: str) -> dict[str, str]:
        """The cookie of somebody who is logged in."""
        client = Client()
        client.force_login(User.objects.get(email=email), backend=settings.AUTHENTICATION_BACKENDS[-1])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        return {"name": cookie.key, "value": cookie.value, "url": self.portal}


# -- Where things are in the demo -----------------------------------------------------------------------------------


def desk(page: str, model: type[Model], **wanted: Any) -> Callable[[], str]:
    """The address of `page` («change», «confirm») of the first row of the model that is so."""

    def address() -> str:
        row = model._default_manager.filter(**wanted).order_by("pk")[:1].get()
        return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{page}", args=[row.pk])

    return address


def day_sheet(day: str) -> Callable[[], str]:
    """The address of the sheet of that day in the first office."""
    return lambda: reverse("admin:requests_app_office_day", args=[Office.objects.order_by("pk")[:1].get().pk, day])


def step(name: str, **wanted: Any) -> Callable[[], str]:
    """The address of a step of the first request of the demo that is so."""

    def address() -> str:
        row = ServiceRequest.objects.filter(**wanted).order_by("pk")[:1].get()
        return reverse("admin:requests_app_servicerequest_transition", args=[row.pk, name])

    return address


def named(name: str, *arguments: object) -> Callable[[], str]:
    return lambda: reverse(f"admin:{name}", args=arguments)


# -- What is done on a page -----------------------------------------------------------------------------------------


def fill(**texts: str) -> Callable[[Page], None]:
    """`fill(comment="…")`: types into the fields of these names."""

    def act(page: Page) -> None:
        for name, text in texts.items():
            field_of_name = page.locator(f"#content [name={name}]").first
            if field_of_name.evaluate("node => node.tagName") == "SELECT":
                field_of_name.select_option(label=text)
            else:
                field_of_name.fill(text)

    return act


def connect_device(page: Page) -> None:
    """The recovery codes come after the first code, which the secret on the page gives as a telephone would."""
    secret = page.locator(".secret code").inner_text().replace(" ", "")
    page.get_by_label("Код", exact=True).fill(f"{totp(base64.b32decode(secret)):06}")
    page.locator("#content-main .send-bar button").first.click()
    page.locator(".recovery-codes").wait_for()


def choose_point(page: Page) -> None:
    page.locator("#content form.step label", has_text="склад").click()


def check_supply(page: Page) -> None:
    """A small table of points as the company would send it."""
    lines = [
        "Номер договора;Адрес объекта;Потребитель по договору;Заводской номер",
        "ТП-2026/40;г. Ростов-на-Дону, ул. Портовая, 9;ООО «Бриз»;0808200101",
        "ТП-2026/40;г. Ростов-на-Дону, ул. Портовая, 9;ООО «Бриз»;0808200102",
        "ТП-2026/41;г. Ростов-на-Дону, пр. Шолохова, 12;ИП Лебедева Анна Юрьевна;7781299",
    ]
    file = {"name": "Точки за ноябрь.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Проверить файл").click()
    page.get_by_text("Что изменится").wait_for()


def close_day(page: Page) -> None:
    fill(day="2026-11-25", reason="Нет электричества: ремонт в здании")(page)
    page.get_by_role("button", name="Показать, кого это касается").click()
    page.get_by_role("button", name="Закрыть день").wait_for()


fill_invitation = fill(email="petrova@example.org", name="Анна Игоревна, оператор")


def invite(page: Page) -> None:
    """The letter waits in the queue, since nothing sends it here."""
    fill_invitation(page)
    page.locator("[name=_save]").click()
    page.get_by_role("link", name="Анна Игоревна, оператор").first.wait_for()
    page.goto(page.url.partition("/admin/")[0] + "/admin/post_office/email/")


# -- The scenes -----------------------------------------------------------------------------------------------------


def answer_box(page: Page) -> None:
    """A canned reply waits to be inserted."""
    page.locator("#reply").select_option(label="Жалоба: проверим на месте")


def chosen(**wanted: Any) -> str:
    """The keys of the demo's requests that are so, as the list sends the ticked ones."""
    return ",".join(
        str(pk) for pk in ServiceRequest.objects.filter(**wanted).order_by("pk").values_list("pk", flat=True)
    )


def together() -> str:
    open_ones = chosen(service__in=["complaint", "inquiry"], status__in=[Status.REGISTERED, Status.IN_PROGRESS])
    return reverse("admin:requests_app_servicerequest_together") + "?pk=" + open_ones.replace(",", "&pk=")


def bulk() -> str:
    address = reverse("admin:requests_app_servicerequest_bulk", args=["take"])
    return f"{address}?ids={chosen(service__in=['inquiry', 'consultation'], status__in=[Status.REGISTERED, Status.ANSWERED])}"


def export_queue(page: Page) -> None:
    """The journal has a line: the queue, downloaded."""
    portal = page.url.partition("/admin/")[0]
    page.request.get(f"{portal}{reverse('export_list', args=['requests_app', 'servicerequest', 'csv'])}?due=late")
    page.reload()


def consumer_form() -> str:
    person = User.objects.get(email="person@example.org").consumer.pk
    return reverse("admin:requests_app_servicerequest_registerform", args=["inquiry"]) + f"?consumer={person}"


def first_review() -> str:
    call_command("choose_answers", stdout=StringIO())  # as every week
    AnswerReview = apps.get_model("requests_app", "AnswerReview")
    review = AnswerReview.objects.filter(read_at=None).exclude(answered_by__email=SUPERVISOR).order_by("pk")[:1].get()
    return reverse("admin:requests_app_answerreview_read", args=[review.pk])


COMPLAINT = {"service": "complaint", "status": Status.IN_PROGRESS, "disputes": 0}
FORM = ("#content h1", "#content form.step")

SCENES = (
    Scene(name="second-factor-device", by=EDITOR, address="/admin/", second_factor=True),
    Scene(name="recovery-codes", by=EDITOR, address="/admin/", steps=connect_device, second_factor=True),
    Scene(name="start-operator", address="/admin/", width=1150, height=700, parts=()),
    Scene(name="start-supervisor", by=SUPERVISOR, address="/admin/", width=1150, parts=(".start-charts",)),
    Scene(name="queue", address=f"{QUEUE}/", width=1150, height=1000, parts=()),
    Scene(
        name="request",
        address=desk("change", ServiceRequest, service="complaint", disputes=1),
        width=1150,
        height=900,
        parts=(),
    ),
    Scene(
        name="ask",
        address=step("ask", **COMPLAINT),
        steps=fill(comment="Подскажите, пожалуйста, номер подъезда: от него зависит, какую линию мерить."),
        parts=FORM,
    ),
    Scene(
        name="answer",
        address=step("answer", **COMPLAINT),
        steps=fill(
            comment="Напряжение измерили 23 ноября: 192 В. Причина — ослабленный контакт на вводе, его подтянули. "
            "Если вечером оно снова упадёт, напишите сюда.",
            measures_done="Измерено напряжение, восстановлен контакт на вводе.",
        ),
        parts=FORM,
    ),
    Scene(
        name="canned",
        address=desk("change", ServiceRequest, **COMPLAINT),
        steps=answer_box,
        parts=("#write", ".canned", "#content [name=comment]"),
    ),
    Scene(name="close", address=step("close", service="inquiry", status=Status.ANSWERED), parts=FORM),
    Scene(
        name="refuse",
        address=step("refuse", service="inquiry", status=Status.REGISTERED),
        steps=lambda page: page.get_by_label("Вопрос не к нашей организации").check(),
        parts=FORM,
    ),
    Scene(name="assign", address=desk("assign", ServiceRequest, **COMPLAINT), parts=FORM),
    Scene(name="assignment-rules", by=SUPERVISOR, address=named("requests_app_assignmentrule_changelist"), width=1150),
    Scene(name="absence", by=SUPERVISOR, address=named("requests_app_absence_enter")),
    Scene(name="workload", by=SUPERVISOR, address=named("requests_app_assignmentrule_workload")),
    Scene(name="register", address=lambda: named("requests_app_servicerequest_register")() + "?q=Самойлов"),
    Scene(name="register-form", address=consumer_form, parts=(), width=1150, height=1000),
    Scene(name="together", address=together, width=1000, height=1000, parts=()),
    Scene(name="bulk", address=bulk, width=1280),
    Scene(
        name="extend",
        by=SUPERVISOR,
        address=desk("extend", ServiceRequest, **COMPLAINT),
        steps=fill(until="2026-12-15", reason="Ждём замеры напряжения: их снимают прибором семь дней подряд."),
        parts=FORM,
    ),
    Scene(name="access-grant", address=desk("change", AccessGrant, status=GrantStatus.ASKED, meter_serial="")),
    Scene(
        name="access-confirm",
        address=desk("confirm", AccessGrant, status=GrantStatus.ASKED, meter_serial=""),
        steps=choose_point,
        parts=("#content h1", "#content form.step >> nth=-1"),
    ),
    Scene(name="reading-question", address=desk("change", Reading, meter__serial="7781203", state="in_question")),
    Scene(name="readings-missing", width=1280, address=named("requests_app_reading_missing")),
    Scene(
        name="reading-control",
        address=lambda: named("requests_app_reading_control_meter", Meter.objects.get(serial="011076148").pk)(),
        steps=fill(zone_1="18610", zone_2="7302"),
    ),
    Scene(name="reading-period", by=SUPERVISOR, address=desk("change", ReadingPeriod, month="2026-11-01")),
    Scene(name="reading-export", address=named("requests_app_reading_export")),
    Scene(name="office-day", address=day_sheet("2026-11-25"), width=1280),
    Scene(name="office-close", by=SUPERVISOR, address=desk("close", Office), steps=close_day),
    Scene(
        name="copies",
        address=step("answer", service="document-copies", status=Status.IN_PROGRESS),
        steps=fill(comment="Технические условия приложены.", right_note="Выписка из ЕГРН, сверена с договором"),
        parts=FORM,
    ),
    Scene(
        name="invoice-form",
        address=step("answer", service="invoice", status=Status.IN_PROGRESS),
        steps=fill(number="1074", issued_on="2026-11-24", due_on="2026-12-14", amount="5 120,00", vat_rate="НДС 22 %"),
        parts=("#content h1", "#content [name=comment]"),
    ),
    Scene(name="invoice", by=SUPERVISOR, address=desk("change", Invoice, number="1071")),
    Scene(name="violations-queue", by=INSPECTOR, address=f"{QUEUE}/", width=1150, parts=()),
    Scene(
        name="violation-confirm",
        by=INSPECTOR,
        address=step("confirm", service="violation-report", status=Status.IN_PROGRESS),
        steps=fill(comment="Пломба сорвана, счётчик вскрыт. Составлен акт № 18 при двух свидетелях."),
        parts=FORM,
    ),
    Scene(
        name="reporter",
        by=DPO,
        address=desk("reporter", ServiceRequest, is_anonymous=True, status=Status.REGISTERED),
        steps=fill(reason="Запрос отдела полиции № 4 от 23.11.2026, исх. 1187"),
    ),
    Scene(
        name="survey-edit",
        by=SUPERVISOR,
        address=desk("change", Survey, title="Очный приём"),
        parts=(),
        width=1150,
        height=900,
    ),
    Scene(
        name="survey-results",
        by=SUPERVISOR,
        address=desk("results", Survey, title="Качество обслуживания"),
        parts=(),
        width=1150,
        height=900,
    ),
    Scene(name="supply-upload", by=SUPERVISOR, address=named("requests_app_supplyimport_upload"), parts=FORM),
    Scene(
        name="supply-preview",
        by=SUPERVISOR,
        address=named("requests_app_supplyimport_upload"),
        steps=check_supply,
    ),
    Scene(
        name="report",
        by=SUPERVISOR,
        address="/admin/requests_app/reportrun/make/?first=2026-01-01&last=2026-11-23",
        parts=(),
        width=1150,
        height=900,
    ),
    Scene(
        name="exports",
        by=SUPERVISOR,
        address=named("requests_app_exportrun_changelist"),
        steps=export_queue,
        width=1150,
    ),
    Scene(name="second-reading", by=SUPERVISOR, address=first_review),
    Scene(name="quality", by=SUPERVISOR, address=named("requests_app_answergrade_quality"), parts=(), height=900),
    Scene(
        name="canned-reply",
        by=SUPERVISOR,
        address=named("requests_app_cannedreply_add"),
        steps=fill(
            title="Плановый ремонт",
            text="Здравствуйте, {имя}! По заявке № {номер}: работы закончатся сегодня, напряжение будет к вечеру.",
        ),
    ),
    Scene(name="news", by=EDITOR, address=named("content_news_add"), parts=()),
    Scene(name="trail", by=DPO, address=named("accounts_dataview_changelist"), width=1150, height=700, parts=()),
    Scene(
        name="snils",
        by=SUPERVISOR,
        address=desk("snils", Consumer, user__email="person@example.org"),
        steps=fill(reason="Запрос Социального фонда от 20.11.2026, исх. 3/118"),
    ),
    Scene(name="term", by=SUPERVISOR, address=named("requests_app_serviceterm_add")),
    Scene(
        name="user-add",
        by=ADMIN,
        address=named("accounts_user_add"),
        steps=fill_invitation,
    ),
    Scene(name="second-factor-reset", by=ADMIN, address=desk("second_factor", User, email=EDITOR)),
    Scene(name="mail-queue", by=ADMIN, address=named("accounts_user_add"), steps=invite),
)
