"""What every HTTP service has: problems in Dutch, health, idempotent requests, pages in one style."""
