"""My work: each text and decision of a person, its fate and what it earned; the month, its payslip, questions."""
