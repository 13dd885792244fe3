"""The manage screen: how the work stands, who is missing, how people do, what is owed, what was taken back."""
