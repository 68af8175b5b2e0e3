"""What the matcher does with what arrives: batches from the stream, and suggestions from its own looking."""
