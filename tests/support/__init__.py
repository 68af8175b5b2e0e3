"""What tests share: waiting for an effect, factories, and the like."""
