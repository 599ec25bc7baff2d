"""From clips to score rows: load, forward, judge, keep. `experiments.score.score` is the way in."""
