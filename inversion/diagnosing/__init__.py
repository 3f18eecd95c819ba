"""In come a solved problem and its innovations; out goes what each test of its stated errors says."""
