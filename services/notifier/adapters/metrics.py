"""The notifier's own metrics."""

from prometheus_client import Counter, Gauge, Histogram

MAILS = Counter("leerplek_mails_total", "Mails by what became of them at a try.", ["kind", "result"])
MAILS_WRITTEN = Counter("leerplek_mails_written_total", "Mails written.", ["kind", "channel"])
MAILS_RESENT = Counter("leerplek_mails_resent_total", "Mails sent again because nobody knows whether they arrived.")
DECISIONS = Counter("leerplek_alert_decisions_total", "What the stages decided.", ["stage", "verdict", "reason"])
WITHOUT_RECIPIENT = Gauge("leerplek_alerts_without_recipient", "Open alerts that reach nobody.")
UNWRITTEN = Gauge("leerplek_mails_unwritten", "Mails that cannot be written and are tried again.")
WRITING_BUGS = Counter("leerplek_mail_writing_bugs_total", "Times that a bug kept a mail from being written.", ["kind"])
OPEN_ALERTS_PASS_S = Histogram("leerplek_dispatch_seconds", "Time of one pass over the alerts that are due.")
ROUND_S = Histogram(
    "leerplek_digest_seconds", "Time of writing a morning's digests.", buckets=(0.1, 1, 5, 15, 30, 60, 120, 300, 900)
)
DEAD_LETTERS = Counter("leerplek_mails_dead_total", "Mails given up: refused for good, or tried for a day.", ["kind"])
ALARMS_WAITING = Gauge(
    "leerplek_dead_letters_waiting", "Mails given up of which the operator has yet to hear by some road."
)
MAIL_DELAY_S = Histogram(
    "leerplek_mail_delay_seconds",
    "From written to taken over by the mail server.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3600, 86400),
)
RETURNED = Counter("leerplek_mails_returned_total", "What came back by mail, by what became of it.", ["result"])
HOLIDAYS_LEFT = Gauge(
    "leerplek_school_holidays_days_left", "Days for which the school holidays of every part of the country are known."
)
