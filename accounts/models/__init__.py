from accounts.models.user import User
from accounts.models.consumer import Consumer, LegalForm
from accounts.models.second_factor import RecoveryCode, SecondFactor
from accounts.models.consent import ConsentAction, ConsentDocument, ConsentEvent, Purpose

__all__ = [
    "ConsentAction",
    "ConsentDocument",
    "ConsentEvent",
    "Consumer",
    "LegalForm",
    "Purpose",
    "RecoveryCode",
    "SecondFactor",
    "User",
]
