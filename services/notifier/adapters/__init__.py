"""The notifier's technology: tables and store, letters laid out with Jinja, SMTP, metrics."""
