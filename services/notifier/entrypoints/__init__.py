"""The doors of the notifier: HTTP, pages, the stream, and the two loops that write mails and send them."""
