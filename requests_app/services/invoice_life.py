"""The life of a request for an invoice: that of an appeal, and another invoice instead of a cancelled one."""

import dataclasses
from collections.abc import Iterator

from requests_app.lifecycle import APPEAL, Actor, Status, Transition

# The request was answered and stays so: when, and whether in time, is not touched by a paper made out anew.
REISSUE = Transition(
    name="reissue",
    label="Выставить взамен",
    event="Выставлен новый счёт взамен аннулированного",
    news="выставлен новый счёт",
    sources=(Status.ANSWERED,),
    target=Status.ANSWERED,
    actor=Actor.STAFF,
    needs_comment=True,
    comment_label="Сообщение заявителю",
)


def _steps() -> Iterator[Transition]:
    for step in APPEAL.transitions:
        if step.name == "answer":
            yield dataclasses.replace(step, label="Выставить счёт", event="Счёт выставлен", news="счёт выставлен")
            yield REISSUE
        else:
            yield step


LIFE = dataclasses.replace(
    APPEAL,
    transitions=tuple(_steps()),
    labels={Status.ANSWERED: "Счёт готов"},
    staff_labels={**APPEAL.staff_labels, Status.ANSWERED: "Счёт выставлен"},
    what_next={
        **APPEAL.what_next,
        Status.IN_PROGRESS: "Специалист готовит счёт. Если нужно что-то уточнить, напишите ниже.",
        Status.ANSWERED: "Ниже сумма счёта, срок оплаты и состояние. Если всё верно, закройте заявку. Если в счёте ошибка, "
        "верните заявку в работу.",
    },
)
