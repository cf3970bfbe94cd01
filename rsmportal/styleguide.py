"""/styleguide/ in development: every part of the design system and every state, drawn with the real templates."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.legal_forms import LEGAL_FORMS

COLOURS = {
    "ink": "Текст",
    "ink-soft": "Подсказки, подписи",
    "bus": "Шины: тяжёлые линии, знак",
    "band": "Подвал и главная плитка",
    "action": "Кнопки, выбранное",
    "link": "Ссылки, статус по умолчанию",
    "signal-mark": "Медь: только то, что ждёт читателя",
    "good": "Принято, ответ готов",
    "bad": "Ошибка, отказ, просрочка",
    "line": "Тонкие линии",
    "line-strong": "Границы полей",
    "sheet": "Второй фон",
}
STATUSES = {
    "registered": "Зарегистрирована",
    "in_progress": "В работе",
    "awaiting_consumer": "Ждём ваш ответ",
    "answered": "Ответ готов",
    "closed": "Закрыта",
    "refused": "Отказано",
    "withdrawn": "Отозвана",
    "confirmed": "Подтверждён",
    "paid": "Оплачен",
    "overdue": "Просрочен на\N{NO-BREAK SPACE}4\N{NO-BREAK SPACE}дня",
    "cancelled": "Аннулирован",
}


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class DemoForm(forms.Form):
    """One field of every kind."""

    last_name = forms.CharField(label="Фамилия")
    middle_name = forms.CharField(label="Отчество", required=False)
    inn = forms.CharField(
        label="ИНН",
        help_text="Формат: 10\N{NO-BREAK SPACE}цифр",
        widget=forms.TextInput(attrs={"class": "input-short input-digits", "inputmode": "numeric"}),
    )
    email = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"class": "input-medium"}))
    contract = forms.CharField(
        label="Номер договора", disabled=True, initial="ЭС-118/2024", help_text="Меняет только сотрудник"
    )
    topic = forms.ChoiceField(label="Тема", choices={"": "Выберите тему", "metering": "Учёт электроэнергии"})
    question = forms.CharField(
        label="Вопрос", help_text="От\N{NO-BREAK SPACE}10 до\N{NO-BREAK SPACE}4 000 знаков", widget=forms.Textarea
    )
    reply = forms.ChoiceField(
        label="Как получить ответ",
        choices={"cabinet": "В\N{NO-BREAK SPACE}личном кабинете", "email": "По\N{NO-BREAK SPACE}электронной почте"},
        widget=forms.RadioSelect,
    )
    interests = forms.MultipleChoiceField(
        label="О\N{NO-BREAK SPACE}чём писать",
        choices={"outages": "Отключения", "tariffs": "Тарифы"},
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    attachments = forms.FileField(label="Файлы", required=False, widget=ManyFilesInput)
    password = forms.CharField(
        label="Пароль", help_text="Не\N{NO-BREAK SPACE}короче 10\N{NO-BREAK SPACE}знаков", widget=forms.PasswordInput
    )
    agree = forms.BooleanField(label="Даю согласие", help_text="Без него кабинет открыть нельзя")

    def clean_inn(self) -> str:
        raise ValidationError(
            "Введено 9\N{NO-BREAK SPACE}цифр, нужно\N{NO-BREAK SPACE}10. Проверьте, не\N{NO-BREAK SPACE}пропущена ли одна."
        )


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    context: dict[str, Any] = {
        "colours": COLOURS,
        "icons": _icon_names(),
        "kinds": LEGAL_FORMS,
        "statuses": STATUSES,
        "fields": DemoForm(prefix="fields"),
        "refused": DemoForm({"refused-inn": "616200012", "refused-last_name": "Самойлов"}, prefix="refused"),
        "page": Paginator(range(30), 10).get_page(2),
    }
    return render(request, "content/styleguide.html", context)


def _icon_names() -> list[str]:
    path = finders.find("icons.svg")
    if not path:
        return []
    with open(path, encoding="utf-8") as sprite:
        return re.findall(r'<symbol id="([\w-]+)"', sprite.read())
