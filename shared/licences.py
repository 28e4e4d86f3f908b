"""Numbers of licences and registrations as people write them; the unified social credit code by its check digit.

The code (GB 32100: 18 digits and capital letters without I, O, S, V, Z) says itself whether it was written rightly.
What has another form, an older registration or one of another country, is taken as it is.
"""

import re
from typing import Final

from stdnum.cn import uscc

from shared.texts import fold_identifier

_UNIFIED: Final = re.compile("[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
_LIKE_UNIFIED: Final = re.compile("[0-9A-Z]{18}", re.ASCII)
_SEPARATED: Final = re.compile("[- ]")
LONGEST: Final = 64


def licence_no(text: str) -> str:
    """The number in capitals and without spaces; a unified code without hyphens, too.

    Raises ValueError for 18 characters whose last one is not their check digit, and for what is too long or empty.
    """
    written = fold_identifier(text).upper().replace(" ", "")
    plain = _SEPARATED.sub("", written)
    if _LIKE_UNIFIED.fullmatch(plain):
        if not (_UNIFIED.fullmatch(plain) and uscc.calc_check_digit(plain[:-1]) == plain[-1]):
            raise ValueError("write the unified social credit code with its check digit, such as 91110000600037341L")
        return plain
    if not 1 <= len(written) <= LONGEST:
        raise ValueError(f"a licence number has 1 to {LONGEST} characters")
    return written


def licence_no_or_none(text: str) -> str | None:
    """The same for texts that may be anything."""
    try:
        return licence_no(text)
    except ValueError:
        return None
