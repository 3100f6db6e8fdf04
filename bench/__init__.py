"""What a case costs, as ratios against the bare engine in the same run: `python -m bench`."""
