"""Personal data in texts: numbers and addresses of people, found before anything is published."""

from transcription.personal_data.scan import SCANNER, PersonalData, PersonalDataFinding, scan

__all__ = ["SCANNER", "PersonalData", "PersonalDataFinding", "scan"]
