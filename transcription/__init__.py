"""People writing down what they hear: text rules, queue, agreement, review."""
