"""
A day of an operator and a day of a supervisor in Chromium, from the login with a code to the last letter: each job once,
one after the other, as people do them.
"""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app.codes import AppealForm
from requests_app.deadlines import add_working_days
from requests_app.lifecycle import Status
from requests_app.models import CalendarDay, CannedReply, ExportRun, GrantStatus, GroupAnswer, ReportRun, ServiceRequest
from requests_app.services import complaint, inquiry
from tests.factories import (
    PASSWORD,
    AccessGrantFactory,
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    SupplyPointFactory,
    submitted,
)
from tests.test_second_factor_in_browser import code_of, send

pytestmark = pytest.mark.django_db(transaction=True)

DESK = reverse("admin:index")
QUEUE = reverse("admin:requests_app_servicerequest_changelist")


@pytest.fixture(autouse=True)
def _second_factor(settings):
    settings.STAFF_SECOND_FACTOR = True


def log_in(page, colleague):
    """With the password, and a code of the application that is connected on the way."""
    page.goto(f"{reverse('admin:login')}?next={DESK}")
    page.locator("#login-form [name=username]").fill(colleague.email)
    page.locator("#login-form [name=password]").fill(PASSWORD)
    page.locator("#login-form [type=submit]").click()
    send(page, code_of(page.locator(".secret code").inner_text()))
    page.get_by_role("link", name="Коды сохранены").click()
    page.get_by_role("heading", name="Рабочий стол").wait_for()


def answered_by_consumer(page, service_request):
    page.goto(service_request.get_absolute_url())
    page.get_by_label("Ваш ответ").fill("Счётчик стоит на лестничной площадке.")
    page.get_by_role("button", name="Отправить").click()
    page.get_by_text("лестничной площадке").first.wait_for()


def test_a_day_of_an_operator(page, new_context, browser_login, console):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    consumer = ConsumerFactory(agreed=True).user
    asked = submitted(inquiry.SERVICE, owner=consumer)
    event = [ServiceRequestFactory(owner=ConsumerFactory().user) for _ in range(2)]
    CannedReply.objects.all().delete()
    CannedReply.objects.create(
        title="Порядок замены", text="Здравствуйте! По заявке {номер}: замену делает электромонтёр."
    )
    log_in(page, operator)

    # take one that nobody has, ask, get the reply
    page.get_by_role("region", name="Вся очередь").get_by_role("link", name="Без исполнителя").click()
    page.get_by_role("link", name=asked.number).click()
    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_role("link", name="Запросить сведения").click()
    page.get_by_label("Что нужно от заявителя").fill("Где стоит счётчик?")
    page.get_by_role("button", name="Запросить сведения").click()
    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    at_home = new_context().new_page()
    browser_login(at_home, consumer)
    answered_by_consumer(at_home, asked)

    # answer with a canned text and the codes of the report
    page.goto(DESK)
    page.get_by_role("region", name="Мои заявки").get_by_role("link", name="В работе у меня").click()
    page.get_by_role("link", name=asked.number).click()
    page.get_by_text("лестничной площадке").wait_for()
    page.get_by_label("Готовый ответ").select_option("Порядок замены")
    page.get_by_role("button", name="Вставить").click()
    page.wait_for_function(
        "number => document.querySelector('textarea[name=comment]').value.includes(number)", arg=asked.number
    )
    page.get_by_label("Выполненные мероприятия").fill("Разъяснён порядок замены.")
    page.get_by_role("button", name="Ответить", exact=True).click()
    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    asked.refresh_from_db()
    assert (asked.status, asked.assignee, asked.outcome) == (Status.ANSWERED, operator, "in_time")
    assert asked.measures_done == "Разъяснён порядок замены."
    page.get_by_role("link", name="Закрыть", exact=True).click()
    page.get_by_role("button", name="Закрыть", exact=True).click()
    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    asked.refresh_from_db()
    assert (asked.status, asked.category) == (Status.CLOSED, "appeal_metering")

    # several about one event
    page.goto(QUEUE)
    for service_request in event:
        page.locator(f'[name="_selected_action"][value="{service_request.pk}"]').check()
    page.get_by_role("button", name="Ответить вместе").click()
    page.get_by_label("Ответ заявителям").fill("Отключение устранено.")
    page.get_by_role("button", name="Ответить вместе").click()
    page.get_by_text("Ответ отправлен на 2 заявки.").wait_for()
    assert GroupAnswer.objects.get().parts.count() == 2

    # an appeal by telephone
    page.goto(QUEUE)
    page.get_by_role("link", name="Записать обращение").click()
    page.get_by_label("Найти потребителя").fill(consumer.email)
    page.get_by_role("button", name="Найти", exact=True).click()
    page.get_by_role("link", name=consumer.consumer.display_name).click()
    page.get_by_role("link", name="Справка", exact=True).click()
    page.get_by_label("Заочное, по телефону").check()
    page.get_by_label("Устно, в\N{NO-BREAK SPACE}разговоре").check()
    page.get_by_label("Учёт электроэнергии").check()
    page.get_by_role("textbox", name="вопрос").fill("Какие документы нужны?")
    page.get_by_role("button", name="Записать").click()
    page.get_by_text("Обращение записано: № ").wait_for()
    assert ServiceRequest.objects.get(appeal_form=AppealForm.PHONE).owner == consumer

    # each consumer has the letters of the own request
    letters = Email.objects.filter(to=[consumer.email])
    assert any(asked.number in letter.subject for letter in letters)
    assert not any(one.number in letter.subject for letter in letters for one in event)


def test_a_day_of_a_supervisor(page, console):
    supervisor = StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")
    hard = submitted(complaint.SERVICE, owner=ConsumerFactory(agreed=True).user)
    point = SupplyPointFactory(contract_number="ТП-2019/114")
    grant = AccessGrantFactory(contract_number=point.contract_number)
    log_in(page, supervisor)

    # more time for a hard one, said to its consumer
    page.goto(QUEUE)
    page.get_by_role("link", name=hard.number).click()
    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_role("link", name="Продлить срок").click()
    first = hard.due_on
    page.get_by_label("Ответим до").fill(later_working_day(first).isoformat())
    page.get_by_label("Причина для заявителя").fill("Ждём замеры напряжения, они идут семь дней.")
    page.get_by_role("button", name="Продлить срок").click()
    page.get_by_text("Срок продлён.").wait_for()
    hard.refresh_from_db()
    assert hard.due_on > first

    # access to a supply point is decided
    page.goto(DESK)
    page.get_by_role("region", name="Ждут решения").get_by_role("link", name="Просят доступ").click()
    page.locator("#result_list a").first.click()
    page.get_by_role("link", name="Подтвердить").click()
    page.get_by_role("radio", name=point.contract_number).check()
    page.get_by_role("button", name="Подтвердить").click()
    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    grant.refresh_from_db()
    assert (grant.status, grant.point) == (GrantStatus.CONFIRMED, point)

    # the list as it is narrowed, and the regulator's table
    page.goto(QUEUE)
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать CSV").click()
    assert hard.number in download.value.path().read_text(encoding="utf-8-sig")
    assert ExportRun.objects.get().by == supervisor
    today = timezone.localdate(hard.submitted_at).isoformat()
    page.goto(f"{reverse('admin:requests_app_reportrun_make')}?first={today[:4]}-01-01&last={today}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать 4.9, XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert ReportRun.objects.get().rows == 1


def later_working_day(day):
    return add_working_days(day, 3, CalendarDay.objects.working_day_check())
