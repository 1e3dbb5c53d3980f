"""What makes the reference pages: each module turns something that the code declares into Markdown or JSON."""
