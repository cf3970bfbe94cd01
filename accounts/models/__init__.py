from accounts.models.user import User
from accounts.models.consumer import Consumer, LegalForm
from accounts.models.second_factor import RecoveryCode, SecondFactor
from accounts.models.consent import ConsentAction, ConsentDocument, ConsentEvent, Purpose
from accounts.models.data_view import Change, DataView, Look

__all__ = [
    "Change",
    "ConsentAction",
    "ConsentDocument",
    "ConsentEvent",
    "Consumer",
    "DataView",
    "LegalForm",
    "Look",
    "Purpose",
    "RecoveryCode",
    "SecondFactor",
    "User",
]
