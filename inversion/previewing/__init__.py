"""In comes what is known before anything expensive; out goes what a run would tell, and what it costs."""
