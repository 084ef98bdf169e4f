"""Pure functions, frame in, frame out: one module a notebook. They read no file and draw nothing."""
