"""What the mapper and the hand-written functions are measured against."""
