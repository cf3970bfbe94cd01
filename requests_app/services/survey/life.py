"""The life of a survey that was answered: it is taken into account at once, and nobody has to do anything more."""

from requests_app.lifecycle import Actor, Life, Status, Transition

COUNT = Transition(
    name="count",
    label="Учесть",
    event="Ответы учтены",
    sources=(Status.REGISTERED,),
    target=Status.CLOSED,
    actor=Actor.SYSTEM,
)
LIFE = Life(
    transitions=(COUNT,),
    what_next={
        Status.REGISTERED: "Ответы получены. Делать ничего не нужно.",
        Status.CLOSED: "Спасибо, что ответили. Ответы учтены, делать больше ничего не нужно: по ним мы решаем, что "
        "исправить в первую очередь.",
    },
    opening="Ответы отправлены",
    labels={Status.REGISTERED: "Ответы получены", Status.CLOSED: "Ответы учтены"},
    promises_answer=False,
    takes_messages=False,
)
