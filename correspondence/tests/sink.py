"""A mail server that takes everything and writes each mail's Message-ID into a ledger before it says 250.

LEDGER.seen has a line for every mail that it was given, taken or not: Message-ID, SHA-256 of its bytes, recipients.
python -m correspondence.tests.sink LEDGER '{"lost_reply": 50}' prints its port and runs until it is ended. Options:

delay           seconds before the last answer
lost_reply      every so many mails: written to the ledger, then the connection is cut instead of the answer
busy            every so many mails: 451 instead of 250
busy_while      a file's path: 451 instead of 250 while there is such a file
spam            true: 554 instead of 250
dead            a regular expression: recipients that it finds do not exist (550); LEDGER.dead has their addresses
slow            [a regular expression, seconds]: mail to recipients that it finds is answered so much later
cut_in_data     every so many mails: the connection is cut after 354
cut_at_connect  every so many connections: cut at once
"""

import asyncio
import hashlib
import json
import os
import re
import sys

from aiosmtpd.smtp import SMTP, syntax


class Plan:
    """What goes wrong, and when."""

    def __init__(self, options):
        self.options, self.counts = options, {}

    def nth(self, what):
        """Say whether it is this one's turn."""
        self.counts[what] = self.counts.get(what, 0) + 1
        every = self.options.get(what)
        return bool(every) and self.counts[what] % every == 0


class Ledger:
    """Takes mails: aiosmtpd's handler."""

    def __init__(self, path, plan):
        self.plan = plan
        self.file, self.seen, self.dead = (
            os.open(f"{path}{end}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for end in ("", ".seen", ".dead")
        )

    async def handle_RCPT(self, server, session, envelope, address, options):
        dead = self.plan.options.get("dead")
        if dead and re.search(dead, address):
            os.write(self.dead, address.encode() + b"\n")
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.plan.options.get("delay"):
            await asyncio.sleep(self.plan.options["delay"])
        where, seconds = self.plan.options.get("slow", ("$^", 0))
        if any(re.search(where, address) for address in envelope.rcpt_tos):
            await asyncio.sleep(seconds)
        found = re.search(rb"^Message-ID: (\S+)", envelope.content, re.MULTILINE | re.IGNORECASE)
        digest = hashlib.sha256(envelope.content).hexdigest()
        os.write(self.seen, " ".join([found[1].decode(), digest, ",".join(envelope.rcpt_tos)]).encode() + b"\n")
        if self.plan.nth("busy") or os.path.exists(self.plan.options.get("busy_while", "")):
            return "451 later"
        if self.plan.options.get("spam"):
            return "554 5.7.1 this is spam"
        os.write(self.file, found[1] + b"\n")
        if self.plan.nth("lost_reply"):
            server.transport.abort()
        return "250 OK"


class Connection(SMTP):
    """One connection to the sink."""

    def connection_made(self, transport):
        if self.event_handler.plan.nth("cut_at_connect"):
            transport.abort()
        else:
            super().connection_made(transport)

    @syntax("DATA")
    async def smtp_DATA(self, arg):
        if self.event_handler.plan.nth("cut_in_data"):
            await self.push("354 go on")
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


async def main(path, options):
    loop = asyncio.get_running_loop()
    ledger = Ledger(path, Plan(options))
    server = await loop.create_server(lambda: Connection(ledger, hostname="sink.example", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
