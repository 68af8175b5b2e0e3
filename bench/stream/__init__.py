"""The running matcher under load: how soon events are answered, what is lost, how good the plan stays."""
