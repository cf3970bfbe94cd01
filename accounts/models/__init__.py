from accounts.models.user import User
from accounts.models.consumer import Consumer, LegalForm
from accounts.models.consent import ConsentAction, ConsentDocument, ConsentEvent, Purpose

__all__ = [
    "ConsentAction",
    "ConsentDocument",
    "ConsentEvent",
    "Consumer",
    "LegalForm",
    "Purpose",
    "User",
]
