"""A page that follows a run under way, and the buttons to steer it."""
