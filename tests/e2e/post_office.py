"""A real SMTP server that counts what arrives and has, where a test asks for it, bad days."""

import asyncio
import collections
import email
import email.policy
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from lib import mailsink


class PostOffice:
    """Keeps what it accepted: ``messages``, each an ``email.message.EmailMessage``, in order.

    ``refuse`` maps an address to the answers its next RCPT commands get (an empty text: accepted).
    ``cut`` holds addresses at whose message the line goes dead: in the middle of it ('middle') or
    after its end, when it is accepted and its sender has no answer yet ('end'). ``delay(address)``
    returns the seconds to take before a message is kept and, once it is, before saying so. The
    first messages wait until as many senders as ``meeting`` says are at the counter together.
    """

    def __init__(self):
        self.messages = []
        self._news = threading.Condition()  # a message was kept
        self.meeting = 1
        self._met = asyncio.Event()
        self._waiting = 0
        self.recover()

    def recover(self):
        """Have a good day from now on."""
        self.refuse = collections.defaultdict(list)
        self.cut = {}
        self.delay = lambda address: (0, 0)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        answers = self.refuse[address]
        if answers and (answer := answers.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        (address,) = envelope.rcpt_tos
        self._waiting += 1
        if self._waiting >= self.meeting:
            self._met.set()
        await self._met.wait()
        before, after = self.delay(address)
        await asyncio.sleep(before)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message["X-Envelope-To"] = address
        with self._news:
            self.messages.append(message)
            self._news.notify_all()
        if self.cut.pop(address, None):
            server.transport.abort()
        await asyncio.sleep(after)
        return "250 kept"

    def count(self):
        return len(self.messages)

    def wait_for(self, count, timeout):
        """Return when so many messages were kept; else after so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self.count() >= count, timeout)

    def arrived(self, name):
        """{value: count} of a header of all messages to customers.

        Odoo writes to its users too, over a queue of its own, which may repeat itself.
        """
        return collections.Counter(
            message[name]
            for message in self.messages
            if message["X-Envelope-To"].endswith("@customer.example")
        )


class Line(SMTP):
    """A connection to the post office, which may go dead in the middle of a message."""

    async def smtp_DATA(self, arg):
        cut = self.event_handler.cut
        if any(cut.get(address) == "middle" for address in self.envelope.rcpt_tos):
            for address in self.envelope.rcpt_tos:
                cut.pop(address)
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


class Door(Controller):
    """The post office's door: ``start()``, ``stop()``, and ``start()`` again at the same port."""

    def __init__(self):
        super().__init__(PostOffice(), hostname="127.0.0.1", port=mailsink.free_port())

    def factory(self):
        return Line(self.handler, **self.SMTP_kwargs)

    def reopen(self):
        self.loop = asyncio.new_event_loop()  # it was closed with the door
        self.start()
