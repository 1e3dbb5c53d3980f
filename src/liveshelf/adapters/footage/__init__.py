"""Where the segments of moving pictures are kept, and the list of them."""
