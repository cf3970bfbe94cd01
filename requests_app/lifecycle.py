"""
The life of a request: its states and the only ways between them. Pure data; buttons, permissions, docs and tests are
made from it. Most services live the life of an appeal; one that goes another way declares a `Life` of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    SYSTEM = "system"  # taken by the portal itself, with nobody's button


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One way from some states to another."""

    name: str  # at most 10 characters, as the history keeps it
    label: str  # of the button
    event: str  # how the history tells it to the consumer
    news: str = ""  # how the letter to the consumer tells it; without it there is no letter
    letter: str = "status_changed"  # the template of that letter
    sources: tuple[Status, ...]
    target: Status
    actor: Actor
    needs_comment: bool = False
    comment_label: str = ""
    comment_is_note: bool = False  # only staff read it
    needs_reason: bool = False  # one of `codes.RefusalReason`
    reasons: tuple[str, ...] = ()  # those to choose from, where they are not the usual ones
    is_quiet: bool = False  # the consumer's page does not tell of it
    done: str = ""  # what the consumer reads after taking it; without it the step has no page of its own

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
        done="Заявка закрыта. Спасибо, что сообщили.",
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
        done="Заявка снова в\N{NO-BREAK SPACE}работе. Мы рассмотрим ваши доводы.",
    ),
    Transition(
        name="withdraw",
        label="Отозвать",
        event="Отозвана заявителем",
        news="отозвана",
        sources=(Status.REGISTERED, Status.IN_PROGRESS, Status.AWAITING_CONSUMER),
        target=Status.WITHDRAWN,
        actor=Actor.CONSUMER,
        done="Заявка отозвана.",
    ),
)

DISPUTE_WORKING_DAYS = 30  # our rule, after the tariff regulators' indicator of repeated appeals


@dataclass(frozen=True, kw_only=True)
class Life:
    """The ways that the requests of a service go, and what their states are called there."""

    transitions: tuple[Transition, ...]
    what_next: Mapping[Status, str]  # what the consumer is told of each state that this life has
    opening: str = "Зарегистрирована"  # the first line of the history
    labels: Mapping[Status, str] = field(default_factory=dict)  # where the consumer reads another word
    staff_labels: Mapping[Status, str] = field(default_factory=dict)  # where staff read another than the consumer
    ahead: str = ""  # the step to come, where no day of an answer is promised
    promises_answer: bool = True  # the consumer is told by when we answer
    has_term: bool = True  # the due day ends a term of ours; else it is a day that the two sides agreed on
    takes_messages: bool = True  # the two sides may write to each other while it is open

    def get(self, name: str) -> Transition:
        """The transition called `name`; raises KeyError for one that this life does not have."""
        return {step.name: step for step in self.transitions}[name]

    def steps_from(self, status: str, actor: Actor) -> list[Transition]:
        """What `actor` may do with a request in `status`, in the order of the table."""
        return [step for step in self.transitions if step.actor == actor and step.starts_from(status)]

    def label(self, status: str) -> str:
        """The state in the consumer's words."""
        return self.labels.get(Status(status), str(Status(status).label))

    def staff_label(self, status: str) -> str:
        """The state in the desk's words."""
        return self.staff_labels.get(Status(status), self.label(status))


APPEAL = Life(transitions=TRANSITIONS, what_next=WHAT_NEXT, staff_labels=STAFF_LABELS)
