"""Sentences in every language: one that is kept as it is, one that is put right, one that is refused and why."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import REPOSITORY
from transcription.rules.guideline import Guideline, load_guidelines
from transcription.rules.language import Language, load_languages

CONFIGS: Path = REPOSITORY / "configs"


@cache
def languages() -> dict[str, Language]:
    return load_languages(CONFIGS / "languages")


@cache
def guidelines() -> dict[str, Guideline]:
    return load_guidelines(CONFIGS, languages())


@dataclass(frozen=True, slots=True)
class Case:
    kept: str
    typed: str
    tidied: str
    refused: str
    code: str


CASES: dict[str, Case] = {
    "as": Case("মই কালি বজাৰলৈ গৈছিলোঁ।", "বজারলৈ যাওঁ |", "বজাৰলৈ যাওঁ।", "মই school যাওঁ", "english_word"),
    "bn": Case("র\u200d্যাব কাল বাড়ি এসেছে।", "হঠাত্\u200d বৃষ্টি এল |", "হঠাৎ বৃষ্টি এল।", "আমি ৰবি", "character"),
    "brx": Case("आं दिनै हाथायाव थांगोन।", "बरʼ  थांगोन |", "बरʼ थांगोन।", "आं ২৫ जन", "numeral"),
    "doi": Case("मैं कल्ल बजार गेआ हा।", "मैं  गेआ हा |", "मैं गेआ हा।", "मैं market गेआ", "english_word"),
    "en-IN": Case(
        "I went to the market, didn't I?", "It’s  late .", "It's late.", "25 people came", "numeral"
    ),
    "gu": Case("હું કાલે બજારમાં ગયો હતો.", "અેક માણસ અાવ્યો.", "એક માણસ આવ્યો.", "હું market ગયો", "english_word"),
    "hi": Case("मैं कल बाज़ार गया था, और तुम?", "क्\u200dया हुआ  |", "क्या हुआ।", "मरीज 45 साल का", "numeral"),
    "kn": Case("ಬಾಲಕ ಇಂಟರ್\u200cನೆಟ್ ನೋಡಿದ.", "ಕ\u0cc2\u0cc6ಡು", "ಕೊಡು", "bus ಬಂತು", "english_word"),
    "kok": Case("हांव काल बाजारांत गेल्लों.", "अॅप उगड .", "ॲप उगड.", "हांव १० वर्सां", "numeral"),
    "ks": Case("بہٕ گوس بازار۔", "كتاب ؟", "کتاب؟", "بہٕ 10 گوس", "numeral"),
    "mai": Case("हम काल्हि हाट गेल रही।", "ओ  गेल |", "ओ गेल।", "हम 5 गोटे", "numeral"),
    "ml": Case("എന്റെ വീട് പാലക്കാട് ആണ്.", "ഞാന്\u200d അവന്\u200dറെ", "ഞാൻ അവൻറെ", "10 പേർ വന്നു", "numeral"),
    "mni": Case("ꯑꯩ ꯀꯩꯊꯦꯜꯗ ꯆꯠꯂꯤ꯫", "ꯑꯩ  ꯆꯠꯂꯤ |", "ꯑꯩ ꯆꯠꯂꯤ꯫", "ꯑꯩ ꯱꯰ ꯆꯠꯂꯤ", "numeral"),
    "mr": Case("दर्\u200dया खोल आहेत, मुली.", "अॅप उघडा .", "ॲप उघडा.", "२५ माणसे आली", "numeral"),
    "ne": Case("उसले काम गर्\u200dयो।", "ऊ घर गयो |", "ऊ घर गयो।", "ऊ क़लम", "rare_letter"),
    "or": Case("ମୁଁ କାଲି ବଜାରକୁ ଯାଇଥିଲି।", "ୟୁରୋପ ଯ\u0b3cେ |", "ୟୁରୋପ ୟେ।", "ମୁଁ ୨୫ ଜଣ", "numeral"),
    "pa": Case("ਮੈਂ ਕੱਲ੍ਹ ਬਾਜ਼ਾਰ ਗਿਆ ਸੀ।", "ੲਿਹ ਘਰ ਹੈ |", "ਇਹ ਘਰ ਹੈ।", "मैं ਘਰ ਗਿਆ", "character"),
    "sa": Case("अहं ग्रामं गच्छामि।", "रामः  गच्छति |", "रामः गच्छति।", "क़लम", "character"),
    "sat": Case("ᱤᱧ ᱦᱟᱴ ᱪᱟᱞᱟᱜ ᱠᱟᱱᱟ᱾", "ᱤᱧ  ᱪᱟᱞᱟᱜ ᱠᱟᱱᱟ |", "ᱤᱧ ᱪᱟᱞᱟᱜ ᱠᱟᱱᱟ᱾", "ᱤᱧ আমি", "character"),
    "sd": Case("مان ڪالھ بازار ويس۔", "هي كتاب آهی ؟", "هي ڪتاب آهي؟", "ٹوپي", "character"),
    "sw": Case("Ng'ombe wangu anakula majani.", "Ng’ombe  wangu .", "Ng'ombe wangu.", "miaka 14", "numeral"),
    "ta": Case("நான் நேற்று சந்தைக்குப் போனேன்.", "ஸ்ரீ க\u0bbe\u0bc6டு .", "ஶ்ரீ கொடு.", "10 பேர்", "numeral"),
    "te": Case("సాఫ్ట్\u200cవేర్ బాగా పనిచేస్తుంది.", "\ufeffమా  ఊరు .", "మా ఊరు.", "hospital కి వెళ్ళాను", "english_word"),
    "ur": Case("میں کل بازار گیا تھا۔", "يہ كتاب ہے ?", "یہ کتاب ہے؟", "میں 10 روپے", "numeral"),
    "yo": Case("Mo ra ọkọ̀ tuntun ní ọjà.", "o\u0329ko\u0329\u0300 mi .", "ọkọ̀ mi.", "ọdún 14", "numeral"),
}
