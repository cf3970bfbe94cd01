"""
The life of a request: its states and the only ways between them. Pure data; buttons, permissions, docs and tests are
made from `TRANSITIONS`.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices


class Status(TextChoices):
    REGISTERED = "registered", "Зарегистрирована"
    IN_PROGRESS = "in_progress", "В работе"
    AWAITING_CONSUMER = "awaiting_consumer", "Ждём ваш ответ"
    ANSWERED = "answered", "Ответ готов"
    CLOSED = "closed", "Закрыта"
    REFUSED = "refused", "Отказано"
    WITHDRAWN = "withdrawn", "Отозвана"


# Sorted, since they stand in constraints and a set's order would make new migrations.
OPEN_STATUSES = [Status.AWAITING_CONSUMER, Status.IN_PROGRESS, Status.REGISTERED]  # the term runs
FINAL_STATUSES = [Status.CLOSED, Status.REFUSED, Status.WITHDRAWN]

STAFF_LABELS = {Status.AWAITING_CONSUMER: "Ждём заявителя", Status.ANSWERED: "Ответ дан"}

WHAT_NEXT = {
    Status.REGISTERED: "Заявка получила номер и ждёт специалиста. Делать ничего не нужно: мы напишем, когда возьмём "
    "её в работу.",
    Status.IN_PROGRESS: "Специалист готовит ответ. Если нужно что-то уточнить, напишите ниже.",
    Status.AWAITING_CONSUMER: "Ответьте на вопрос специалиста ниже; к ответу можно приложить файлы. Срок ответа при этом "
    "не переносится.",
    Status.ANSWERED: "Прочитайте ответ. Если он помог, закройте заявку. Если не согласны, верните её в работу.",
    Status.CLOSED: "Заявка завершена. По новому вопросу отправьте новую заявку.",
    Status.REFUSED: "Мы не можем рассмотреть эту заявку: причина указана на этой странице. Вы можете отправить новую.",
    Status.WITHDRAWN: "Вы отозвали заявку, отвечать на неё мы не будем. При необходимости отправьте новую.",
}


class Actor(StrEnum):
    CONSUMER = "consumer"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One way from some states to another."""

    name: str
    label: str  # of the button
    event: str  # how the history tells it to the consumer
    news: str = ""  # how the letter to the consumer tells it; without it there is no letter
    sources: tuple[Status, ...]
    target: Status
    actor: Actor
    needs_comment: bool = False
    comment_label: str = ""
    needs_reason: bool = False  # one of `codes.RefusalReason`

    def starts_from(self, status: str) -> bool:
        return status in self.sources


TRANSITIONS = (
    Transition(
        name="take",
        label="Взять в работу",
        event="Взята в работу",
        news="взята в работу",
        sources=(Status.REGISTERED,),
        target=Status.IN_PROGRESS,
        actor=Actor.STAFF,
    ),
    Transition(
        name="ask",
        label="Запросить сведения",
        event="Запрошены сведения у заявителя",
        news="нужны сведения от вас",
        sources=(Status.IN_PROGRESS,),
        target=Status.AWAITING_CONSUMER,
        actor=Actor.STAFF,
        needs_comment=True,
        comment_label="Что нужно от заявителя",
    ),
    Transition(
        name="supply",  # taken by a message of the consumer, who needs no letter about it
        label="Ответить на вопрос",
        event="Заявитель ответил",
        sources=(Status.AWAITING_CONSUMER,),
        target=Status.IN_PROGRESS,
        actor=Actor.CONSUMER,
        needs_comment=True,
        comment_label="Ваш ответ",
    ),
    Transition(
        name="resume",
        label="Продолжить работу",
        event="Работа продолжена",
        news="снова в работе",
        sources=(Status.AWAITING_CONSUMER,),
        target=Status.IN_PROGRESS,
        actor=Actor.STAFF,
    ),
    Transition(
        name="answer",
        label="Ответить",
        event="Дан ответ",
        news="ответ готов",
        sources=(Status.IN_PROGRESS,),
        target=Status.ANSWERED,
        actor=Actor.STAFF,
        needs_comment=True,
        comment_label="Ответ заявителю",
    ),
    Transition(
        name="refuse",
        label="Отказать",
        event="Отказано в рассмотрении",
        news="отказано в рассмотрении",
        sources=(Status.REGISTERED, Status.IN_PROGRESS, Status.AWAITING_CONSUMER),
        target=Status.REFUSED,
        actor=Actor.STAFF,
        needs_comment=True,
        comment_label="Причина отказа для заявителя",
        needs_reason=True,
    ),
    Transition(
        name="close",
        label="Закрыть",
        event="Закрыта",
        news="закрыта",
        sources=(Status.ANSWERED,),
        target=Status.CLOSED,
        actor=Actor.STAFF,
    ),
    Transition(
        name="accept",
        label="Ответ помог, закрыть",
        event="Закрыта заявителем",
        news="закрыта",
        sources=(Status.ANSWERED,),
        target=Status.CLOSED,
        actor=Actor.CONSUMER,
    ),
    Transition(
        name="dispute",
        label="Не согласен с ответом",
        event="Заявитель не согласен с ответом",
        news="снова в работе",
        sources=(Status.ANSWERED,),
        target=Status.IN_PROGRESS,
        actor=Actor.CONSUMER,
        needs_comment=True,
        comment_label="С чем вы не согласны",
    ),
    Transition(
        name="withdraw",
        label="Отозвать",
        event="Отозвана заявителем",
        news="отозвана",
        sources=(Status.REGISTERED, Status.IN_PROGRESS, Status.AWAITING_CONSUMER),
        target=Status.WITHDRAWN,
        actor=Actor.CONSUMER,
    ),
)

DISPUTE_WORKING_DAYS = 30  # our rule, after the tariff regulators' indicator of repeated appeals


def get_transition(name: str) -> Transition:
    """The transition called `name`; raises KeyError for an unknown one."""
    return _BY_NAME[name]


def transitions_from(status: str, actor: Actor) -> list[Transition]:
    """What `actor` may do with a request in `status`, in the order of the table."""
    return [transition for transition in TRANSITIONS if transition.actor == actor and transition.starts_from(status)]


_BY_NAME = {transition.name: transition for transition in TRANSITIONS}
