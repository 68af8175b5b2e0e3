"""One database per service, SQLite or PostgreSQL alike: transactions, locks, migrations, and the tables every service has."""
