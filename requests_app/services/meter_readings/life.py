"""The life of sent readings: accepted at once, or looked at by staff when something about them was strange."""

from requests_app.lifecycle import Actor, Life, Status, Transition

LIFE = Life(
    transitions=(
        Transition(
            name="record",
            label="Принять",
            event="Показания приняты",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.SYSTEM,
        ),
        Transition(
            name="supersede",
            label="Заменить",
            event="Переданы другие показания за\N{NO-BREAK SPACE}этот месяц",
            sources=(Status.REGISTERED,),
            target=Status.WITHDRAWN,
            actor=Actor.SYSTEM,
        ),
        Transition(
            name="control",  # by what our own people read
            label="Заменить контрольным",
            event="Вместо ваших показаний учтены наши",
            news="вместо ваших показаний учтены наши",
            sources=(Status.REGISTERED,),
            target=Status.WITHDRAWN,
            actor=Actor.SYSTEM,
        ),
        Transition(
            name="approve",
            label="Принять",
            event="Показания приняты",
            news="показания приняты",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.STAFF,
        ),
        Transition(
            name="settle",  # when the last meter of a table has been decided about
            label="Завершить",
            event="Показания проверены",
            news="показания проверены",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.SYSTEM,
        ),
        Transition(
            name="correct",
            label="Исправить и\N{NO-BREAK SPACE}принять",
            event="Показания исправлены и\N{NO-BREAK SPACE}приняты",
            news="показания исправлены",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.STAFF,
            needs_comment=True,
            comment_label="Что и\N{NO-BREAK SPACE}почему исправлено",
        ),
        Transition(
            name="match",
            label="Записать за\N{NO-BREAK SPACE}счётчиком",
            event="Счётчик найден, показания приняты",
            news="показания приняты",
            sources=(Status.REGISTERED,),
            target=Status.CLOSED,
            actor=Actor.STAFF,
        ),
        Transition(
            name="refuse",
            label="Не\N{NO-BREAK SPACE}принять",
            event="Показания не\N{NO-BREAK SPACE}приняты",
            news="показания не\N{NO-BREAK SPACE}приняты",
            sources=(Status.REGISTERED,),
            target=Status.REFUSED,
            actor=Actor.STAFF,
            needs_comment=True,
            comment_label="Почему не\N{NO-BREAK SPACE}приняты и\N{NO-BREAK SPACE}что сделать потребителю",
            needs_reason=True,
        ),
        Transition(
            name="withdraw",
            label="Отозвать",
            event="Отозваны потребителем",
            news="отозвана",
            sources=(Status.REGISTERED,),
            target=Status.WITHDRAWN,
            actor=Actor.CONSUMER,
            done="Показания отозваны.",
        ),
    ),
    opening="Переданы",
    labels={
        Status.REGISTERED: "На\N{NO-BREAK SPACE}проверке",
        Status.CLOSED: "Приняты",
        Status.REFUSED: "Не\N{NO-BREAK SPACE}приняты",
        Status.WITHDRAWN: "Не\N{NO-BREAK SPACE}учтены",  # withdrawn, or others took their place
    },
    what_next={
        Status.REGISTERED: "Специалист сверит показания с\N{NO-BREAK SPACE}фото. Делать ничего не\N{NO-BREAK SPACE}нужно: мы "
        "напишем, когда решим. Если заметили ошибку, передайте показания ещё раз.",
        Status.CLOSED: "Показания учтены. Если ошиблись, передайте их ещё раз, пока месяц не\N{NO-BREAK SPACE}закрыт.",
        Status.REFUSED: "Показания не\N{NO-BREAK SPACE}учтены: причина указана на\N{NO-BREAK SPACE}этой странице. Передайте "
        "верные.",
        Status.WITHDRAWN: "Эти показания не\N{NO-BREAK SPACE}учитываются.",
    },
    promises_answer=False,
)
