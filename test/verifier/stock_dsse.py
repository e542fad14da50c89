"""Verifies a DSSE file with securesystemslib alone: nothing here knows of Interlock.

    python stock_dsse.py ENVELOPE PUBLIC-KEY.pem

Prints the in-toto statement and ends with 0, or says `refused` and ends with 1.
"""

import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey


def main(envelope_file, key_file):
    """Verifies one file; the number is the exit code."""
    document = json.loads(Path(envelope_file).read_text("utf-8"))
    [signature] = document["signatures"]
    public_key = load_pem_public_key(Path(key_file).read_bytes())
    key = SSlibKey.from_crypto(public_key, keyid=signature["keyid"])
    try:
        envelope = Envelope.from_dict(document)
        envelope.verify([key], threshold=1)
    except (VerificationError, ValueError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    print(envelope.payload.decode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
