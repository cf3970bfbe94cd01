from requests_app.models.calendar import CalendarDay
from requests_app.models.term import ServiceTerm
from requests_app.models.request import NumberSequence, ReplyChannel, RequestDetail, ServiceRequest, StatusChange
from requests_app.models.message import Audience, Message, MessageKind
from requests_app.models.attachment import Attachment, FileAccess

# The detail models of the services; last, since they build on the ones above.
from requests_app import services  # noqa: F401  isort: skip

__all__ = [
    "Attachment",
    "Audience",
    "CalendarDay",
    "FileAccess",
    "Message",
    "MessageKind",
    "NumberSequence",
    "ReplyChannel",
    "RequestDetail",
    "ServiceRequest",
    "ServiceTerm",
    "StatusChange",
]
