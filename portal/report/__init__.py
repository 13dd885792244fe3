"""The report: a project, or a span of its days, on one HTML page that stands alone, to look at and to listen to."""
