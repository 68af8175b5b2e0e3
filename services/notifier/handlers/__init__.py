"""The notifier's commands and the events it learns from: one function each."""
