"""The work of the flows as plain functions: they run, and are tested, without Prefect."""
