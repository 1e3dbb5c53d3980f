"""Outside media servers that take pictures in our stead: what their callbacks say."""
