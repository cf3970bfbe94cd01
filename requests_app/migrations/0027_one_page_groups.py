"""Who writes canned replies, and those that a new installation begins with; what the requests so far are about."""

from itertools import islice

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

from requests_app.supply_keys import address_key, contract_key, serial_key

GROUPS = {
    "supervisor": [
        "requests_app.view_cannedreply",
        "requests_app.add_cannedreply",
        "requests_app.change_cannedreply",
        "requests_app.delete_cannedreply",
    ],
    "editor": [
        "requests_app.view_cannedreply",
        "requests_app.add_cannedreply",
        "requests_app.change_cannedreply",
        "requests_app.delete_cannedreply",
    ],
}

BATCH = 2_000
QUESTIONS = ("inquiry", "consultation", "complaint")

# Title, services (none: all), text. Staff change them; none says a term or a clause of law of its own.
REPLIES = [
    (
        "Приняли в работу",
        (),
        "Здравствуйте, {заявитель}!\n\nМы приняли вашу заявку № {номер} в работу. Ответим до {срок}. Если понадобится "
        "что-то уточнить, напишем здесь же.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Нужен номер договора и адрес",
        (*QUESTIONS, "document-copies", "invoice"),
        "Здравствуйте!\n\nЧтобы ответить по заявке № {номер}, нам нужны номер договора или лицевого счёта и адрес объекта: "
        "в заявке их нет или они не совпадают с нашими данными. Напишите их в ответ на это сообщение.\n\n"
        "С уважением,\n{исполнитель}",
    ),
    (
        "Нужны фотографии прибора учёта",
        ("inquiry", "complaint", "meter-readings"),
        "Здравствуйте!\n\nПриложите, пожалуйста, две фотографии прибора учёта: общий вид, чтобы был виден заводской номер, "
        "и табло с показаниями. Снимайте с безопасного расстояния и ничего не вскрывайте.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Справка: ответ в приложении",
        ("inquiry",),
        "Здравствуйте, {заявитель}!\n\nОтвечаем на заявку № {номер}, тема: {предмет}. Ответ — в приложенном файле.\n\n"
        "Если останутся вопросы, напишите нам до закрытия заявки.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Консультация: перезвоним",
        ("consultation",),
        "Здравствуйте, {заявитель}!\n\nПозвоним вам по заявке № {номер} в рабочее время. Если вам удобно в определённые часы "
        "или по другому номеру, напишите об этом здесь.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Вопрос не к сетевой организации",
        QUESTIONS,
        "Здравствуйте, {заявитель}!\n\nМы передаём электроэнергию по своим сетям. Начисления, оплата и договор "
        "энергоснабжения — вопросы к вашему поставщику электроэнергии: его телефон есть на квитанции. Если вопрос "
        "всё же о наших сетях по адресу {адрес}, напишите, и мы вернёмся к нему.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Жалоба: проверим на месте",
        ("complaint",),
        "Здравствуйте, {заявитель}!\n\nПо вашей жалобе № {номер} бригада осмотрит сеть по адресу {адрес}. О результате "
        "сообщим в этой заявке не позднее {срок}.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Жалоба: неисправность устранена",
        ("complaint",),
        "Здравствуйте, {заявитель}!\n\nНеисправность по адресу {адрес} устранена. Если она повторится, "
        "не закрывайте заявку № {номер} и напишите нам.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Запись на приём: что взять с собой",
        ("appointment",),
        "Здравствуйте, {заявитель}!\n\nЖдём вас на приёме, заявка № {номер}. Возьмите паспорт, а если вы действуете за "
        "другого — доверенность. Перенести или отменить запись можно в личном кабинете.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Сообщение о нарушении: спасибо, проверяем",
        ("violation-report",),
        "Здравствуйте!\n\nСпасибо за сообщение № {номер}. Мы проверим его. Не подходите к повреждённым проводам и "
        "не пытайтесь что-то исправить сами.",
    ),
    (
        "Показания: уточните значение",
        ("meter-readings",),
        "Здравствуйте, {заявитель}!\n\nПоказания в заявке № {номер} заметно отличаются от прежних. Проверьте табло и "
        "напишите значение ещё раз, лучше с фотографией. До ответа мы их не учитываем.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Копии документов: нужно подтвердить право",
        ("document-copies",),
        "Здравствуйте!\n\nКопии по договору {договор} выдаём его владельцу или представителю. Приложите доверенность или "
        "другой документ, по которому вы действуете.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Счёт: уточните период и плательщика",
        ("invoice",),
        "Здравствуйте!\n\nЧтобы выставить счёт по договору {договор}, уточните период и реквизиты плательщика: "
        "в заявке № {номер} они указаны не полностью.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Опрос: спасибо за ответы",
        ("survey",),
        "Здравствуйте!\n\nСпасибо, что ответили на вопросы. Итоги опроса помогут нам решить, что улучшить в первую "
        "очередь.\n\nС уважением,\n{исполнитель}",
    ),
    (
        "Нет связи с заявителем",
        QUESTIONS,
        "Здравствуйте, {заявитель}!\n\nМы не смогли связаться с вами по заявке № {номер}. Напишите здесь, когда и как с вами "
        "лучше связаться.\n\nС уважением,\n{исполнитель}",
    ),
]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    grant(apps, schema_editor, GROUPS)
    make_replies(apps, alias)
    note_places(apps, alias)


def make_replies(apps, alias):
    replies = apps.get_model("requests_app", "CannedReply").objects.using(alias)
    services = apps.get_model("requests_app", "CannedReplyService").objects.using(alias)
    for title, slugs, text in REPLIES:
        reply = replies.create(title=title, text=text)
        services.bulk_create([services.model(reply=reply, service=slug) for slug in slugs])


def note_places(apps, alias):
    """As `PlaceKey.objects.note` does for a new request, by batches: there may be a million."""
    keys = apps.get_model("requests_app", "PlaceKey")
    rows = found(apps, alias)
    while batch := list(islice(rows, BATCH)):
        keys.objects.using(alias).bulk_create(
            [keys(service_request_id=pk, kind=kind, key=key) for pk, kind, key in batch], ignore_conflicts=True
        )


def found(apps, alias):
    requests = apps.get_model("requests_app", "ServiceRequest").objects.using(alias)
    reports = apps.get_model("requests_app", "ViolationReport").objects.using(alias)
    readings = apps.get_model("requests_app", "MeterReadings").objects.using(alias)
    named = requests.filter(is_anonymous=False)
    sources = [
        (requests.exclude(object_address=""), "object_address", "address", address_key),
        (reports, "place", "address", address_key),
        (named.exclude(contract_number=""), "contract_number", "contract", contract_key),
        (readings.exclude(typed_serial=""), "typed_serial", "serial", serial_key),
        (readings.exclude(new_serial=""), "new_serial", "serial", serial_key),
        (readings.exclude(meter=None), "meter__serial", "serial", serial_key),
    ]
    for rows, column, kind, made in sources:
        for pk, text in rows.values_list("pk", column).iterator():
            if key := made(text):
                yield pk, kind, key


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    revoke(apps, schema_editor, GROUPS)
    replies = apps.get_model("requests_app", "CannedReply").objects.using(alias)
    replies.filter(title__in=[title for title, _, _ in REPLIES]).delete()


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0026_one_page")]

    operations = [migrations.RunPython(create, remove)]
