"""
The official codes of an appeal: form, category and outcome, as columns 5–29 of table 4.9 of Annex 7 to the Unified
standards of service (Order of the Ministry of Energy No. 186 of 15.04.2014). With them the regulator's tables are one
query.
"""

from django.db.models import TextChoices


class AppealForm(TextChoices):
    OFFICE = "office", "Очное обращение"
    PHONE = "phone", "Заочное, по телефону"
    INTERNET = "internet", "Заочное, через интернет"
    POST = "post", "Письменное, почтой"
    OTHER = "other", "Прочее"


class Category(TextChoices):
    """Kind × subject, in the order of columns 10–26; the value begins with the kind."""

    APPEAL_TRANSMISSION = "appeal_transmission", "Обращение: услуги по передаче электрической энергии"
    APPEAL_CONNECTION = "appeal_connection", "Обращение: технологическое присоединение"
    APPEAL_METERING = "appeal_metering", "Обращение: коммерческий учёт электрической энергии"
    APPEAL_SERVICE = "appeal_service", "Обращение: обслуживание потребителей"
    APPEAL_MAINTENANCE = "appeal_maintenance", "Обращение: техническое обслуживание электросетевых объектов"
    APPEAL_OTHER = "appeal_other", "Обращение: прочее"
    COMPLAINT_TRANSMISSION = "complaint_transmission", "Жалоба: качество услуг по передаче электрической энергии"
    COMPLAINT_ENERGY = "complaint_energy", "Жалоба: качество электрической энергии"
    COMPLAINT_CONNECTION = "complaint_connection", "Жалоба: технологическое присоединение"
    COMPLAINT_METERING = "complaint_metering", "Жалоба: коммерческий учёт электрической энергии"
    COMPLAINT_SERVICE = "complaint_service", "Жалоба: качество обслуживания потребителей"
    COMPLAINT_MAINTENANCE = "complaint_maintenance", "Жалоба: техническое обслуживание электросетевых объектов"
    COMPLAINT_OTHER = "complaint_other", "Жалоба: прочее"
    APPLICATION_CONNECTION = "application_connection", "Заявка: технологическое присоединение"
    APPLICATION_CONTRACT = "application_contract", "Заявка: договор на услуги по передаче"
    APPLICATION_METERING = "application_metering", "Заявка: организация коммерческого учёта"
    APPLICATION_OTHER = "application_other", "Заявка: прочее"


class Outcome(TextChoices):
    IN_TIME = "in_time", "Исчерпывающий ответ в установленные сроки"
    LATE = "late", "Исчерпывающий ответ с нарушением сроков"
    NO_ANSWER = "no_answer", "Обращение оставлено без ответа"


class RefusalReason(TextChoices):
    """When an appeal is not considered on its merits; each refusal also has a text for the consumer."""

    ABUSIVE = "abusive", "Оскорбления или угрозы"
    REPEATED = "repeated", "На вопрос уже ответили, новых доводов нет"
    SECRET = "secret", "Ответ раскрыл бы охраняемые законом сведения"
    NOT_OURS = "not_ours", "Вопрос не к нашей организации"
    NO_RIGHT = "no_right", "Не подтверждено право заявителя"
    OTHER = "other", "Иная причина"
    UNPROVEN = "unproven", "Нарушение не подтвердилось"


USUAL_REASONS = tuple(reason for reason in RefusalReason if reason != RefusalReason.UNPROVEN)
