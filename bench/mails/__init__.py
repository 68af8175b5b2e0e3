"""How fast people hear: 10,000 digests in the morning, and one critical signal on Kafka until the mail server has its mail."""
