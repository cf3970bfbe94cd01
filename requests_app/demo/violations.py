"""Violation reports in every state: a dangerous one that nobody has taken, anonymous ones, one with a question."""

from functools import partial

from requests_app.demo.people import INSPECTOR
from requests_app.demo.stories import Ago, Story

_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"

_story = partial(Story, service="violation-report", colleague=INSPECTOR)

STORIES = (
    _story(
        name="violation dangerous",
        owner=_PERSON,
        days_ago=0,
        with_photo=True,
        answers={
            "is_dangerous": "on",
            "kind": "theft",
            "signs": ("cut",),
            "description": "У тропинки к остановке открыт железный шкаф, внутри торчат провода. Рядом ходят дети.",
            "seen_at": Ago(1, 8),
            "place": "г. Ростов-на-Дону, тропинка от ул. Портовой, 71 к остановке",
            "substation_number": "ТП-118",
            "coordinates": "47.222078, 39.690349",
            "reporter": "named",
        },
    ),
    _story(
        name="violation anonymous",
        owner=_TRADER,
        days_ago=1,
        answers={
            "kind": "contract",
            "signs": ("hooked", "bypass"),
            "description": "К вагончику на пустыре с опоры наброшен кабель. По вечерам там горит свет и работает обогреватель.",
            "seen_at": Ago(2, 19),
            "place": "г. Ростов-на-Дону, пустырь за рынком на пр. Шолохова",
            "pole_number": "14",
            "suspect": "Бригада, которая разбирает старый павильон",
            "reporter": "anonymous",
        },
    ),
    _story(
        name="violation in progress",
        owner=_COMPANY,
        days_ago=4,
        answers={
            "kind": "meter",
            "signs": ("seal",),
            "description": "В соседнем боксе сорвана пломба со счётчика, а оборудование работает и ночью.",
            "seen_at": Ago(5, 11),
            "place": "г. Ростов-на-Дону, ул. Менжинского, 6, бокс 4",
            "reporter": "named",
            "may_show_place": "on",
            "contact": "8 (863) 250-31-02, Ирина Павловна",
        },
        steps=(("take", ""),),
    ),
    _story(
        name="violation awaiting",
        owner=_PERSON,
        days_ago=6,
        answers={
            "kind": "unknown",
            "signs": ("other",),
            "description": "В подвале от общего щитка идёт новый кабель к соседям, раньше его не было.",
            "seen_at": Ago(7, 20),
            "place": "г. Ростов-на-Дону, ул. Портовая, 71, подвал",
            "reporter": "anonymous",
        },
        steps=(("take", ""), ("ask", "В каком подъезде этот щиток и закрыт ли подвал на ключ?")),
    ),
    _story(
        name="violation confirmed",
        owner=_TRADER,
        days_ago=40,
        with_photo=True,
        answers={
            "kind": "contract",
            "signs": ("hooked",),
            "description": "К строящемуся дому от опоры протянут провод, счётчика нет.",
            "seen_at": Ago(41, 14),
            "place": "СНТ «Маяк», участок 31",
            "pole_number": "7",
            "reporter": "anonymous",
        },
        steps=(
            ("take", ""),
            ("confirm", "Подключение без договора. Составлен акт при двух свидетелях, линия отключена."),
        ),
    ),
    _story(
        name="violation not confirmed",
        owner=_PERSON,
        days_ago=33,
        reason="unproven",
        answers={
            "kind": "meter",
            "signs": ("bypass",),
            "description": "Кажется, у киоска на углу кабель идёт мимо счётчика.",
            "seen_at": Ago(34, 10),
            "place": "г. Ростов-на-Дону, угол пр. Шолохова и ул. Портовой",
            "reporter": "named",
        },
        steps=(("take", ""), ("dismiss", "Кабель слаботочный, к сети не подключён. Учёт исправен, пломбы целы.")),
    ),
    _story(
        name="violation withdrawn",
        owner=_COMPANY,
        days_ago=20,
        answers={
            "kind": "theft",
            "signs": ("cut",),
            "description": "С опоры у ворот пропал кусок провода, конец висит.",
            "seen_at": Ago(21, 9),
            "place": "г. Ростов-на-Дону, ул. Менжинского, 4, у ворот",
            "reporter": "named",
        },
        steps=(("withdraw", ""),),
    ),
)
