"""Puts the service together. Nothing is created at import and nothing connects before the service is run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.adapters.gauges import PrometheusGauges
from services.notifications.adapters.smtp import LOOK_SHARE, Server, SmtpMailer
from services.notifications.adapters.wording import JinjaWording
from services.notifications.application.forget_contact import ForgetContact
from services.notifications.application.mail_server import MailServer
from services.notifications.application.open_notice import OpenNotice
from services.notifications.application.ports import Mailer
from services.notifications.application.read_deliveries import ReadDeliveries
from services.notifications.application.read_inbox import ReadInbox
from services.notifications.application.rebuild_contacts import RebuildContacts
from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.record_contact import RecordContact
from services.notifications.application.release_held import ReleaseHeld
from services.notifications.application.release_waiting import ReleaseWaiting
from services.notifications.application.remember_case import RememberCase
from services.notifications.application.resend_failed import ResendFailed
from services.notifications.application.retry_delivery import RetryDelivery
from services.notifications.application.retry_failed import RetryFailed
from services.notifications.application.send_delivery import SendDelivery
from services.notifications.application.stores import INDEXED, Stores
from services.notifications.application.tell import Tell
from services.notifications.application.wake_delivery import WakeDelivery
from services.notifications.domain.delivery import MAIL_SERVER, PUT_OFF
from services.notifications.entrypoints.events import Listening, contacts_from
from services.notifications.entrypoints.http import TAGS
from services.notifications.entrypoints.http.deliveries import deliveries_router
from services.notifications.entrypoints.http.inbox import inbox_router
from services.notifications.entrypoints.sender import DeliverySender
from services.notifications.settings import NotificationsSettings
from shared.messaging.subscription import Subscription
from shared.runtime.assembly import Assembly, BuiltService, Replaced
from shared.runtime.rebuilding import View
from shared.store import Alarm, Kind, Store

DESCRIPTION = (
    "Who must be told what: everybody reads their own inbox here, and officers see every delivery, "
    "what waits and for whom, and what failed and why. Mails go out as events happen."
)


def build(
    settings: NotificationsSettings, replaced: Replaced | None = None, *, mailer: Mailer | None = None
) -> BuiltService:
    """The notifications service; `replaced` and `mailer` are parts the caller brings instead of the settings' own."""
    assembly = Assembly("notifications", settings, replaced)
    clock, times = assembly.clock, settings.times
    wording = JinjaWording(ZoneInfo(settings.zone))
    smtp = smtp_mailer(settings, wording)
    sender = DeliverySender(workers=settings.send_workers, queue=settings.send_queue, on_stop=smtp.close)

    def make(kind: Kind[Any]) -> Store[Any]:
        return assembly.store(kind, indexed=INDEXED[kind.name])

    stores = Stores.made_by(make)
    assembly.shows(stores.deliveries, "state", ("waiting", "queued", "failed"))
    assembly.shows(stores.deliveries, "waiting_for", (MAIL_SERVER, PUT_OFF))
    gauges = PrometheusGauges(assembly.metrics)
    release = ReleaseWaiting(stores, clock, times, sender, gauges)
    resend = ResendFailed(stores, clock, times, sender, timedelta(days=settings.resend_days))
    recent = RecentlyRead(stores, clock)
    server = MailServer(clock, settings.looks, grace=times.lease)
    release_held = ReleaseHeld(stores, clock, times, sender)
    send = SendDelivery(
        stores=stores,
        recent=recent,
        clock=clock,
        times=times,
        plan=settings.retry_plan,
        longest=timedelta(seconds=(1 + LOOK_SHARE) * settings.smtp_timeout_seconds),
        mailer=mailer or smtp,
        server=server,
        wording=wording,
        gauges=gauges,
        release=release,
        release_held=release_held,
        resend=resend,
    )
    sender.sends_with(send)
    wake = WakeDelivery(stores, clock, times, sender, server, release, release_held, resend)
    listening = Listening(
        tell=Tell(stores, clock, times, sender, gauges, release, recent),
        record_contact=RecordContact(stores, release, resend, recent),
        forget_contact=ForgetContact(stores, recent),
        remember_case=RememberCase(stores, release),
    )
    again = RebuildContacts(stores, recent, release, resend)

    def contacts_into(beside: Store[Any]) -> Subscription:
        return contacts_from(*again.into(beside))

    return assembly.service(
        DESCRIPTION,
        routers=(
            inbox_router(ReadInbox(stores, wording), OpenNotice(stores, clock)),
            deliveries_router(
                ReadDeliveries(stores),
                RetryDelivery(stores, clock, times, sender),
                RetryFailed(stores, clock, times, sender),
            ),
        ),
        subscriptions=listening.subscriptions(),
        alarms=(Alarm(stores.deliveries, wake),),
        parts=(sender,),
        tags=TAGS,
        views=(View(stores.contacts, contacts_into, again.settle),),
    )


def smtp_mailer(settings: NotificationsSettings, wording: JinjaWording) -> SmtpMailer:
    """The mailer of these settings. It connects when the first mail is sent."""
    password = settings.smtp_password
    server = Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=password.get_secret_value() if password is not None else None,
        tls=settings.smtp_tls,
        timeout=settings.smtp_timeout_seconds,
    )
    return SmtpMailer(server, sender=settings.mail_from, domain=settings.mail_domain, html=wording.html)
