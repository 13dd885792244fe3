"""The pages of news: what is new for somebody, what the week asks of them, and where else they hear of it."""
