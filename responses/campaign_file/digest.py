"""How two files are told to say the same: a digest of the document that they are read as."""

import hashlib
import json
from dataclasses import asdict


def digest(document):
    """Return the SHA-256 of a Document's content; places, order of keys and made-up response ids do not count."""
    content = asdict(document)
    for company in content["companies"]:
        company.pop("place")
        for response in company["responses"]:
            response.pop("place")
            response.pop("id")
    content.pop("closed")  # said by exports, implied by the day elsewhere
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
