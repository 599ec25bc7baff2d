"""What NumPy raises for files of arrays that are damaged, or were never any."""

from __future__ import annotations

import tokenize
import zipfile
import zlib

# Of an archive's directory (methods and versions that there are not, encryption), of a compressed member, and of a
# header, which is read as a Python literal and may ask for more than there is memory.
UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,
    ArithmeticError,
    MemoryError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
