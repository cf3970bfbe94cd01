"""Reference inquiry: a fact is asked for — hours, a tariff, a list of documents."""

from django import forms
from django.db import models

from requests_app.codes import Category
from requests_app.deadlines import DayKind
from requests_app.forms import LongText
from requests_app.models.detail import ENOUGH_SAID, RequestDetail
from requests_app.services.base import DefaultTerm, Service, ServiceForm
from requests_app.services.topics import CATEGORY_OF_TOPIC, Topic


class Inquiry(RequestDetail):
    topic = models.CharField("тема", max_length=12, choices=Topic)
    question = models.TextField("вопрос", max_length=4000, validators=[ENOUGH_SAID])

    class Meta:
        verbose_name = "запрос справочной информации"
        verbose_name_plural = "запросы справочной информации"


class InquiryForm(ServiceForm):
    class Meta:
        model = Inquiry
        fields = ["topic", "question"]
        widgets = {"topic": forms.RadioSelect, "question": LongText(attrs={"rows": 7})}
        help_texts = {"question": "Одним-двумя предложениями: что вы хотите узнать"}

    def category(self) -> Category:
        return CATEGORY_OF_TOPIC[Topic(self.cleaned_data["topic"])]


SERVICE = Service(
    slug="inquiry",
    noun="Справка",
    title="Запросить справку",
    summary=(
        "Прием обращений потребителей с запросом справочной информации через интерактивные электронные формы, "
        "предоставление ответа потребителю"
    ),
    lead="Спросите о тарифах, порядке подключения, документах или часах работы. Ответ появится в кабинете.",
    icon="inquiry",
    form_class=InquiryForm,
    default_term=DefaultTerm(days=15, day_kind=DayKind.CALENDAR, legal_basis="Срок, установленный РСМ Энерго"),
    example={
        "topic": Topic.METERING,
        "question": "Какие документы нужны, чтобы допустить новый прибор учёта в эксплуатацию?",
        "object_address": "г. Ростов-на-Дону, ул. Портовая, 71, кв. 18",
        "reply_channel": "cabinet",
    },
)
