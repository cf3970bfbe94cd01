"""The life of a visit: booked, then come or not, or cancelled by one of the two sides. Pure data."""

from requests_app.lifecycle import Actor, Life, Status, Transition

MOVE = Transition(
    name="move",  # has a page of its own: a new time is chosen there
    label="Перенести",
    event="Выбрано другое время",
    news="время приёма изменено",
    letter="appointment_moved",
    sources=(Status.REGISTERED,),
    target=Status.REGISTERED,
    actor=Actor.CONSUMER,
)

VISIT = Life(
    transitions=(
        Transition(
            name="came",
            label="Посетитель пришёл",
            event="Приём состоялся",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.STAFF,
        ),
        Transition(
            name="missed",
            label="Посетитель не пришёл",
            event="Посетитель не пришёл",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.STAFF,
        ),
        Transition(
            name="call_off",
            label="Отменить приём",
            event="Отменена офисом",
            news="приём отменён",
            letter="appointment_called_off",
            sources=(Status.REGISTERED,),
            target=Status.WITHDRAWN,
            actor=Actor.STAFF,
            needs_comment=True,
            comment_label="Почему приёма не будет",
        ),
        MOVE,
        Transition(
            name="cancel",
            label="Отменить запись",
            event="Отменена заявителем",
            news="запись отменена",
            letter="appointment_cancelled",
            sources=(Status.REGISTERED,),
            target=Status.WITHDRAWN,
            actor=Actor.CONSUMER,
            done="Запись отменена, время освободилось для\N{NO-BREAK SPACE}других.",
        ),
    ),
    what_next={
        Status.REGISTERED: "Приходите к\N{NO-BREAK SPACE}назначенному времени.",
        Status.CLOSED: "Запись завершена. По\N{NO-BREAK SPACE}новому вопросу запишитесь снова.",
        Status.WITHDRAWN: "Приёма не\N{NO-BREAK SPACE}будет. Записаться на\N{NO-BREAK SPACE}другое время можно в\N{NO-BREAK SPACE}любой день.",
    },
    opening="Запись сделана",
    labels={Status.REGISTERED: "Вы записаны", Status.CLOSED: "Завершена", Status.WITHDRAWN: "Отменена"},
    staff_labels={Status.REGISTERED: "Записан"},
    promises_answer=False,
    has_term=False,
)
