"""The stories themselves, newest first by `days_ago`."""

from requests_app.demo.stories import Ago, Story

_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"
_HOME = "г. Ростов-на-Дону, ул. Портовая, 71, кв. 18"
_SHOP = "г. Ростов-на-Дону, пр. Шолохова, 130"
_PLANT = "г. Ростов-на-Дону, ул. Менжинского, 4, корпус 3"

_INQUIRIES = (
    Story(
        name="inquiry registered",
        service="inquiry",
        owner=_PERSON,
        days_ago=0,
        answers={
            "topic": "contacts",
            "question": "До которого часа работает офис на Менжинского и есть ли перерыв?",
        },
    ),
    Story(
        name="inquiry in progress",
        service="inquiry",
        owner=_PERSON,
        days_ago=11,
        answers={
            "topic": "metering",
            "question": "Какой порядок допуска в эксплуатацию прибора учёта, который я купил сам?",
            "object_address": _HOME,
        },
        steps=(("take", ""),),
    ),
    Story(
        name="inquiry awaiting",
        service="inquiry",
        owner=_COMPANY,
        days_ago=6,
        answers={
            "topic": "transmission",
            "question": "Какой уровень напряжения указан в нашем договоре для корпуса 3?",
            "object_address": _PLANT,
            "contract_number": "ТП-2019/114",
        },
        steps=(
            ("take", ""),
            ("ask", "Уточните, пожалуйста, о каком вводе идёт речь: в договоре для корпуса 3 их два."),
        ),
    ),
    Story(
        name="inquiry answered",
        service="inquiry",
        owner=_TRADER,
        days_ago=9,
        answers={
            "topic": "connection",
            "question": "Какие документы нужны, чтобы увеличить мощность торгового павильона?",
            "object_address": _SHOP,
        },
        steps=(
            ("take", ""),
            (
                "answer",
                (
                    "Нужны заявка, план расположения павильона, документ о праве на него и перечень приборов с их "
                    "мощностью. Бланк заявки приложим к письму по вашей просьбе."
                ),
            ),
        ),
    ),
    Story(
        name="inquiry closed",
        service="inquiry",
        owner=_PERSON,
        days_ago=48,
        answers={"topic": "service", "question": "Можно ли получить ответ на прошлую заявку ещё и письмом по почте?"},
        steps=(
            ("take", ""),
            ("answer", "Да. При отправке заявки выберите «Письмом по почте» и укажите адрес с индексом."),
            ("accept", ""),
        ),
    ),
    Story(
        name="inquiry refused",
        service="inquiry",
        owner=_TRADER,
        days_ago=30,
        answers={"topic": "other", "question": "Почему выросла плата за отопление в нашем доме на Шолохова?"},
        steps=(
            (
                "refuse",
                (
                    "Отоплением мы не занимаемся. Обратитесь в управляющую организацию или к поставщику тепла: он указан "
                    "в квитанции."
                ),
            ),
        ),
    ),
    Story(
        name="inquiry withdrawn",
        service="inquiry",
        owner=_PERSON,
        days_ago=64,
        answers={"topic": "contacts", "question": "По какому телефону передать показания, если нет интернета?"},
        steps=(("withdraw", ""),),
    ),
    Story(
        name="inquiry overdue",
        service="inquiry",
        owner=_COMPANY,
        days_ago=24,
        answers={
            "topic": "maintenance",
            "question": "Когда запланирован ремонт кабельной линии от подстанции до корпуса 3?",
            "object_address": _PLANT,
        },
    ),
)

_CONSULTATIONS = (
    Story(
        name="consultation registered",
        service="consultation",
        owner=_TRADER,
        days_ago=1,
        answers={
            "topic": "metering",
            "question": "В павильоне стоит старый счётчик. Имеет ли смысл переходить на двухтарифный учёт?",
            "way": "written",
            "object_address": _SHOP,
        },
    ),
    Story(
        name="consultation awaiting",
        service="consultation",
        owner=_PERSON,
        days_ago=7,
        answers={
            "topic": "metering",
            "question": "Хочу заменить однотарифный счётчик на двухтарифный. Что для этого нужно и кто его меняет?",
            "way": "call",
            "call_phone": "8 (928) 123-45-67",
            "call_time": "9-11",
            "object_address": _HOME,
        },
        steps=(
            ("take", ""),
            ("ask", "Подскажите номер договора: от него зависит, кто меняет прибор. Он на первой странице, вверху."),
        ),
        with_photo=True,
    ),
    Story(
        name="consultation in progress",
        service="consultation",
        owner=_COMPANY,
        days_ago=14,
        answers={
            "topic": "connection",
            "question": "Планируем новую производственную линию на 150 кВт. Хватит ли мощности существующего ввода?",
            "way": "video",
            "call_phone": "8 (863) 250-31-02",
            "call_time": "13-15",
            "object_address": _PLANT,
        },
        steps=(("take", ""), ("message", "Добавлю: запуск линии запланирован на март.")),
    ),
    Story(
        name="consultation answered",
        service="consultation",
        owner=_PERSON,
        days_ago=16,
        answers={
            "topic": "transmission",
            "question": "Сосед говорит, что у нас разные тарифы в одном доме. Может ли такое быть и почему?",
            "way": "written",
        },
        steps=(
            ("take", ""),
            ("answer", "Да, если у одного из вас двухтарифный счётчик: ночью цена ниже, днём выше. Сам тариф один."),
        ),
    ),
    Story(
        name="consultation closed",
        service="consultation",
        owner=_COMPANY,
        days_ago=90,
        answers={
            "topic": "metering",
            "question": "Нужно ли заново опломбировать счётчик после ремонта щита силами нашего электрика?",
            "way": "written",
            "object_address": _PLANT,
        },
        steps=(
            ("take", ""),
            ("answer", "Да. Сообщите нам о снятии пломбы заранее, после ремонта мы опломбируем прибор."),
            ("close", ""),
        ),
    ),
    Story(
        name="consultation refused",
        service="consultation",
        owner=_PERSON,
        days_ago=75,
        answers={
            "topic": "other",
            "question": "Сколько электроэнергии потребляет соседняя квартира? Кажется, они подключены к нам.",
            "way": "written",
        },
        steps=(
            ("take", ""),
            ("refuse", "Сведения о других потребителях мы не раскрываем. Если подозреваете хищение, сообщите об этом."),
        ),
    ),
    Story(
        name="consultation withdrawn",
        service="consultation",
        owner=_TRADER,
        days_ago=40,
        answers={
            "topic": "service",
            "question": "Можно ли оформить доступ в кабинет для моего бухгалтера без передачи пароля?",
            "way": "written",
        },
        steps=(("take", ""), ("withdraw", "")),
    ),
)

_COMPLAINTS = (
    Story(
        name="complaint registered overdue",
        service="complaint",
        owner=_TRADER,
        days_ago=38,
        answers={
            "category": "service",
            "circumstances": "Дважды звонил по городскому телефону, ждал на линии больше двадцати минут.",
            "about_whom": "Центр очного обслуживания",
        },
    ),
    Story(
        name="complaint in progress",
        service="complaint",
        owner=_PERSON,
        days_ago=27,
        answers={
            "category": "energy",
            "circumstances": "По вечерам напряжение падает до 190 В, гаснет котёл. Так продолжается вторую неделю.",
            "began_at": Ago(35, 18),
            "object_address": _HOME,
            "no_contract": "on",
            "demands": "Измерить напряжение и устранить причину.",
        },
        steps=(("take", ""),),
        with_photo=True,
    ),
    Story(
        name="complaint awaiting",
        service="complaint",
        owner=_COMPANY,
        days_ago=12,
        answers={
            "category": "metering",
            "circumstances": "В акте проверки прибора учёта указан чужой заводской номер.",
            "object_address": _PLANT,
            "contract_number": "ТП-2019/114",
            "demands": "Исправить акт.",
        },
        steps=(("take", ""), ("ask", "Приложите, пожалуйста, фотографию таблички прибора и копию акта.")),
    ),
    Story(
        name="complaint answered",
        service="complaint",
        owner=_COMPANY,
        days_ago=33,
        answers={
            "category": "transmission",
            "circumstances": "Питание корпуса пропало почти на два часа без предупреждения, линия остановилась.",
            "began_at": Ago(49, 11),
            "ended_at": Ago(49, 13),
            "object_address": _PLANT,
            "contract_number": "ТП-2019/114",
            "demands": "Сообщить причину и исключить повторение.",
        },
        steps=(
            ("take", ""),
            (
                "answer",
                (
                    "Сработала защита на отходящей линии из-за повреждения кабеля. Кабель заменён, защита "
                    "проверена. Приносим извинения."
                ),
            ),
        ),
    ),
    Story(
        name="complaint disputed",
        service="complaint",
        owner=_PERSON,
        days_ago=20,
        answers={
            "category": "maintenance",
            "circumstances": "У опоры во дворе открыт щиток, дверца не закрывается уже месяц.",
            "object_address": _HOME,
        },
        steps=(
            ("take", ""),
            ("answer", "Заявка передана в эксплуатационный участок, дверца закрыта."),
            ("dispute", "Дверцу подвязали проволокой, она снова открыта. Нужен замок."),
        ),
    ),
    Story(
        name="complaint closed",
        service="complaint",
        owner=_TRADER,
        days_ago=120,
        answers={
            "category": "connection",
            "circumstances": "Договор на присоединение павильона готовили дольше обещанного срока.",
            "object_address": _SHOP,
        },
        steps=(
            ("take", ""),
            ("answer", "Срок нарушен из-за повторного согласования. Договор направлен вам вчера."),
            ("accept", ""),
        ),
    ),
    Story(
        name="complaint refused",
        service="complaint",
        owner=_PERSON,
        days_ago=55,
        answers={"category": "other", "circumstances": "Во дворе не горит уличный фонарь, темно и опасно ходить."},
        steps=(("refuse", "Уличное освещение обслуживает городская служба, наших сетей там нет."),),
    ),
    Story(
        name="complaint withdrawn",
        service="complaint",
        owner=_COMPANY,
        days_ago=70,
        answers={"category": "service", "circumstances": "Не получили счёт за август к обещанной дате."},
        steps=(("withdraw", ""),),
    ),
)

STORIES = (*_INQUIRIES, *_CONSULTATIONS, *_COMPLAINTS)
