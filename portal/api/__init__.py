"""The JSON API for ML teams' programs: versions, files, figures, states, runs and schedules, under /api/v1."""
