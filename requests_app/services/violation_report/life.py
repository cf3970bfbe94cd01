"""
The life of a report: the consumer learns that it was received, and later that it was checked or not confirmed. What was
found, and with whom, stays with staff: it is about other people.
"""

from requests_app.codes import RefusalReason
from requests_app.lifecycle import Actor, Life, Status, Transition

_RECEIVED = "Принято"
_WE_CHECK = (
    "Мы проверим это на месте. Писать ничего не нужно: когда проверка закончится, здесь появится «Проверка проведена» "
    "или «Не подтвердилось». Подробностей не будет: они касаются других людей."
)
_FOUND = "Что установила проверка"

REPORT = Life(
    transitions=(
        Transition(
            name="take",
            label="Взять в работу",
            event="Взято в работу",
            sources=(Status.REGISTERED,),
            target=Status.IN_PROGRESS,
            actor=Actor.STAFF,
            comment_is_note=True,
            is_quiet=True,
        ),
        Transition(
            name="ask",
            label="Задать вопрос",
            event="Задан вопрос",
            news="нужны сведения от вас",
            sources=(Status.IN_PROGRESS,),
            target=Status.AWAITING_CONSUMER,
            actor=Actor.STAFF,
            needs_comment=True,
            comment_label="Что нужно уточнить",
        ),
        Transition(
            name="supply",  # taken by a message of the consumer
            label="Ответить на вопрос",
            event="Заявитель ответил",
            sources=(Status.AWAITING_CONSUMER,),
            target=Status.IN_PROGRESS,
            actor=Actor.CONSUMER,
            needs_comment=True,
            comment_label="Ваш ответ",
            is_quiet=True,
        ),
        Transition(
            name="resume",
            label="Продолжить без ответа",
            event="Работа продолжена",
            sources=(Status.AWAITING_CONSUMER,),
            target=Status.IN_PROGRESS,
            actor=Actor.STAFF,
            comment_is_note=True,
            is_quiet=True,
        ),
        Transition(
            name="confirm",
            label="Нарушение подтвердилось",
            event="Проверка проведена",
            news="проверка проведена",
            sources=(Status.IN_PROGRESS, Status.AWAITING_CONSUMER),
            target=Status.CLOSED,
            actor=Actor.STAFF,
            needs_comment=True,
            comment_label=_FOUND,
            comment_is_note=True,
        ),
        Transition(
            name="dismiss",
            label="Не подтвердилось",
            event="Не подтвердилось",
            news="проверка закончена",
            sources=(Status.REGISTERED, Status.IN_PROGRESS, Status.AWAITING_CONSUMER),
            target=Status.REFUSED,
            actor=Actor.STAFF,
            needs_comment=True,
            comment_label=_FOUND,
            comment_is_note=True,
            needs_reason=True,
            reasons=(
                RefusalReason.UNPROVEN,
                RefusalReason.NOT_OURS,
                RefusalReason.REPEATED,
                RefusalReason.ABUSIVE,
                RefusalReason.OTHER,
            ),
        ),
        Transition(
            name="withdraw",
            label="Отозвать",
            event="Отозвано",
            news="отозвана",
            sources=(Status.REGISTERED,),  # once somebody looks into it, it is no longer the reporter's alone
            target=Status.WITHDRAWN,
            actor=Actor.CONSUMER,
            done="Сообщение отозвано.",
        ),
    ),
    what_next={
        Status.REGISTERED: _WE_CHECK,
        Status.IN_PROGRESS: _WE_CHECK,
        Status.AWAITING_CONSUMER: "Ответьте на вопрос ниже: без этого трудно проверить. К ответу можно приложить фото.",
        Status.CLOSED: "Мы проверили то, о чём вы сообщили. Подробностей нет: они касаются других людей.",
        Status.REFUSED: "Проверка не подтвердила то, о чём вы сообщили. Если увидите это снова, отправьте новое "
        "сообщение, лучше с фото.",
        Status.WITHDRAWN: "Вы отозвали сообщение. При необходимости отправьте новое.",
    },
    opening=_RECEIVED,
    labels={
        Status.REGISTERED: _RECEIVED,
        Status.IN_PROGRESS: _RECEIVED,
        Status.AWAITING_CONSUMER: "Принято, есть вопрос к вам",
        Status.CLOSED: "Проверка проведена",
        Status.REFUSED: "Не подтвердилось",
        Status.WITHDRAWN: "Отозвано",
    },
    staff_labels={
        Status.REGISTERED: "Новое",
        Status.IN_PROGRESS: "Проверяется",
        Status.AWAITING_CONSUMER: "Ждём заявителя",
        Status.CLOSED: "Подтвердилось",
    },
    ahead="Итог проверки",
    promises_answer=False,
)
