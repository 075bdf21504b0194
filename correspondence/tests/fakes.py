"""A relay that keeps what it is given and answers as told."""

from correspondence.relay import Answer

OK = Answer(250, "OK")


class FakeRelay:
    """`answers`: {address: Answer to RCPT}; `mail` the answer to MAIL; `last` the answer to DATA, or an exception."""

    def __init__(self, answers=None, mail=OK, last=OK, opening=None):
        self.answers, self.mail, self.last, self.opening = answers or {}, mail, last, opening
        self.sent, self.opened, self.resets, self.addresses = [], 0, 0, []

    def open(self):
        self.opened += 1
        if self.opening:
            raise self.opening

    def envelope(self, sender, addresses):
        self.sender, self.addresses = sender, addresses
        if self.mail.code != 250:
            return self.mail, {}
        return self.mail, {address: self.answers.get(address, OK) for address in addresses}

    def data(self, mime, name):
        if isinstance(self.last, Exception):
            raise self.last
        if self.last.code == 250:
            self.sent.append((tuple(self.addresses), mime))
        return self.last

    def reset(self):
        self.resets += 1

    def close(self):
        pass

    drop = close
