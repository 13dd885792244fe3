"""What a recording is worth: measures first, and apart from them the verdict that a recipe's thresholds give."""
